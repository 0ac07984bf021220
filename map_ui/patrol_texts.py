"""What the page of plans says, in English and Chinese."""

from gis_core.texts import Text

PATROL: dict[str, Text] = {
    "patrol_title": ("Patrol plans", "巡查计划"),
    "patrol_summary": ("Who walks where today, in which order and why.", "今日谁巡哪里、先后顺序与缘由。"),
    "plan_round": ("My round", "我的巡查"),
    "plan_pick": ("Plan", "计划"),
    "plan_none": ("No plan yet. Make one with: gridwarden plan", "尚无计划。请用 gridwarden plan 生成。"),
    "plan_of": ("{day} · {name} · no. {number} · {state}", "{day} · {name} · {number} 号 · {state}"),
    "plan_proposed": ("proposed", "草案"),
    "plan_published": ("published", "已发布"),
    "plan_withdrawn": ("withdrawn", "已撤回"),
    "plan_publish": ("Publish", "发布"),
    "plan_withdraw": ("Withdraw", "撤回"),
    "plan_load": ("{tasks} tasks · {metres} m · {begin}–{end}", "{tasks} 项 · {metres} 米 · {begin}–{end}"),
    "plan_walked": ("done {done} of {planned}", "已完成 {done}/{planned}"),
    "plan_dropped": ("Left out: {count}", "未列入：{count}"),
    "plan_up": ("Earlier", "提前"),
    "plan_down": ("Later", "推后"),
    "plan_lock": ("Lock", "锁定"),
    "plan_unlock": ("Unlock", "解锁"),
    "plan_remove": ("Leave out", "移出"),
    "plan_move": ("Give to …", "改派给……"),
    "plan_urgent": ("Put in what is urgent", "插入紧急任务"),
    "plan_urgent_where": ("Click on the map where it is.", "请在地图上点选位置。"),
    "plan_urgent_name": ("What", "事项"),
    "plan_urgent_minutes": ("Minutes there", "现场时长（分钟）"),
    "plan_urgent_must": ("must be done today", "今日必须完成"),
    "plan_urgent_send": ("Put in", "插入"),
    "plan_told": ("What it means", "影响"),
    "plan_stale": (
        "Somebody else changed this plan meanwhile; nothing was done.",
        "计划已被他人更改，本次操作未执行。",
    ),
    "plan_reload": ("Show the newest", "显示最新版本"),
    "plan_bound_longest_s": (
        "Longest round: {found} min; no plan of these tasks is below {bound} min.",
        "最长一趟 {found} 分钟；同样任务的任何计划不少于 {bound} 分钟。",
    ),
    "plan_bound_total_s": (
        "All rounds: {found} min; no plan of these tasks is below {bound} min.",
        "全部 {found} 分钟；同样任务的任何计划不少于 {bound} 分钟。",
    ),
    "plan_sheet": ("Sheet", "巡查单"),
    "plan_meaning": (
        "Coloured: planned. With tracks of the day: green is done, orange is missed, grey is not known.",
        "彩色为计划路线；有当日轨迹时：绿色已完成、橙色未完成、灰色不详。",
    ),
}
