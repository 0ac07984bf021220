"""Texts about hot spots: refusals, the 17 classes of a changing place, and the five words that pages show."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "hotspot_counts": (
        "{field}: {found} values cannot be read, the first in row {row}; expected {expected}",
        "{field}：{found} 个值无法读取，首个位于第 {row} 行；应为 {expected}",
    ),
    "hotspot_shape": ("{field}: {found} values for {expected} cells", "{field}：{expected} 个单元却有 {found} 个值"),
    "hotspot_pairs": (
        "{field}: cell {value} does not exist; there are {expected}",
        "{field}：单元 {value} 不存在；共有 {expected} 个",
    ),
    "hotspot_radius": ("{field} is {value}; expected {expected}", "{field} 为 {value}；应为 {expected}"),
    "hotspot_dense": (
        "within {value:g} m there are {found:,} pairs of neighbours, more than {limit:,}; choose a smaller radius",
        "{value:g} 米内有 {found:,} 对相邻单元，超过 {limit:,}；请选用更小的半径",
    ),
    "hotspot_steps": (
        "{found} time steps; trends need at least {expected}: begin earlier, or make the steps shorter",
        "只有 {found} 个时间步；判断趋势至少需要 {expected} 个：请提前开始日期，或缩短时间步",
    ),
    "hotspot_choice": (
        "{field} is {value!r}; expected one of {expected}",
        "{field} 为 {value!r}；应为 {expected} 之一",
    ),
    "hotspot_none": ("no pattern", "无规律"),
    "hotspot_insufficient": ("too little patrol to tell", "巡查不足，无法判断"),
    "hotspot_alone": ("no neighbours", "无相邻单元"),
    "hotspot_hot_new": ("new hot spot", "新增热点"),
    "hotspot_hot_consecutive": ("consecutive hot spot", "连续热点"),
    "hotspot_hot_intensifying": ("intensifying hot spot", "加剧热点"),
    "hotspot_hot_persistent": ("persistent hot spot", "持续热点"),
    "hotspot_hot_diminishing": ("diminishing hot spot", "减弱热点"),
    "hotspot_hot_sporadic": ("sporadic hot spot", "间歇热点"),
    "hotspot_hot_oscillating": ("oscillating hot spot", "振荡热点"),
    "hotspot_hot_historical": ("historical hot spot", "历史热点"),
    "hotspot_cold_new": ("new cold spot", "新增冷点"),
    "hotspot_cold_consecutive": ("consecutive cold spot", "连续冷点"),
    "hotspot_cold_intensifying": ("intensifying cold spot", "加剧冷点"),
    "hotspot_cold_persistent": ("persistent cold spot", "持续冷点"),
    "hotspot_cold_diminishing": ("diminishing cold spot", "减弱冷点"),
    "hotspot_cold_sporadic": ("sporadic cold spot", "间歇冷点"),
    "hotspot_cold_oscillating": ("oscillating cold spot", "振荡冷点"),
    "hotspot_cold_historical": ("historical cold spot", "历史冷点"),
    "hotspot_hot_99": ("significantly many, 99 %", "显著聚集（99%）"),
    "hotspot_hot_95": ("significantly many, 95 %", "显著聚集（95%）"),
    "hotspot_hot_90": ("significantly many, 90 %", "显著聚集（90%）"),
    "hotspot_cold_99": ("significantly few, 99 %", "显著偏少（99%）"),
    "hotspot_cold_95": ("significantly few, 95 %", "显著偏少（95%）"),
    "hotspot_cold_90": ("significantly few, 90 %", "显著偏少（90%）"),
    "hotspot_word_new": ("new", "新增"),
    "hotspot_word_lasting": ("lasting", "持续"),
    "hotspot_word_worse": ("getting worse", "加重"),
    "hotspot_word_fading": ("fading", "消退"),
    "hotspot_word_none": ("not significant", "不显著"),
    "hotspot_word_insufficient": ("too little patrol", "巡查不足"),
    "hotspot_method": ("there is no method {value}; there are {expected}", "没有方法 {value}；可用：{expected}"),
    "hotspot_nowhere": (
        "nothing of what is asked for lies in your area, so nothing can be counted by it",
        "您的辖区内没有所选的统计单元，无法统计",
    ),
    "hotspot_unpatrolled": (
        "no tracks of patrol are kept, so nothing can be compared with it; choose another comparison, or send tracks",
        "没有保存任何巡查轨迹，无法按巡查折算；请改用其他比较口径，或先上传轨迹",
    ),
    "hotspot_streets": ("no streets are published yet", "尚未发布道路"),
    "hotspot_category": ("category {value} is not in the register", "分类 {value} 不在登记表中"),
    "snapshot_missing": (
        "of {day} there is no {method} by {by} per {per}",
        "{day} 没有按 {by} 统计、以 {per} 为基准的 {method} 快照",
    ),
    "snapshot_day": (
        "hot spots of {value} cannot be kept; the last day that is over and has reports is {expected}",
        "无法保存 {value} 的热点；最近一个已结束且有上报的日期为 {expected}",
    ),
    "hot_digest_hot": (
        "{day}: {cells} cells have significantly many reports, above all {named}",
        "{day}：{cells} 个单元上报显著偏多，首先是 {named}",
    ),
    "hot_digest_none": ("{day}: no cell has significantly many reports", "{day}：没有上报显著偏多的单元"),
    "hot_digest_new": ("new since {before}: {cells} cells: {named}", "较 {before} 新增 {cells} 个：{named}"),
    "hot_digest_faded": (
        "no longer since {before}: {cells} cells: {named}",
        "较 {before} 消退 {cells} 个：{named}",
    ),
    "hot_digest_same": ("the same cells as on {before}", "与 {before} 相同"),
    "hot_digest_alarm": (
        (
            "alarm: {count} reports in the last {days} days within {radius_m:.0f} m around {around}, where "
            "{expected:.1f} are usual; chance makes such a crowd with p = {p:.3f}"
        ),
        "预警：{around} 周边 {radius_m:.0f} 米内近 {days} 天有 {count} 件，通常为 {expected:.1f} 件（p = {p:.3f}）",
    ),
    "hot_digest_ahead": (
        "{since} to {until}: most reports are expected in {areas}",
        "{since} 至 {until}：预计上报最多的是 {areas}",
    ),
    "hot_digest_scored": (
        "the forecast of {day} caught {hit:.0f} % of {reports} reports in {percent:.0f} % of the area (PAI {pai:.1f})",
        "{day} 的预测：{percent:.0f} % 的面积覆盖了 {reports} 件上报的 {hit:.0f} %（PAI {pai:.1f}）",
    ),
}
