"""Texts about suspected repeats: why they are suspected, and what cannot be decided about them."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "repeat_away": ("{value:.0f} m away", "相距 {value:.0f} 米"),
    "repeat_apart": ("{value:.1f} h before", "早 {value:.1f} 小时"),
    "repeat_kind": ("the same class", "类别相同"),
    "repeat_street": ("the same street", "同一条街"),
    "repeat_number": ("the same house number", "门牌号相同"),
    "repeat_reporter": ("the same reporter", "同一上报人"),
    "repeat_words": ("{value:.0%} of the words are the same", "文字相似度 {value:.0%}"),
    "repeat_returned": ("closed before this one came: the problem has returned", "此前已结案：问题回潮"),
    "repeat_suspected": (
        "{value} earlier reports may be of the same problem; look at them, or send it again with `insist`",
        "此前有 {value} 条上报可能反映同一问题；请先核对，或以 insist 再次提交",
    ),
    "repeat_missing": ("there is no suspected repeat {value}", "没有编号为 {value} 的疑似重复"),
    "repeat_is_return": (
        "{value}: the earlier issue was closed before the later one came; a problem that returns is not merged",
        "{value}：前一问题在后一问题上报前已结案；回潮不作合并",
    ),
    "repeat_between": (
        "{value}: of these groups two issues are two problems, as somebody said; merge that pair if they are one",
        "{value}：两组之间有一对已判定为不同问题；如确为同一问题，请先合并该对",
    ),
    "repeat_is_merged": (
        "{value} is merged already; part one of its issues first",
        "{value} 已合并；请先将其中一件拆出",
    ),
    "repeat_window": ("{field} is {value}, after {expected}", "{field} 为 {value}，晚于 {expected}"),
    "repeat_beyond": (
        "other issues of this group lie outside your area; somebody whose area holds them all has to do it",
        "该组中有问题不在您的范围内；须由范围涵盖全部问题的人员处理",
    ),
}
