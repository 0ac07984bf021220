"""Texts about planned days: what is told before, why tasks are left out, and what cannot be changed."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "plan_nobody": ("nobody is there to go out; at least one is needed", "没有可出勤的人员；至少需要一人"),
    "plan_code": (
        "{value} is there more than once among the {field}; expected once",
        "{value} 在 {field} 中出现多次；应只出现一次",
    ),
    "plan_shift": (
        "the shift of {patroller} is {begin}–{end}; expected an end after the begin",
        "{patroller} 的班次为 {begin}–{end}；结束应晚于开始",
    ),
    "plan_break": (
        "the break of {patroller} ({value}) does not fit into the shift {begin}–{end} after those before it",
        "{patroller} 的休息（{value}）在其之前的休息之后放不进班次 {begin}–{end}",
    ),
    "plan_stop": (
        "{code} has no place that is a number, or takes {value} seconds; expected 0 or more",
        "{code} 的位置不是数字，或用时为 {value} 秒；用时应不小于 0",
    ),
    "plan_window": (
        "{code} has a window that ends before it begins, or begins before midnight ({value})",
        "{code} 的时间窗结束早于开始，或始于零点之前（{value}）",
    ),
    "plan_unnamed": ("one of the {field} has no code", "{field} 中有一项没有编码"),
    "plan_seed": ("the seed is {value}; expected {expected}", "种子为 {value}；应为 {expected}"),
    "plan_prize": ("{code} is worth {value} points; expected a number", "{code} 的分值为 {value}；应为数字"),
    "plan_place": (
        "{value} begins or ends at a place that is not a number",
        "{value} 的起点或终点位置不是数字",
    ),
    "plan_many": (
        "{value} places are too many for one plan; expected {expected} at most: plan grid by grid",
        "一个计划容不下 {value} 个地点；至多 {expected} 个：请按网格分别计划",
    ),
    "plan_mover": ("nobody moves by {value}; expected {expected}", "没有 {value} 这种出行方式；应为 {expected}"),
    "plan_lane": (
        "{code} is edge {value} of the streets; expected {expected}",
        "{code} 为路网的第 {value} 条边；应为 {expected}",
    ),
    "plan_too_much": (
        (
            "{value} tasks take {needed_h:g} hours at least, and {there} people have {time_h:g}; it takes {people}"
            " people more, or {fewer} tasks fewer, or {hours:g} hours more for each to choose among so many"
        ),
        (
            "{value} 项任务至少需 {needed_h:g} 小时，而 {there} 人共有 {time_h:g} 小时；须再增加 {people} 人，或减少"
            " {fewer} 项任务，或每人增加 {hours:g} 小时，才能从中安排"
        ),
    ),
    "plan_much": (
        (
            "{tasks} tasks take {needed_h:g} hours at least, and {there} people have {time_h:g}: some will be left out,"
            " unless there are {people} people more, or {fewer} tasks fewer, or {hours:g} hours more for each"
        ),
        (
            "{tasks} 项任务至少需 {needed_h:g} 小时，而 {there} 人共有 {time_h:g} 小时：将有任务不被安排，除非再增加"
            " {people} 人，或减少 {fewer} 项任务，或每人增加 {hours:g} 小时"
        ),
    ),
    "plan_off_network": (
        "{code} is off the network: {away_m:.0f} m from the nearest street",
        "{code} 不在路网上：距最近的道路 {away_m:.0f} 米",
    ),
    "plan_window_past": (
        "the windows of {code} ({windows}) are over: it is {now}",
        "{code} 的时间窗（{windows}）已过：现在是 {now}",
    ),
    "plan_window_outside": (
        "the windows of {code} ({windows}) are outside every shift ({begin}–{end})",
        "{code} 的时间窗（{windows}）不在任何班次内（{begin}–{end}）",
    ),
    "plan_must": (
        "{code} must be done and cannot be, by anybody who has nothing else to do",
        "{code} 必须完成，但任何人即使没有其他任务也无法完成",
    ),
    "dropped_nobody": (
        "nobody has the skill and the area; {patroller} lacks least",
        "没有人同时具备技能与片区；{patroller} 缺少最少",
    ),
    "dropped_unreachable": ("there is no way to it and back", "没有可以往返的路"),
    "dropped_window": (
        "nobody can be there in time; {patroller} could if it were open then",
        "没有人能按时到达；若届时开放，{patroller} 可以完成",
    ),
    "dropped_shift": (
        "no shift has time left; that of {patroller} is {extra_s} s too short",
        "所有班次都没有剩余时间；{patroller} 的班次还差 {extra_s} 秒",
    ),
    "dropped_prize": (
        "not worth its way: a detour of {extra_s} s for {patroller}, which {points} points would be worth",
        "不值得绕路：{patroller} 须绕行 {extra_s} 秒，至少需 {points} 分才值得",
    ),
    "dropped_urgent": ("made room for {urgent}, which is urgent", "为紧急任务 {urgent} 让出时间"),
    "dropped_by_hand": ("left out by hand", "由人工移除"),
    "plan_step": (
        "the plan goes to {value}, which the day does not know or which cannot be passed so",
        "计划前往 {value}，但当日任务中没有它，或不能如此通行",
    ),
    "plan_patroller": (
        "{value} is no patroller of this plan; expected one of {expected}",
        "{value} 不是本计划的巡查员；应为 {expected} 之一",
    ),
    "plan_task": (
        "{value} is not on the open part of any route",
        "{value} 不在任何路线的未完成部分上",
    ),
    "plan_over": ("{value} is back already", "{value} 已返回"),
    "plan_begun": (
        "one side of {value} is walked already; the other cannot be left out",
        "{value} 的一侧已走过；另一侧不能移除",
    ),
    "plan_locked": ("{value} is locked; unlock it first", "{value} 已锁定；请先解锁"),
    "plan_order": (
        "the new order of {patroller} is not of the same tasks; expected each of {expected} once",
        "{patroller} 的新顺序与原任务不一致；{expected} 应各出现一次",
    ),
    "plan_unfit": (
        "{value} is not for {patroller}: {lacking}",
        "{value} 不适合 {patroller}：{lacking}",
    ),
    "plan_late": (
        "so {patroller} would come too late: {value}, by {late_s} s",
        "这样 {patroller} 会迟到：{value}，晚 {late_s} 秒",
    ),
    "plan_urgent": (
        "{value} cannot be put in for anybody, whatever is left out: {why}",
        "无论舍弃什么，{value} 都无法安排给任何人：{why}",
    ),
    "changed_moved": (
        "{code} begins at {now} instead of {before}",
        "{code} 改为 {now} 开始（原为 {before}）",
    ),
    "changed_added": ("{code} goes to {patroller}, at {now}", "{code} 由 {patroller} 于 {now} 完成"),
    "changed_given": (
        "{code} goes from {before} to {patroller}, at {now}",
        "{code} 由 {before} 改交 {patroller}，{now} 开始",
    ),
    "changed_left_out": ("{code} is left out", "{code} 不再安排"),
    "changed_back": (
        "{patroller} is back at {now} instead of {before}",
        "{patroller} 改为 {now} 返回（原为 {before}）",
    ),
}
