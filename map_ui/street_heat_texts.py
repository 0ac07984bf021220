"""What the pages of front doors and of backstreets say about what is more than chance, in English and Chinese."""

from gis_core.texts import Text

STREET_HEAT: dict[str, Text] = {
    "by_hot_strip": ("hot spots: shops", "热点（逐店）"),
    "by_hot_stretch": ("hot spots: each 100 m", "热点（每百米路缘）"),
    "by_hot_shops": ("hot spots: per shop", "热点（按店铺数）"),
    "by_hot_patrol": ("more than patrol explains", "扣除巡查力度后偏多"),
    "sure_core": ("hot spot", "热点"),
    "sure_hot_99": ("hot with its neighbours (99 %)", "与相邻单元合计偏多（99%）"),
    "sure_hot_95": ("hot with its neighbours (95 %)", "与相邻单元合计偏多（95%）"),
    "sure_hot_90": ("hot with its neighbours (90 %)", "与相邻单元合计偏多（90%）"),
    "sure_core_short": ("hot spot", "热点"),
    "sure_hot_short": ("beside", "相邻"),
    "sure_none": ("not more than chance", "未显著偏多"),
    "sure_insufficient": ("nothing to compare with", "无可比基数"),
    "sure_insufficient_patrol": ("too little patrol to tell", "巡查不足，无法判断"),
    "sure_nobody": ("no shop", "无店铺"),
    "hot_per_strip": ("{value} violations per 100 m of kerb", "每百米路缘 {value} 件"),
    "hot_per_shops": ("{value} violations per shop", "每店 {value} 件"),
    "hot_per_patrol": ("{value} reports per km·h of patrol", "每公里·小时巡查 {value} 件"),
    "hot_interval": ("95 %: {low} – {high}", "95% 区间 {low} – {high}"),
    "why_hot": (
        (
            "{count} here in {days} days; together with its neighbours along the street {observed}, where {expected} "
            "would be usual."
        ),
        "{days} 天内此处 {count} 件；与沿街相邻单元合计 {observed} 件，通常应为 {expected} 件。",
    ),
    "why_hot_stretch": (
        (
            "{count} before these 100 m of kerb in {days} days; together with the 100 m before and behind {observed}, "
            "where {expected} would be usual."
        ),
        "{days} 天内这百米路缘 {count} 件；与前后各百米合计 {observed} 件，通常应为 {expected} 件。",
    ),
    "why_hot_core": (
        "Here itself is more than usual, not only beside it.",
        "本处自身偏多，而非只受相邻影响。",
    ),
    "why_hot_neighbours": (
        "Its neighbourhood is hot; the cause may be next to it.",
        "相邻范围偏多，源头可能就在旁边。",
    ),
    "why_hot_none": ("That may well be chance.", "可能只是偶然。"),
    "why_hot_insufficient": (
        "There is nothing to compare {count} violations in {days} days with: it has no kerb of its own.",
        "此处没有自己的路缘，{days} 天内的 {count} 件无从比较。",
    ),
    "why_hot_insufficient_patrol": (
        (
            "Reported here in {days} days: {count}. It was walked less than twice: whether that is much "
            "nobody knows, and it is neither hot nor cold."
        ),
        "{days} 天内此处上报 {count} 件；巡查不足两次，多少无从判断，既不算热点也不算冷点。",
    ),
    "why_hot_nobody": ("No shop answers for it, so nothing is counted here.", "无店铺负责，不作统计。"),
    "hot_exposure_strip": ("kerb here: {value} m", "此处路缘 {value} 米"),
    "hot_exposure_shops": ("shops here: {value}", "此处店铺 {value} 家"),
    "hot_exposure_patrol": ("patrol here: {value} km·h", "此处巡查 {value} 公里·小时"),
    "hot_found": (
        (
            "{cores} hot spots. With their neighbours {cells} of {units} units are hot at 95 %; expect {false} of "
            "these to be false. The usual: {usual}."
        ),
        (
            "热点 {cores} 处。{units} 个单元中有 {cells} 个与相邻合计达到 95% 显著，其中预计误判 {false} 个。"
            "通常水平：{usual}。"
        ),
    ),
    "hot_insufficient": ("Too little patrol to tell: {count} segments.", "巡查不足、无法判断：{count} 段。"),
    "hot_uneven": (
        "Counts are uneven everywhere (variance {times} times that of chance): hot is only what goes beyond that.",
        "各处数量本来就不均（方差为随机情形的 {times} 倍），只有超出这种不均的才算热点。",
    ),
    "hot_few_reports": ("No reports to judge by in {days} days.", "{days} 天内没有可供判断的上报。"),
    "hot_worst": ("Look at these first ({shown} of {total})", "优先查看（列 {shown} 处，共 {total} 处）"),
    "hot_worst_none": ("Nothing stands out from chance.", "没有显著偏多之处。"),
    "hot_times": ("{ratio} times the usual", "为通常的 {ratio} 倍"),
    "hot_window": ("{day} to {until}, {count} reports here.", "{day} 至 {until}，本图计入 {count} 件。"),
    "hot_unmatched": (
        "{count} reports are on streets that nobody is to patrol, or on none of these segments.",
        "另有 {count} 件不在应巡路段上，未计入。",
    ),
    "hot_effort": (
        (
            "km·h of patrol: the root of kilometres walked times hours spent. Twice as much patrol counts twice, so a "
            "street where more is seen only because more is walked is not hot."
        ),
        "公里·小时：巡查公里数与小时数乘积的平方根。巡查加倍则基数加倍，仅因巡得勤而发现得多的路段不算热点。",
    ),
    "hot_stretch": ("{name}, {from_m}–{to_m} m, {side}", "{name} {from_m}–{to_m} 米{side}"),
    "repeat_days": ("on {days} days, last {last}", "涉及 {days} 天，最近 {last}"),
}
