"""Texts about the street network, tracks and coverage."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
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
    "pass_field": (
        "{found} passes cannot be read, the first in row {row}: {field} is not on the street network or at no time",
        "{found} 条通过记录无法读取，首条位于第 {row} 行：{field} 不在路网上或没有有效时间",
    ),
    "duty_time": (
        "{field}: {value!r} is no time of day; expected {expected}",
        "{field}：{value!r} 不是一天中的时间；应为 {expected}",
    ),
    "duty_zone": (
        "{value!r} is no time zone; expected an IANA zone such as {expected}",
        "{value!r} 不是时区；应为 IANA 时区，例如 {expected}",
    ),
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
