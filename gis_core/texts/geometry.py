"""Texts about coordinates and shapes."""

from gis_core.texts.catalogue import Text

CHECKS: dict[str, Text] = {
    "check_level_unknown": ("{code}: the city has no grid level {level!r}", "{code}：城市没有网格层级 {level!r}"),
    "check_code_form": (
        "{code}: not the form of a {level} code, which is {other}",
        "{code}：不符合层级 {level} 的编码格式 {other}",
    ),
    "check_code_twice": ("{code}: used twice in level {level}", "{code}：在层级 {level} 中重复"),
    "check_polygon_invalid": ("{code}: its polygon is empty or crosses itself", "{code}：多边形为空或自相交"),
    "check_overlap": (
        "{code} and {other} overlap by {amount:.1f} m² at {lon:.6f}, {lat:.6f}",
        "{code} 与 {other} 重叠 {amount:.1f} 平方米，位于 {lon:.6f}, {lat:.6f}",
    ),
    "check_gap": (
        "a gap of {amount:.1f} m² between the cells of level {level} at {lon:.6f}, {lat:.6f}",
        "层级 {level} 的网格之间有 {amount:.1f} 平方米空隙，位于 {lon:.6f}, {lat:.6f}",
    ),
    "check_overlap_sliver": (
        "{code} and {other} overlap by a sliver of {amount:.2f} m² at {lon:.6f}, {lat:.6f}",
        "{code} 与 {other} 有 {amount:.2f} 平方米的狭长重叠，位于 {lon:.6f}, {lat:.6f}",
    ),
    "check_gap_sliver": (
        "a sliver of {amount:.2f} m² between the cells of level {level} at {lon:.6f}, {lat:.6f}",
        "层级 {level} 的网格之间有 {amount:.2f} 平方米的狭长缝隙，位于 {lon:.6f}, {lat:.6f}",
    ),
    "check_code_order": (
        "{code}: numbered after its neighbour {other}, but lies north of it, or west of it in the same row",
        "{code}：编号在相邻网格 {other} 之后，位置却在其以北，或在同一行的以西",
    ),
    "check_code_prefix": (
        "{code}: does not begin like {other}, in which it lies",
        "{code}：编码开头与所在上级网格 {other} 不一致",
    ),
    **{
        f"check_bound_{side}": (
            f"{{code}}: by its paper it ends at {{other}} in the {side}; only {{amount}}{{unit}} of that side does",
            f"{{code}}：四至不符：{zh}至{{other}}，{zh}侧边界仅 {{amount}}{{unit}} 沿该道路；请核对边界或修改四至",
        )
        for side, zh in (("east", "东"), ("north", "北"), ("west", "西"), ("south", "南"))
    },
    "check_bound_unknown": (
        "{code}: it is said to end at a street that does not exist: {other}",
        "{code}：四至所写道路不存在：{other}",
    ),
    "check_in_parts": ("{code}: in {amount:.0f} parts", "{code}：由 {amount:.0f} 个不相连的部分组成"),
    "check_uncovered": (
        "{code}: {amount:.1f} m² are in no cell of level {other} at {lon:.6f}, {lat:.6f}",
        "{code}：有 {amount:.1f} 平方米不在任何 {other} 层级网格内，位于 {lon:.6f}, {lat:.6f}",
    ),
    "check_parent_none": ("{code}: lies in no cell of the level above", "{code}：不在任何上级网格内"),
    "check_parent_unknown": (
        "{code}: its parent {other!r} is not a cell of the level above",
        "{code}：上级网格 {other!r} 不在上一层级中",
    ),
    "check_parent_differs": (
        "{code}: its parent is {other}, but another cell holds more of it ({amount:.1f} m² lie outside)",
        "{code}：上级网格为 {other}，但其大部分位于其他网格（{amount:.1f} 平方米在外）",
    ),
    "check_outside_parent": (
        "{code}: {amount:.1f} m² lie outside its parent {other}",
        "{code}：有 {amount:.1f} 平方米超出上级网格 {other}",
    ),
    "check_stated_area": (
        "{code}: the stated area differs from the polygon's by {amount:.1f} %",
        "{code}：填报面积与图形面积相差 {amount:.1f} %",
    ),
}

TEXTS: dict[str, Text] = {
    "datum_unknown": (
        "{field}: there is no coordinate system {value!r}; expected one of: {expected}",
        "{field}：没有坐标系 {value!r}；可用：{expected}",
    ),
    **CHECKS,
}
