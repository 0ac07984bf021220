"""Texts about plans that are stored, changed and told of."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "plan_missing": ("there is no plan {value} here", "此处没有计划 {value}"),
    "plan_outdated": (
        "edition {value} is not the newest of the plan any more; look at it anew",
        "第 {value} 版已不是该计划的最新版；请重新查看",
    ),
    "plan_unpublished": ("plan {value} was never published", "计划 {value} 从未发布"),
    "plan_past": ("{value} is over; expected {expected} or later", "{value} 已经过去；应为 {expected} 或之后"),
    "plan_elsewhere": ("{value} does not lie in {expected}", "{value} 不在 {expected} 内"),
    "plan_patroller_elsewhere": (
        "{value} does not patrol in {expected}: who does may be named",
        "{value} 的巡查范围不在 {expected} 内；只能指定在该范围内巡查的人员",
    ),
    "plan_change": (
        "{value} is not a change that can be made so; expected {expected}",
        "不能这样进行更改 {value}；应为 {expected}",
    ),
    "plan_not_yours": ("{value} is not one of your tasks in this plan", "{value} 不是该计划中您的任务"),
    "plan_plate": (
        "this is not the plate of {value}, or proves nothing of it",
        "该二维码与 {value} 不符，不能证明到访",
    ),
    "plan_mark_when": (
        "{value} is too long ago or still to come; expected {expected} days back at most",
        "{value} 太早或尚未到来；最多可补报 {expected} 天",
    ),
    "pattern_day": (
        "{value} is not a day of this pattern; it has weekdays (0 is Monday) {weekdays}, and {dates}",
        "{value} 不在该模板的日期内；星期（0 为星期一）：{weekdays}，日期：{dates}",
    ),
    "pattern_empty": ("a pattern of kind {value} says {field}", "{value} 类模板须给出 {field}"),
    "pattern_missing": ("there is no pattern {value} here", "此处没有模板 {value}"),
}
