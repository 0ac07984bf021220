"""What the command about plans says, in English and Chinese."""

from gis_core.texts import Text

PLANS: dict[str, Text] = {
    "help_plan": ("Plan a day of patrol and store it.", "制定并保存一天的巡查计划。"),
    "opt_plan_day": ("Local day, such as 2026-07-01; today if not given.", "日期，如 2026-07-01；默认为今天。"),
    "opt_plan_area": ("Code of the grid; the city if not given.", "网格代码；默认为全市。"),
    "opt_plan_iterations": ("How long to search.", "搜索的迭代次数。"),
    "opt_plan_seconds": ("Search no longer than this.", "搜索时间上限（秒）。"),
    "opt_plan_seed": ("Another seed, another plan.", "随机种子；不同种子得到不同计划。"),
    "opt_plan_pattern": ("What is asked for is what this pattern says.", "按该模板的内容制定。"),
    "opt_plan_out": ("A folder for the plan's files.", "存放计划文件的文件夹。"),
    "opt_plan_site": (
        "Address of the server as telephones reach it; sheets have QR codes only where it is given.",
        "手机访问服务器的地址；给出后路线单上才有二维码。",
    ),
    "plan_searching": ("planning", "正在制定计划"),
    "plan_stored": (
        "plan {number} of {day}: {planned} tasks for {people} people, {dropped} left out",
        "计划 {number}（{day}）：{people} 人共 {planned} 项任务，未安排 {dropped} 项",
    ),
    "plan_route": (
        "{patroller}: {tasks} tasks, {walked_km:.1f} km between them, {begin}–{end}",
        "{patroller}：{tasks} 项任务，途中 {walked_km:.1f} 公里，{begin}–{end}",
    ),
    "plan_step": ("  {begin}–{leave} {name}", "  {begin}–{leave} {name}"),
    "plan_dropped": ("left out: {name} – {reason}", "未安排：{name}——{reason}"),
    "plan_told": ("note: {text}", "提示：{text}"),
    "plan_written": ("{count} files are in {folder}", "{count} 个文件已写入 {folder}"),
}
