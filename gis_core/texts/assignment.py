"""Texts about the assignment of issues: rules, flags, faults of candidates and reasons for rejection and checks."""

from gis_core.texts.catalogue import Text

RULES: dict[str, Text] = {
    "rule_named_component": ("the component named by the category: its maintainer", "类别指明的部件：由养护单位负责"),
    "rule_front_door": ("before a shop's door: the shop", "位于门前责任区内：由该店铺负责"),
    "rule_place_operator": ("inside a place: its operator", "位于场所内：由运营管理方负责"),
    "rule_point_contract": ("contract for a point", "按点承包"),
    "rule_section_contract": ("contract for a section of the street", "按路段承包"),
    "rule_area_contract": ("contract for the road, block, area, grid or city", "按路、片、块、网格或全市承包"),
    "rule_grid_holder": ("the grid's holder", "网格责任人"),
    "rule_territorial_fallback": ("territorial fallback", "属地兜底"),
}

FLAGS: dict[str, Text] = {
    "flag_snapped": (
        "in no lowest grid; the nearest within the tolerance was taken",
        "不在任何末级网格内，已归入容差内最近的网格",
    ),
    "flag_queue": (
        "in no lowest grid; waits in the queue of the enclosing one",
        "不在任何末级网格内，进入上级网格待派队列",
    ),
    "flag_border_street": ("on a border street, which belongs whole to one side", "位于界路上，整条道路归其中一侧"),
    "flag_several_grids": (
        "several grids cover the point; the smallest code was taken",
        "有多个网格覆盖该点，取编码最小者",
    ),
    "flag_parent_differs": ("the grid levels disagree here", "各级网格在此处不一致"),
    "flag_no_street": ("no street near", "附近没有道路"),
    "flag_no_contractor": ("the contract names no contractor", "合同未写明承包单位"),
    "flag_inside_lines": (
        "inside painted lines that allow it: no violation",
        "位于划线区域内，按规定不属违规",
    ),
    "flag_no_parking": ("on ground painted against parking", "位于禁停区域内"),
}

FAULTS: dict[str, Text] = {
    "fault_fits": ("fits", "符合"),
    "fault_not_in_force": ("not in force on {day}", "{day} 不在有效期内"),
    "fault_other_duty": ("does not cover this category", "不负责该类别"),
    "fault_beyond_radius": ("farther away than its radius", "超出其半径"),
    "fault_before_start": ("before the start of the section", "在路段起点之前"),
    "fault_after_end": ("after the end of the section", "在路段终点之后"),
    "fault_other_side": ("on the other side of the street", "在道路另一侧"),
    "fault_beyond_extent": ("beyond its extent from the street's centre line", "超出距道路中心线的范围"),
    "fault_nobody_named": ("names nobody who answers", "未写明责任方"),
    "fault_ranked_behind": ("fits, but another ranks before it", "符合，但排在其他候选之后"),
    "fault_later_rule": ("fits, but an earlier rule has answered", "符合，但前面的规则已有答案"),
    "fault_larger_code": ("covers the point, but another code is smaller", "覆盖该点，但另有更小的编码"),
    "fault_border_side": (
        "covers the point, but the street belongs whole to another side",
        "覆盖该点，但该道路整条归另一侧",
    ),
    "fault_farther": ("farther than the nearest", "比最近的更远"),
    "fault_won": ("answers", "由其负责"),
}

REJECTS: dict[str, Text] = {
    "issue_no_position": (
        "no readable position: longitude {lon}, latitude {lat}",
        "坐标不可用：经度 {lon}，纬度 {lat}",
    ),
    "issue_no_time": ("no time of report", "缺少上报时间"),
    "issue_closed_before_reported": ("closed before it was reported", "结案时间早于上报时间"),
    "issue_category_unknown": (
        "category {category!r} is not in scheme {scheme!r}; load it with `gridwarden load categories`",
        "类别 {category!r} 不在分类体系 {scheme!r} 中；请先用 `gridwarden load categories` 导入",
    ),
    "issue_contradicts": (
        "issue {key!r} of source {source!r} is stored already with another place, time or category; that one was kept",
        "来源 {source!r} 的问题 {key!r} 已入库，但地点、时间或类别不同；已保留原记录",
    ),
    "no_shops": (
        "there is no shop among the places in force: load places of type shop first",
        "现行场所中没有门店，请先导入类型为 shop 的场所",
    ),
    "strips_waiting": (
        "Front-of-door strips are of version {version}, outdated since; they are being drawn again.",
        "门前责任区依据第 {version} 版划定，此后有变更，正在重新划定。",
    ),
    "strips_given_up": (
        "Front-of-door strips are of version {version}, outdated since, and could not be drawn again: {reason}.",
        "门前责任区依据第 {version} 版划定，此后有变更，但未能重新划定：{reason}。",
    ),
    "strips_stopped": ("somebody stopped it", "已被人工停止"),
    "strips_rejected": (
        "{count} of the drawn strips cannot be kept, the first {strip}: {reason}",
        "推算的责任区有 {count} 处无法保存，首处 {strip}：{reason}",
    ),
    "no_ground": (
        "no cell of the top level is in force, so strips have no ground: load grids with `gridwarden load grids FILE`",
        "现行网格中没有最高层级的单元，责任区无从绘制；请先用 `gridwarden load grids 文件` 导入网格",
    ),
    "walls_not_kept": (
        "{field}: strips that are kept end at the stored walls; first `gridwarden load walls {value}`",
        "{field}：保存的责任区以库内建筑与围墙为准，请先用 `gridwarden load walls {value}` 导入该文件",
    ),
    "lots_not_kept": (
        "{field}: strips that are kept go by the stored lots; load {value} as walls first, its column `kind` all lot",
        "{field}：保存的责任区以库内宗地为准，请先将 {value} 导入 walls，并把 kind 列设为 lot，否则会被当作建筑",
    ),
    "lot_no_area": (
        "a lot is a polygon; this is a line, of which no ground is anybody's",
        "宗地（lot）必须是面；此处为线，不能划定范围",
    ),
    "forgets_alone": (
        "--forget stands alone: it withdraws the strips that are kept, and draws none",
        "--forget 须单独使用：它撤销已保存的责任区，不重新划定",
    ),
    "no_grids": (
        "the territory has no grids; load them first with `gridwarden load grids FILE`",
        "尚无网格；请先用 `gridwarden load grids 文件` 导入",
    ),
}

TOLD: dict[str, Text] = {
    "told_responsible": ("responsible", "责任方"),
    "told_because": ("because", "理由"),
    "told_contractor": ("contractor", "承包单位"),
    "told_handles": ("handles it", "处置"),
    "told_supervises": ("supervises", "主管"),
    "told_owns": ("owns", "权属"),
    "told_holds": ("holds the territory", "属地"),
    "told_queue_of": ("queue of", "待派队列："),
    "told_step_grid": ("grid", "网格"),
    "told_step_street": ("street", "道路"),
}

CHECKS: dict[str, Text] = {
    "check_unknown_shop": (
        "{code} is about shop {other!r}, which does not exist or is closed",
        "{code} 所写店铺 {other!r} 不存在或已停业",
    ),
    "check_plate_twice": ("{code}: plate {other} hangs at another shop too", "{code}：责任牌 {other} 与其他店铺重复"),
    "check_two_agreements": (
        "{code}: shop {other} has another agreement at the same time",
        "{code}：店铺 {other} 同时另有责任书",
    ),
    "check_agreement_over": ("{code}: the agreement of shop {other} is over", "{code}：店铺的责任书已到期（{other}）"),
    "check_renewal_due": ("{code}: renew it, shop {other}", "{code}：责任书即将到期，请续签（{other}）"),
    "check_shop_without_strip": (
        "{code}: this shop has no strip: no kerb within reach, or a wall before it; have one drawn (layer frontages)",
        "{code}：该店铺没有责任区（附近无路缘或被建筑遮挡），请人工划定（frontages 图层）",
    ),
    "check_strips_overlap": (
        "{code} and {other}: official strips share {amount} {unit}",
        "{code} 与 {other}：划定的责任区重叠 {amount} {unit}",
    ),
    "check_no_holder": ("{code}: nobody holds it", "{code}：没有责任人"),
    "check_no_deputy": ("{code}: its holder has no deputy", "{code}：责任人没有替补（副职）"),
    "check_unknown_party": ("{code} names party {other!r}, which does not exist", "{code} 所写责任方 {other!r} 不存在"),
    "check_unknown_grid": ("{code} names grid {other!r}, which does not exist", "{code} 所写网格 {other!r} 不存在"),
    "check_unknown_street": ("{code} names street {other!r}, which does not exist", "{code} 所写道路 {other!r} 不存在"),
    "check_unknown_place": ("{code} names place {other!r}, which does not exist", "{code} 所写场所 {other!r} 不存在"),
    "check_unknown_duty": (
        "{code} has duty {other!r}, which names no category",
        "{code} 的职责 {other!r} 没有对应类别",
    ),
    "check_empty_section": (
        "{code}: its section {other} m holds no ground; from_m must be less than to_m and lie on the street",
        "{code}：路段 {other} 米为空；from_m 应小于 to_m 且位于道路之上",
    ),
    "check_no_geometry": ("{code}: a contract of this kind needs a geometry", "{code}：此类合同需要几何范围"),
    "check_no_radius": ("{code}: a point contract needs a radius_m above 0", "{code}：按点承包需要大于 0 的 radius_m"),
    "check_nobody_answers": (
        "{code} names neither a contractor nor a responsible party",
        "{code} 既无承包单位也无责任方",
    ),
}

TEXTS: dict[str, Text] = {**TOLD, **CHECKS, **RULES, **FLAGS, **FAULTS, **REJECTS}
