"""Texts about the methods of hot spots: their titles, and what they refuse."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "hotspot_method_surface": ("heat", "热力面"),
    "hotspot_method_network": ("heat along streets", "沿街热力"),
    "hotspot_method_significance": ("significant areas", "显著聚集区"),
    "hotspot_method_emerging": ("what is changing", "热点演变"),
    "hotspot_method_scan": ("alarm", "突发聚集预警"),
    "hotspot_method_clusters": ("clusters", "点状聚集"),
    "hotspot_method_forecast": ("next 14 days", "未来 14 天预测"),
    "hotspot_exposure": (
        "reports compared with {value} need to know it of every unit; choose another comparison",
        "按 {value} 比较需要各单元的对应数据；请改用其他比较口径",
    ),
    "hotspot_cells": (
        "cells of {value:g} m would be about {found:,}, more than {limit:,}; cells of {expected:g} m would do",
        "{value:g} 米的单元约有 {found:,} 个，超过上限 {limit:,}；可改用 {expected:g} 米的单元",
    ),
    "hotspot_work": (
        "{found:,} units by {steps} steps are too much for one answer; {field} is {value}; expected {expected}",
        "{found:,} 个单元、{steps} 个时间步超出一次可处理的范围；{field} 为 {value}；应为 {expected}",
    ),
    "surface_narrow": (
        "a bandwidth of {value:g} m is too narrow for so large a territory; expected {expected:g} m or more, or a part",
        "{value:g} 米的带宽对如此大的辖区过窄；应不小于 {expected:g} 米，或只看其中一部分",
    ),
    "hotspot_breaks": (
        "{value} are no classes of heat; expected rising numbers above 0",
        "{value} 不是热力分级；应为递增的正数",
    ),
    "hotspot_many": (
        "{found:,} reports are more than the alarm can shuffle, {limit:,}; choose some categories or a part",
        "共 {found:,} 条上报，超过预警可处理的 {limit:,} 条；请只选部分类别或部分辖区",
    ),
    "hotspot_given": ("{field} is missing: nothing can be answered without it", "缺少 {field}，无法作答"),
    "hotspot_cell": (
        "cells of {value} m are none; expected {expected:g} m or more",
        "{value} 米的单元无效；应不小于 {expected:g} 米",
    ),
}
