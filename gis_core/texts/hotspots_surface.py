"""Texts about heat, on the ground and along streets, forecasts and suspected repeats."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "surface_bandwidth": (
        "a bandwidth of {value} m spreads nothing; expected more than 0, such as 100 m",
        "带宽 {value} 米无法平滑；应大于 0，例如 100 米",
    ),
    "surface_cell": (
        "a cell of {value} m cannot be drawn; expected about {expected:g} m or more, less than the territory",
        "{value} 米的格子无法绘制；应不小于约 {expected:g} 米，且小于辖区",
    ),
    "surface_cells": (
        "cells of {value:g} m would be {found:,}, more than {limit:,}; cells of {expected:g} m would do",
        "{value:g} 米的格子共需 {found:,} 个，超过上限 {limit:,}；可改用 {expected:g} 米的格子",
    ),
    "surface_coarse": (
        "cells of {value:g} m are too coarse for a bandwidth of {bandwidth_m:g} m; at most {expected:g} m",
        "{value:g} 米的格子对 {bandwidth_m:g} 米的带宽过粗；最多 {expected:g} 米",
    ),
    "surface_territory": ("the territory has no area, so nothing can be drawn in it", "辖区没有面积，无法绘制热力"),
    "surface_days": ("a period of {value} days has no length", "{value} 天的时段没有长度"),
    "surface_halflife": (
        "a half-life of {value} days is none; expected more than 0",
        "半衰期 {value} 天无效；应大于 0",
    ),
    "surface_empty": (
        "none of {found} reports lies in the territory in this period, so there is no heat to show",
        "该时段内 {found} 条上报均不在辖区内，没有可显示的热力",
    ),
    "lixel_length": (
        "pieces of {value} m would be more than {limit:,}; expected at least {expected:.2g} m",
        "按 {value} 米分段将超过 {limit:,} 段；每段至少应为 {expected:.2g} 米",
    ),
    "lixel_report": (
        "{found} reports do not lie on the street network, the first in row {row}",
        "{found} 条上报不在路网上，首条位于第 {row} 行",
    ),
    "cluster_reach": (
        "a reach of {value} m joins nothing; expected more than 0, such as 40 m",
        "{value} 米的邻域无法聚类；应大于 0，例如 40 米",
    ),
    "cluster_area": (
        "an area of {value} m² is none; expected that of the territory",
        "面积 {value} 平方米无效；应为辖区面积",
    ),
    "forecast_short": (
        "{found:g} days of reports are too few to choose and score a forecast; expected at least {expected:g}",
        "{found:g} 天的上报不足以选择并检验预测；至少需要 {expected:g} 天",
    ),
    "forecast_share": (
        "a share of {value} cannot be chosen; expected more than 0 and less than 1",
        "比例 {value} 无法选取；应大于 0 且小于 1",
    ),
}
