"""What the command line says, in English and Chinese."""

from gis_core.texts import Text, catalogue

HELP: dict[str, Text] = {
    "help": (
        "GridWarden: every reported issue reaches the one who answers for it, with the reason.",
        "GridWarden：让每个上报问题都找到责任人，并说明理由。",
    ),
    "help_init": ("Create the store of one city.", "为一座城市建立数据库。"),
    "help_load": ("Load files into layers and reference tables.", "导入图层与基础数据文件。"),
    "help_assign": (
        "Assign the open issues again, or assign a file without storing it.",
        "重新分派未结问题；或只对文件分派而不入库。",
    ),
    "help_explain": ("Say who answers at a place, and why.", "说明某处由谁负责及其理由。"),
    "help_check": ("Check grids, references and holders.", "检查网格、引用与责任人。"),
    "help_verify": ("Let PostGIS recompute every answer.", "由 PostGIS 重新计算并核对每一个结果。"),
    "help_map": ("Write map pages as files.", "输出地图页面文件。"),
    "help_demo": ("Build the demo city, assign its issues and draw its maps.", "生成演示城市，分派问题并绘制地图。"),
    "help_serve": ("Serve the map pages.", "启动地图服务。"),
    "help_doctor": ("Say what is there and what is missing.", "检查运行环境与数据状况。"),
    "opt_store": (
        "Database URL: sqlite:///FILE or postgresql://…  [GRIDWARDEN_DATABASE_URL]",
        "数据库地址：sqlite:///文件 或 postgresql://…  [GRIDWARDEN_DATABASE_URL]",
    ),
    "opt_json": ("Answer in JSON for machines.", "以 JSON 输出，供程序读取。"),
    "opt_lang": ("Language: zh or en (default: by locale).", "语言：zh 或 en（默认随系统区域）。"),
    "opt_city": ("City file (TOML).", "城市文件（TOML）。"),
    "opt_plan": ("Load all files of a plan (TOML) as one version.", "按方案文件（TOML）把多个文件作为一个版本导入。"),
    "opt_base": ("Folder of the plan's files.", "方案中数据文件所在的文件夹。"),
    "opt_datum": (
        "Coordinates are wgs84, cgcs2000, gcj02, bd09 or EPSG:n.",
        "坐标系：wgs84、cgcs2000、gcj02、bd09 或 EPSG:n。",
    ),
    "opt_map": ("Our column = theirs; may be repeated.", "我方列名=文件列名；可重复。"),
    "opt_level": ("Grid level of the file.", "文件所属的网格层级。"),
    "opt_scheme": ("Category scheme.", "类别体系。"),
    "opt_key": ("Column that identifies a row of the source.", "标识来源行的列。"),
    "opt_source": ("Name of the source (default: the file's).", "来源名称（默认取文件名）。"),
    "opt_replace": (
        "End the rows of this source that the file no longer has.",
        "文件中不再出现的该来源记录即告终止。",
    ),
    "opt_dry_run": ("Do everything, keep nothing.", "只试运行，不保存。"),
    "opt_override": ("Publish although the checks complain, for this reason.", "检查有误仍发布，并写明理由。"),
    "opt_effective": (
        "From when it answers: a day, an instant or `beginning`.",
        "生效时间：日期、时刻或 beginning（自始）。",
    ),
    "opt_file": ("Issue file to assign.", "待分派的问题文件。"),
    "opt_out": ("Where to write.", "输出位置。"),
    "opt_lon": ("Longitude in degrees.", "经度（度）。"),
    "opt_lat": ("Latitude in degrees.", "纬度（度）。"),
    "opt_category": ("Category code, or component:CODE.", "类别编码，或 component:编码。"),
    "opt_at": ("Day or instant asked about (default: now).", "所问日期或时刻（默认：现在）。"),
    "opt_issue": ("Case number of a stored issue.", "已入库问题的案卷号。"),
    "opt_holders": ("Only: patches without a holder or deputy.", "仅检查：无责任人或无副职的责任区。"),
    "opt_references": ("Only: names that lead nowhere.", "仅检查：无效引用。"),
    "opt_geometry": ("Only: grid geometry and codes.", "仅检查：网格几何与编码。"),
    "opt_units": ("Number of unit grids.", "单元网格数量。"),
    "opt_issues": ("Number of issues.", "问题数量。"),
    "opt_seed": ("Seed of the demo city.", "演示城市随机种子。"),
    "opt_serve": ("Serve the maps afterwards.", "完成后启动地图服务。"),
    "opt_host": ("Address to listen on.", "监听地址。"),
    "opt_port": ("Port to listen on.", "监听端口。"),
}

SAYS: dict[str, Text] = {
    "initialised": ("{city}: store ready at {store}", "{city}：数据库已就绪（{store}）"),
    "loading": ("reading {file}", "正在读取 {file}"),
    "loaded_file": (
        "{file} → {table}: {read} rows read, {stored} stored, {known} already there, {rejected} rejected",
        "{file} → {table}：读取 {read} 行，入库 {stored} 行，已存在 {known} 行，拒收 {rejected} 行",
    ),
    "rejects_written": ("the rejected rows and reasons are in {file}", "拒收的行及原因见 {file}"),
    "version": ("territory version {version} published", "辖区版本 {version} 已发布"),
    "revision": ("reference revision {revision}", "基础数据修订号 {revision}"),
    "nothing_changed": ("nothing changed", "没有变化"),
    "dry_run": ("dry run: nothing was kept", "试运行：未保存任何内容"),
    "findings": ("{errors} errors, {warnings} warnings", "{errors} 个错误，{warnings} 个警告"),
    "finding": ("{severity} {text}", "{severity} {text}"),
    "error": ("error", "错误"),
    "warning": ("warning", "警告"),
    "and_more": ("… and {count} more of this kind", "……同类另有 {count} 条"),
    "reassigned": ("{open} open issues, {changed} got another answer", "未结问题 {open} 件，其中 {changed} 件结果改变"),
    "assigned_file": (
        "{read} rows read, {assigned} assigned, {rejected} rejected; written to {out}",
        "读取 {read} 行，分派 {assigned} 行，拒收 {rejected} 行；已写入 {out}",
    ),
    "verified": ("{issues} issues, 0 differences", "{issues} 件问题，0 处差异"),
    "differences": ("{count} differences", "{count} 处差异"),
    "map_written": ("{page}: {file}", "{page}：{file}"),
    "demo_building": ("building the demo city", "正在生成演示城市"),
    "demo_storing": ("storing the territory", "正在写入辖区数据"),
    "demo_issues": ("assigning the issues", "正在分派问题"),
    "demo_maps": ("drawing the maps", "正在绘制地图"),
    "demo_done": (
        "{city}: {grids} unit grids, {streets} streets, {issues} issues assigned in {seconds:.0f} s, {rejected} rejected",
        "{city}：单元网格 {grids} 个，道路 {streets} 条，问题 {issues} 件，{seconds:.0f} 秒完成分派，拒收 {rejected} 件",
    ),
    "serving": ("serving at {url}  (Ctrl+C stops)", "服务地址：{url}（按 Ctrl+C 停止）"),
    "answer": ("responsible: {responsible} ({rule})", "责任方：{responsible}（{rule}）"),
    "column_check": ("check", "检查"),
    "holder_note": ("deputy: {deputy}", "副职：{deputy}"),
    "ok": ("ok", "正常"),
    "missing": ("missing", "缺少"),
    "stopped": ("stopped", "已停止"),
    "mean": ("did you mean {value}?", "是否想输入 {value}？"),
}

USAGE: dict[str, Text] = {"usage": ("{message}", "用法有误：{message}")}

SAY = catalogue(HELP, SAYS, USAGE)
