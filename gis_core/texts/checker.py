"""Texts about what is wrong with a plan."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "fault_route": ("{patroller} has {found} routes; expected one", "{patroller} 有 {found} 条路线；应恰有一条"),
    "fault_patroller": ("{patroller} has a route, but is not there that day", "{patroller} 有路线，但当日不出勤"),
    "fault_order": ("the routes are not in the order of the patrollers", "路线的顺序与人员的顺序不一致"),
    "fault_ends": (
        "the route of {patroller} does not begin with a start and end with an end, or has one between",
        "{patroller} 的路线不是以起点开始、以终点结束，或中途出现起点、终点",
    ),
    "fault_kind": (
        "{patroller}, step {nth}: {kind!r} with the task {code!r} is nothing one can do",
        "{patroller} 第 {nth} 步：{kind!r} 与任务 {code!r} 不符",
    ),
    "fault_task_unknown": ("{code} is no task of the day", "{code} 不是当日任务"),
    "fault_task_count": (
        "{code} is done {found} times; expected {expected}",
        "{code} 被安排 {found} 次；应为 {expected} 次",
    ),
    "fault_task_missing": ("{code} is on no route, and no reason is given", "{code} 不在任何路线上，也没有说明原因"),
    "fault_task_both": ("{code} is on a route and left out as well", "{code} 既在路线上，又被列为未安排"),
    "fault_dropped_twice": ("{code} is left out {found} times", "{code} 被列为未安排 {found} 次"),
    "fault_reason": ("{code} is left out as {reason!r}, which is no reason", "{code} 未安排的原因 {reason!r} 无效"),
    "fault_must": (
        "{code} must be done, but is left out because others are worth more",
        "{code} 必须完成，却因其他任务更有价值而未安排",
    ),
    "fault_reason_false": (
        "{code} is left out as {reason!r}, which is not so ({patroller})",
        "{code} 未安排的原因 {reason!r} 不成立（{patroller}）",
    ),
    "fault_number": (
        "{patroller}, step {nth}: the way there is {value} m; expected 0 or more",
        "{patroller} 第 {nth} 步：路程为 {value} 米；应不小于 0",
    ),
    "fault_clock": (
        "{patroller}, step {nth}: arrives at {arrive_s} s, begins at {begin_s}, leaves at {leave_s}",
        "{patroller} 第 {nth} 步：{arrive_s} 秒到达、{begin_s} 秒开始、{leave_s} 秒离开，顺序有误",
    ),
    "fault_service": (
        "{patroller} takes {found_s} s for {code}; expected {expected_s}",
        "{patroller} 完成 {code} 用时 {found_s} 秒；应为 {expected_s} 秒",
    ),
    "fault_early": (
        "{patroller}, step {nth}: there {early_s} s sooner than the way takes",
        "{patroller} 第 {nth} 步：比路程所需时间早到 {early_s} 秒",
    ),
    "fault_window": (
        "{patroller} begins {code} at {begin_s} s, outside its windows",
        "{patroller} 在 {begin_s} 秒开始 {code}，不在其时间窗内",
    ),
    "fault_shift": (
        "{patroller} is out from {leave_s} to {arrive_s} s, the shift is {begin_s} to {end_s}",
        "{patroller} 外出时间为 {leave_s} 至 {arrive_s} 秒，班次为 {begin_s} 至 {end_s} 秒",
    ),
    "fault_breaks": (
        "{patroller} has {found} breaks; expected {expected}",
        "{patroller} 休息 {found} 次；应为 {expected} 次",
    ),
    "fault_break": (
        (
            "break {nth} of {patroller} begins at {begin_s} s and lasts {length_s} s; "
            "expected {earliest_s}–{latest_s}, {expected_s} s"
        ),
        (
            "{patroller} 第 {nth} 次休息于 {begin_s} 秒开始，历时 {length_s} 秒；"
            "应在 {earliest_s}–{latest_s} 秒之间开始，历时 {expected_s} 秒"
        ),
    ),
    "fault_break_moves": (
        "{patroller}, step {nth}: a break is taken where one is, without a way",
        "{patroller} 第 {nth} 步：休息应在原地进行，不应有路程",
    ),
    "fault_skill": ("{patroller} lacks for {code}: {skills}", "{patroller} 缺少 {code} 所需的技能：{skills}"),
    "fault_area": (
        "{code} lies in {area}, which is not in the area of {patroller}",
        "{code} 位于 {area}，不属于 {patroller} 的片区",
    ),
    "fault_lane": ("{code} is no edge of this network", "{code} 不是本路网的路段"),
    "fault_lane_barred": (
        "{patroller} walks {code} against its direction, or it is closed",
        "{patroller} 逆行通过 {code}，或该路段已封闭",
    ),
    "fault_off": (
        "{code} is off the network: {away_m:.0f} m from the nearest street",
        "{code} 不在路网上：距最近的道路 {away_m:.0f} 米",
    ),
    "fault_leg_edge": ("{patroller}, step {nth}: there is no edge {edge}", "{patroller} 第 {nth} 步：没有路段 {edge}"),
    "fault_leg_broken": (
        "{patroller}, step {nth}: its edges do not lead from the step before to {code}",
        "{patroller} 第 {nth} 步：所列路段不能从上一步通到 {code}",
    ),
    "fault_leg_barred": (
        "{patroller}, step {nth}: the way leads through {street}, closed or one-way",
        "{patroller} 第 {nth} 步：路程经过封闭或单行的 {street}",
    ),
    "fault_leg_sum": (
        "{patroller}, step {nth}: the way is {found_m:.2f} m; told are {told_m:.2f}",
        "{patroller} 第 {nth} 步：路程为 {found_m:.2f} 米，计划所列为 {told_m:.2f} 米",
    ),
    "fault_leg_detour": (
        "{patroller}, step {nth}: the way is {extra_m:.2f} m longer than the shortest",
        "{patroller} 第 {nth} 步：路程比最短路径长 {extra_m:.2f} 米",
    ),
    "fault_bound": (
        "the longest route is said to take {bound_s:.0f} s at least, and takes {found_s}",
        "所列下界 {bound_s:.0f} 秒高于最长路线的 {found_s} 秒",
    ),
    "fault_kept_done": (
        "{patroller}, step {nth}: was done already ({code}), and is another now",
        "{patroller} 第 {nth} 步：原已完成（{code}），现被更改",
    ),
    "fault_kept_locked": (
        "{code} was locked with {patroller} at {begin_s} s, and is no longer",
        "{code} 原锁定由 {patroller} 于 {begin_s} 秒开始，现已更改",
    ),
}
