"""Texts about ways on the street network."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "way_position": (
        "the position in row {row} is no number; expected metres of the city's CRS",
        "第 {row} 行的位置不是数字；应为本市坐标系的米",
    ),
    "way_engine": (
        "{value!r} needs routingkit_cch: pip install 'gridwarden[routing]'",
        "{value!r} 需要 routingkit_cch：pip install 'gridwarden[routing]'",
    ),
    "way_order": (
        "this is no order of the {nodes} nodes of this network, each once",
        "该顺序与本路网的 {nodes} 个节点不符（每个节点应恰好出现一次）",
    ),
    "way_off": ("off the network: {away_m:.0f} m from the nearest street", "不在路网上：距最近的道路 {away_m:.0f} 米"),
    "way_closed": ("closed: the way leads through {street}", "道路封闭：须经过 {street}"),
    "way_one_way": (
        "one-way: the way leads through {street} against its direction",
        "单行道：须逆行通过 {street}",
    ),
    "way_class": (
        "not passable this way of moving: the way leads through {street}",
        "该出行方式不能通行：须经过 {street}",
    ),
    "way_component": (
        "not joined to the other streets; the nearest that is joined is {street}, {gap_m:.0f} m away",
        "与其他道路不相连；最近的相连道路是 {street}，相距 {gap_m:.0f} 米",
    ),
}
