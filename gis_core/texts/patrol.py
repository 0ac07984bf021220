"""Texts about the street network, tracks and coverage."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "arcs_directions": (
        "task {task} can be passed in {found} directions; there are one or two",
        "任务 {task} 有 {found} 个通行方向；只能有一个或两个",
    ),
    "arcs_nobody": ("task {task} may be on no route", "任务 {task} 不允许分到任何路线"),
    "network_empty": (
        "none of {found} streets has a line with a length, so there is no network to walk",
        "{found} 条道路中没有一条有长度的线，无法构成路网",
    ),
    "track_empty": ("the track has no points", "轨迹没有任何点"),
    "track_too_short": (
        "of {found} points {left} can be used ({reasons}); a track needs two",
        "{found} 个点中可用的只有 {left} 个（{reasons}）；一条轨迹至少需要两个点",
    ),
    "track_datum": (
        "the points are declared as {value}, but follow the streets only when read as {suggestion}; declare them so",
        "这些点声明为 {value}，但只有按 {suggestion} 读取时才落在道路上；请如此声明",
    ),
    "track_elsewhere": (
        "half of the points are more than {limit_m:g} m from every street of this city, near {lon:.5f}, {lat:.5f}",
        "一半以上的点距本市任何道路超过 {limit_m:g} 米，位于 {lon:.5f}, {lat:.5f} 附近",
    ),
    "track_elsewhere_part": (
        "half of the points are more than {limit_m:g} m from every street of this city",
        "一半以上的点距本市任何道路超过 {limit_m:g} 米",
    ),
    "track_too_short_part": ("too few points can be used", "可用的点太少"),
    "track_swapped": (
        "{found} points are in this city only when longitude and latitude are exchanged; send them the other way round",
        "{found} 个点只有交换经度与纬度后才位于本市；请交换后再发送",
    ),
    "track_refused": (
        "of {found} points none can be taken: {reasons_en}",
        "{found} 个点均无法接收：{reasons_zh}",
    ),
    "track_none_unreadable": (
        "{found} have no time, no valid position or an accuracy below 0",
        "{found} 个没有时间、位置无效或精度小于 0",
    ),
    "track_none_swapped": (
        "{found} are in this city only with longitude and latitude exchanged",
        "{found} 个经纬度交换后才位于本市",
    ),
    "track_none_elsewhere": ("{found} are far beyond all streets of this city", "{found} 个远离本市所有道路"),
    "track_none_future": (
        "{found} are in the future: the server's clock says {now}",
        "{found} 个时间在未来：服务器时间为 {now}",
    ),
    "track_none_too_old": (
        "{found} are too old: points of {first} to {last} are taken",
        "{found} 个过早：只接收 {first} 至 {last} 的点",
    ),
    "track_missing": ("there is no track of {carrier} on {value}", "没有 {carrier} 在 {value} 的轨迹"),
    "track_time": (
        "{field} is {value!r}, which is no time; expected ISO 8601 or seconds since 1970",
        "{field} 的值为 {value!r}，不是时间；应为 ISO 8601 或 1970 年以来的秒数",
    ),
    "track_place": ("it has no valid position, or not a time for each", "没有有效位置，或点与时间数量不一致"),
    "track_timeless": ("it has no time", "没有时间"),
    "track_carrier": (
        "it names {value!r}, but --carrier says {expected!r}",
        "该行的携带人为 {value!r}，但 --carrier 为 {expected!r}",
    ),
    "track_file_no_track": (
        "{file}: no track in it (a route or waypoints are none)",
        "{file}：其中没有轨迹（路线与航点不是轨迹）",
    ),
    "track_column": (
        "{file} has no column {value}; it has: {expected}",
        "{file} 没有列 {value}；现有列：{expected}",
    ),
    "track_file_empty": ("{file} has no track with times", "{file} 没有带时间的轨迹"),
    "gpx_document_type": (
        "{file} declares a document type, which no GPX file has; it is not read",
        "{file} 声明了文档类型（DOCTYPE），GPX 文件不应含有；不予读取",
    ),
    "point_unreadable": ("it has no valid position, or an accuracy below 0", "位置无效或精度小于 0"),
    "point_swapped": ("it lies in this city only with longitude and latitude exchanged", "经纬度交换后才位于本市"),
    "point_elsewhere": ("it is far beyond all streets of this city", "远离本市所有道路"),
    "point_future": ("its time is in the future", "时间在未来"),
    "point_too_old": ("its time is before the days of which tracks are kept", "时间早于轨迹保留期限"),
    "carrier_unknown": ("there is no account {value!r} that could have carried it", "没有账户 {value!r}"),
    "carrier_missing": (
        "nobody is named who carried it; use --carrier NAME or a column carrier",
        "未指明携带人；请使用 --carrier 或 carrier 列",
    ),
    "pass_field": (
        "{found} passes cannot be read, the first in row {row}: {field} is not on the street network or at no time",
        "{found} 条通过记录无法读取，首条位于第 {row} 行：{field} 不在路网上或没有有效时间",
    ),
    "digest_nothing_due": ("{day}: no street is to be patrolled", "{day}：没有需要巡查的道路"),
    "digest_walked": (
        (
            "{day}: of {due:.1f} km {walked:.1f} km were walked ({share:.0f} %), "
            "{probable:.1f} km probably; {blind:.1f} km blind"
        ),
        (
            "{day}：应巡 {due:.1f} 公里，已巡 {walked:.1f} 公里（{share:.0f} %），"
            "疑似已巡 {probable:.1f} 公里，盲区 {blind:.1f} 公里"
        ),
    ),
    "digest_no_data": ("nobody sent tracks of {no_data:.1f} km", "{no_data:.1f} 公里无轨迹数据"),
    "digest_people": (
        "on patrol: {people}, {km:.1f} km, {hours:.1f} hours",
        "{people} 人巡查 {km:.1f} 公里，共 {hours:.1f} 小时",
    ),
    "digest_day_before": (
        "walked share: {points:+.1f} points against the day before",
        "已巡比例较前一日 {points:+.1f} 个百分点",
    ),
    "digest_week_before": (
        "walked share: {points:+.1f} points against the week before",
        "已巡比例较上周同日 {points:+.1f} 个百分点",
    ),
    "digest_unwalked": (
        (
            "not proved walked for {days} days: {segments} segments of {lanes} lanes, {km:.1f} km, "
            "of which {no_data:.1f} km without data; first of all {worst}"
        ),
        (
            "{days} 天内未证实巡查：{lanes} 条街巷的 {segments} 段，共 {km:.1f} 公里，"
            "其中 {no_data:.1f} 公里无数据；首先是 {worst}"
        ),
    ),
    "digest_comma": (", ", "、"),
    "digest_cell": ("{name} {km:.1f} km", "{name} {km:.1f} 公里"),
    "digest_cells": ("most metres blind: {cells}", "盲区最多：{cells}"),
    "digest_gap": ("longest without a visit: {name}, {hours:.0f} hours", "间隔最长：{name}，{hours:.0f} 小时"),
    "digest_quotas": (
        "visits to {places} places: {done} of {required}; {met} as often as they are to be",
        "督查 {places} 处：已完成 {done}/{required} 次，{met} 处次数已足",
    ),
    "digest_quotas_wanting": (
        "{places} not visited often enough, or by too few bodies, among them {named}",
        "{places} 处次数或主体不足，如 {named}",
    ),
    "coverage_older": (
        "{field} is {value!r}; expected: {expected}; older days: `gridwarden coverage --date` or the layer `coverage`",
        "{field} 的值为 {value!r}；要求：{expected}；更早的日期：`gridwarden coverage --date` 或图层 `coverage`",
    ),
    "coverage_future": ("{value} is still to come; today is {expected}", "{value} 尚未到来；今天是 {expected}"),
    "report_by": (
        "there is no report by {value!r}; expected one of: {expected}",
        "没有按 {value!r} 的统计；可用：{expected}",
    ),
    "duty_time": (
        "{field}: {value!r} is no time of day; expected {expected}",
        "{field}：{value!r} 不是一天中的时间；应为 {expected}",
    ),
    "duty_zone": (
        "{value!r} is no time zone; expected an IANA zone such as {expected}",
        "{value!r} 不是时区；应为 IANA 时区，例如 {expected}",
    ),
    "fence_accuracy": (
        "{field}: one may be {value:.0f} m off, at most {expected:.0f} m; inside a building scan the code there",
        "{field}：有定位误差达 {value:.0f} 米，最多 {expected:.0f} 米；室内请扫描现场二维码签到",
    ),
    "fence_gaps": (
        "{field} must begin and end within {value} seconds of the stay, with no gap above {expected} minutes",
        "{field} 首尾须在到达、离开的 {value} 秒之内，且间隔不超过 {expected} 分钟",
    ),
    "fence_outside": (
        "{field}: {share:.0%} within {expected:g} m of the place, one {value:.0f} m away; first, last and 80% must be",
        "{field}：{share:.0%} 在场所 {expected:g} 米之内，最远 {value:.0f} 米；首尾及 80% 须在其内",
    ),
    "fence_datum": (
        "the positions are declared as {value}, but are at the place only when read as {suggestion}; declare them so",
        "这些位置声明为 {value}，但只有按 {suggestion} 读取时才在该场所；请如此声明",
    ),
    "check_in_when": (
        "{field} is {value}; expected an instant of the last {expected} days",
        "{field} 的值为 {value}；应为最近 {expected} 天内的时刻",
    ),
    "check_in_future": (
        "{field} is {value}, which is still to come: the server's clock says {expected}",
        "{field} 的值为 {value}，尚未到来：服务器时间为 {expected}",
    ),
    "check_in_token": (
        "this code opens no place: it is mistyped, or its plate has been replaced; scan the plate that hangs there now",
        "该码不对应任何场所：可能有误，或标牌已更换；请扫描现场现有的标牌",
    ),
    "check_in_area": ("{value} is not in your area, or there no longer", "{value} 不在您的责任范围内，或已不存在"),
    "check_in_order": (
        "{field} is {value}; expected after the arrival, and at most {expected} hours later",
        "{field} 的值为 {value}；应晚于到达时刻，且不超过 {expected} 小时",
    ),
    "check_in_elsewhere": (
        "you were at {name} from {begun} to {ended}; nobody is at two places at once",
        "您在 {begun} 至 {ended} 位于 {name}，不能同时在两处签到",
    ),
    "place_missing": ("there is no place {value}", "找不到场所 {value}"),
    "quota_none": (
        "{value} has no quota of visits, so there is nothing to check in for",
        "{value} 没有督查定额，无需签到",
    ),
    "quota_day": ("{field} is {value}; that day is still to come", "{field} 的值为 {value}；该日尚未到来"),
    "check_lane_missing": ("{code}: registered as {other}, but not drawn", "{code}：已登记为 {other}，但图层中没有"),
    "check_lane_extra": (
        "{code}: {other} is drawn ({amount:.0f} m), but not registered",
        "{code}：{other} 已绘制（{amount:.0f} 米），但未登记",
    ),
    "check_lane_renamed": ("{code}: drawn with the name {other}", "{code}：图层中的名称为 {other}"),
    "check_lane_length": (
        "{code}: drawn {amount:+.0f} m against the register",
        "{code}：绘制长度与登记相差 {amount:+.0f} 米",
    ),
    "check_lane_twice": ("{code}: registered twice, drawn as {other}", "{code}：重复登记，图层中为 {other}"),
    "check_toilet_far": (
        "{code}: {amount:.0f} m to walk to the nearest toilet or its sign",
        "{code}：步行 {amount:.0f} 米才到最近的公厕或公厕指示牌",
    ),
    "check_toilet_none": (
        "{code}: from {amount:.0f} m of it no way leads to a toilet",
        "{code}：其中 {amount:.0f} 米沿道路无法到达任何公厕",
    ),
    "check_bin_gap": ("{code}: {amount:.0f} m without a litter bin", "{code}：{amount:.0f} 米内没有垃圾箱"),
    "check_notice_gap": (
        "{code}: {amount:.0f} m without a public-service notice",
        "{code}：{amount:.0f} 米内没有公益广告（宣传栏）",
    ),
    "check_lamps_missing": ("{code}: {amount:.0f} m without a single lamp", "{code}：{amount:.0f} 米没有一盏路灯"),
    "check_lamps_unlit": ("{code}: only {amount:.0f} % of its lamps are lit", "{code}：亮灯率只有 {amount:.0f}%"),
    "check_no_toilets": (
        "no toilet and no sign to one ({other}) is registered: not checked",
        "没有登记任何公厕或公厕指示牌（{other}），未检查",
    ),
    "check_no_bins": (
        "no litter bin ({other}) is registered: not checked",
        "没有登记任何垃圾箱（{other}），未检查",
    ),
    "check_no_lamps": ("no lamp ({other}) is registered: not checked", "没有登记任何路灯（{other}），未检查"),
    "check_no_notices": (
        "no public-service notice ({other}) is registered: not checked",
        "没有登记任何公益广告（宣传栏 {other}），未检查",
    ),
    "lane_columns": (
        "{file} has neither codes nor names of lanes; it has: {found}; expected one of {expected}",
        "{file} 中没有街巷编码或名称；现有列：{found}；应有其一：{expected}",
    ),
    "lane_cells": (
        "{file}, row {row}: it has {found} cells, the header has {expected}",
        "{file} 第 {row} 行有 {found} 个单元格，表头有 {expected} 个",
    ),
    "lane_length": (
        "{file}, row {row}: {value!r} is no length in metres",
        "{file} 第 {row} 行：{value!r} 不是以米计的长度",
    ),
}
