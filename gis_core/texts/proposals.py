"""Texts about proposals of a day: why tasks are proposed, what they are worth, and what is left."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "lane_unwalked": ("not proved to be walked for {days} days", "已有 {days} 天未证实巡查"),
    "lane_blind": ("nobody was seen there for {days} days", "已有 {days} 天无人到过"),
    "lane_no_data": (
        "no track came from there for {days} days: nothing is known",
        "已有 {days} 天没有收到该处轨迹：情况不明",
    ),
    "lane_age": ("last walked {days:g} days ago", "上次巡查在 {days:g} 天前"),
    "lane_part": ("walked, but not all of it", "只巡查了一部分"),
    "lane_sides": ("a wide street: each side is walked for itself", "宽路：两侧分别巡查"),
    "survey_drawn": (
        "drawn by chance for a survey: {count} of {of} segments, seed {seed}",
        "随机抽取作暗访：{of} 段中抽 {count} 段，种子 {seed}",
    ),
    "quota_left_day": ("{done} of {required} visits of the day are done", "当日应到 {required} 次，已完成 {done} 次"),
    "quota_left_week": ("{done} of {required} visits of the week are done", "本周应到 {required} 次，已完成 {done} 次"),
    "quota_left_month": (
        "{done} of {required} visits of the month are done",
        "本月应到 {required} 次，已完成 {done} 次",
    ),
    "quota_body": ("a visit by {body} is wanting", "尚缺 {body} 的督查"),
    "issue_open": ("{category}, open for {days:g} days", "{category}，已 {days:g} 天未办结"),
    "issue_returned": ("the problem was closed before and has come back", "此问题曾办结，现又出现"),
    "hotspot": (
        "a hot spot: {count} reports in {days} days where {expected:g} are usual, {sure} % sure",
        "热点：{days} 天内上报 {count} 件，通常为 {expected:g} 件，置信度 {sure}%",
    ),
    "place_drawn": (
        "drawn by chance: {count} of {of} of type {type}, seed {seed}",
        "随机抽取：类型 {type} 共 {of} 处，抽 {count} 处，种子 {seed}",
    ),
    "place_asked": ("asked for", "指定前往"),
    "showcase_place": ("number {nth} of {of} on the route {route}", "路线“{route}”第 {nth} 站，共 {of} 站"),
    "worth": (
        "worth {points} points: one would walk {minutes:g} minutes for it",
        "价值 {points} 分：值得步行 {minutes:g} 分钟前往",
    ),
    "worth_must": ("must be done", "必须完成"),
    "proposal_most": (
        "worth {points} points, and everybody who may do it has {most} that are worth more, or no time for more",
        "价值 {points} 分；可承担的人员均已有 {most} 项更重要的任务，或已无更多时间",
    ),
    "proposal_nobody": (
        "nobody who goes out may and can do it: grid {area}, needed: {skills}",
        "出勤人员中无人可承担：网格 {area}，需要：{skills}",
    ),
    "proposal_no_start": (
        "{patroller} has no street to set out from: name a start",
        "{patroller} 的片区内没有道路可作起点：请指定起点",
    ),
    "proposal_spacing": (
        "no time is left for one more visit of {name} with the spacing between visits",
        "{name} 按规定间隔已无时间再安排一次",
    ),
    "proposal_bodies": (
        "visits of {name} are wanting by {needed} bodies that have not come, and of these {there} go out",
        "{name} 还缺 {needed} 个部门的督查，出勤的只有 {there} 个",
    ),
    "proposal_no_hotspots": (
        "no hot spots were kept in the {days} days before: none is gone by",
        "此前 {days} 天内没有保存的热点：未作考虑",
    ),
    "proposal_kind": (
        "{field} names {value!r}; expected some of {expected}",
        "{field} 中的 {value!r} 无效；应为 {expected} 之中",
    ),
    "proposal_count": ("{field} is {value}; expected {expected}", "{field} 为 {value}；应为 {expected}"),
    "proposal_patroller": (
        "{value} is nobody who may patrol",
        "{value} 不是可以巡查的人员",
    ),
    "showcase_one": (
        "{value} people are to lead the route; expected {expected}",
        "路线由 {value} 人带领；应为 {expected} 人",
    ),
    "showcase_order": (
        "{patroller} cannot be at {value} in this order within the shift, its breaks and the windows",
        "{patroller} 按此顺序无法在班次、休息和时间窗内到达 {value}",
    ),
    "draw_missing": ("the city has no place of type {type}", "城市中没有类型为 {type} 的地点"),
    "draw_short": (
        "there are {there} places of type {type}, fewer than the {asked} asked for",
        "类型 {type} 的地点只有 {there} 处，少于要求的 {asked} 处",
    ),
}
