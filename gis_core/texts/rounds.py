"""Texts about what a patroller is to do and tells of it."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "round_missing": ("there is no published plan {value}", "没有已发布的计划 {value}"),
    "round_task": (
        "{value} is no task of yours in plan {plan}",
        "{value} 不是计划 {plan} 中您的任务",
    ),
    "round_future": (
        "{field} is {value}, which is to come; it is {expected} now",
        "{field} 为 {value}，尚未到；现在是 {expected}",
    ),
    "round_when": (
        "{field} is {value}, longer ago than {expected} days",
        "{field} 为 {value}，已超过 {expected} 天",
    ),
}
