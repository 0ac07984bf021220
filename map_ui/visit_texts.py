"""Texts about visits of places, in English and Chinese."""

from gis_core.texts import Text

VISITS: dict[str, Text] = {
    "visit_plate": ("Visits", "督查签到牌"),
    "visit_scan": ("Inspectors: scan on coming and on leaving", "督查人员到达、离开时各扫一次"),
    "visit_quota_day": ("Visits a day: {visits} · distinct bodies: {bodies}", "每日督查 {visits} 次，{bodies} 个主体"),
    "visit_quota_week": (
        "Visits a week: {visits} · distinct bodies: {bodies}",
        "每周督查 {visits} 次，{bodies} 个主体",
    ),
    "visit_quota_month": (
        "Visits a month: {visits} · distinct bodies: {bodies}",
        "每月督查 {visits} 次，{bodies} 个主体",
    ),
    "visit_day": ("Visits today", "今日督查"),
    "visit_week": ("Visits this week", "本周督查"),
    "visit_month": ("Visits this month", "本月督查"),
    "visit_done": (
        "{done} of {required}, by {bodies} of {bodies_required} bodies",
        "已完成 {done}/{required} 次，{bodies}/{bodies_required} 个主体",
    ),
    "visit_next": ("Next visit by {time}", "下次督查最晚 {time}"),
    "quota_done": ("done", "已完成"),
    "quota_on_time": ("on time", "正常"),
    "quota_due": ("due", "待督查"),
    "quota_overdue": ("overdue", "已逾期"),
    "quota_missed": ("missed", "已漏（补不上）"),
    "visit_arrive": ("I have come: check in", "到达签到"),
    "visit_leave": ("I am leaving", "离开签退"),
    "visit_since": (
        "You checked in at {time}; stay for {minutes} minutes at least.",
        "您已于 {time} 签到，请至少停留 {minutes} 分钟。",
    ),
    "visit_sign_in": ("Inspectors: sign in to check in", "督查人员请登录后签到"),
    "visit_round": ("Back to my round", "返回我的巡查"),
    "visit_yours": ("Your visits", "我的签到"),
    "visit_counts": ("counts", "有效"),
    "visit_open": ("leaving not told yet", "尚未签退"),
    "visit_short": ("too short", "停留时间不足"),
    "visit_soon": ("too near to another visit", "与其他督查间隔过短"),
    "visit_body": ("your body has been here already", "本主体已督查过"),
    "visit_enough": ("there are enough already", "次数已足"),
    "visit_outside": ("of another period", "不在本周期内"),
}
