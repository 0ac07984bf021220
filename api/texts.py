"""What the doors say, in English and Chinese."""

from api.hotspot_texts import HOTSPOTS
from api.open311_texts import OPEN311
from api.plan_texts import PLANS
from api.repeat_texts import REPEATS
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
    "help_check": (
        "Check grids, references, holders, front doors and facilities along lanes.",
        "检查网格、引用、责任人、门前责任与街巷沿线设施。",
    ),
    "help_impact": (
        "Say what a draft would move: ground, issues, streets, places, contracts, from which cell to which.",
        "查看草案将引起的变化：面积、问题、道路、场所与合同由哪个网格划归哪个网格。",
    ),
    "help_coverage": (
        "Say what was walked on days up to one, by cell, lane, segment, party, person or shift.",
        "统计某日或截至某日若干天的巡查覆盖：按网格、街巷、路段、单位、人员或班次。",
    ),
    "help_hotspots_snapshot": (
        "Keep the hot spots of a local day, and score the forecasts whose fortnight is over.",
        "保存某日的热点快照，并评估已到期的预测。",
    ),
    "help_strips": (
        "Draw the strip before each shop's door, from wall to kerb; nothing is stored.",
        "为每家门店划定门前责任区（墙基至路缘），不写入数据。",
    ),
    "help_tracks": ("Tracks of patrols: files in, matched to the streets.", "巡查轨迹：导入文件、匹配到道路。"),
    "help_tracks_load": (
        "Load GPX, GeoJSON or CSV files of tracks; what is there already is not counted twice.",
        "导入 GPX、GeoJSON 或 CSV 轨迹文件；已有的点不会重复计入。",
    ),
    "help_tracks_match": ("Match the tracks that wait.", "匹配尚未处理的轨迹。"),
    "opt_carrier": ("Account of who carried the receiver, if no column says.", "携带人账户（文件未注明时）。"),
    "opt_track_datum": (
        "Coordinate system of the file: wgs84, cgcs2000, gcj02, bd09 or EPSG:n.",
        "文件的坐标系：wgs84、cgcs2000、gcj02、bd09 或 EPSG:n。",
    ),
    "opt_again": ("Match days anew, with the streets known now.", "按当前道路重新匹配。"),
    "opt_since_day": ("First day to match anew.", "重新匹配的起始日期。"),
    "help_verify": ("Let PostGIS recompute every answer.", "由 PostGIS 重新计算并核对每一个结果。"),
    "help_map": ("Write map pages as files.", "输出地图页面文件。"),
    "help_demo": ("Build the demo city, assign its issues and draw its maps.", "生成演示城市，分派问题并绘制地图。"),
    "help_serve": ("Serve the map pages.", "启动地图服务。"),
    "help_user": ("Accounts: who may come in, and do what where.", "账户管理：谁可登录、可在何处做什么。"),
    "help_user_add": ("Make an account NAME.", "新建账户 NAME。"),
    "help_user_grant": (
        "Give NAME a ROLE for an AREA: city (default), grid:CODE, organisation:CODE or contractor:CODE.",
        "授予 NAME 在 AREA 的角色 ROLE：city（默认）、grid:编码、organisation:编码 或 contractor:编码。",
    ),
    "help_user_revoke": ("Take a role for an area back from NAME.", "收回 NAME 在某范围的角色。"),
    "help_user_key": (
        "Give NAME an API key called LABEL; it is shown once.",
        "为 NAME 生成名为 LABEL 的 API 密钥，仅显示一次。",
    ),
    "help_user_password": ("Give NAME a new password and end what is open.", "为 NAME 设置新密码，并结束其所有会话。"),
    "help_user_leave": ("Let NAME in no more; what they did stays theirs.", "停用账户 NAME；其历史记录保留。"),
    "help_user_list": ("List accounts with their roles and keys.", "列出账户及其角色和密钥。"),
    "opt_title": ("What others call them.", "显示名称。"),
    "opt_organisation": ("Code of the party they belong to.", "所属单位编码。"),
    "opt_no_password": ("A machine that comes in by key only.", "仅使用密钥的系统账户。"),
    "opt_password_stdin": ("Read the password from standard input.", "从标准输入读取密码。"),
    "opt_drop": ("Void the key instead.", "作废该密钥。"),
    "opt_name": ("Name it may be asked under, beside loopback's; may be repeated.", "允许访问的主机名（可重复）。"),
    "opt_demo": (
        "Serve with the secret everybody knows; on loopback only.",
        "使用公开的演示密钥提供服务，仅限本机回环地址。",
    ),
    "opt_workers": ("Server processes.", "服务进程数。"),
    "opt_no_worker": (
        "Begin no worker; `gridwarden worker` does the jobs.",
        "不启动任务进程；由 gridwarden worker 执行任务。",
    ),
    "help_worker": (
        "Do jobs (exports, imports, strips, tracks, hot spots) until told to stop.",
        "持续执行任务（导出、导入、划定责任区、匹配轨迹、保存热点），直到被要求停止。",
    ),
    "working": ("doing jobs; files are kept in {folder}", "正在执行任务；文件保存在 {folder}"),
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
    "opt_file": (
        "Issues to assign: a file, or many by repeating it or by * in the name.",
        "待分派的问题文件；可重复，文件名中可用 *。",
    ),
    "opt_answers": (
        "FILE.csv, or a folder for one .parquet per file.",
        "输出位置：文件.csv，或文件夹（每个输入文件一个 .parquet）。",
    ),
    "opt_scheduler": ("Let the workers of a Dask scheduler do it: tcp://…", "由 Dask 集群执行：tcp://…"),
    "opt_threads": ("Threads for each file.", "每个文件使用的线程数。"),
    "opt_out": ("Where to write.", "输出位置。"),
    "opt_lon": ("Longitude in degrees.", "经度（度）。"),
    "opt_lat": ("Latitude in degrees.", "纬度（度）。"),
    "opt_category": ("Category code, or component:CODE.", "类别编码，或 component:编码。"),
    "opt_at": ("Day or instant asked about (default: now).", "所问日期或时刻（默认：现在）。"),
    "opt_issue": ("Case number of a stored issue.", "已入库问题的案卷号。"),
    "opt_holders": ("Only: patches without a holder or deputy.", "仅检查：无责任人或无副职的责任区。"),
    "opt_references": ("Only: names that lead nowhere.", "仅检查：无效引用。"),
    "opt_geometry": ("Only: grid geometry and codes.", "仅检查：网格几何与编码。"),
    "opt_facilities": (
        "Only: toilets, bins, notices and lamps along the lanes under patrol.",
        "仅检查：巡查街巷沿线的公厕、垃圾箱、公益广告与路灯。",
    ),
    "opt_lanes": (
        "A register of lanes (code, name, length_m) to hold against the street layer.",
        "街巷名录文件（编码、名称、长度），与道路图层比对。",
    ),
    "opt_coverage_date": (
        "The last local day, such as 2026-06-30; if not given, the newest with a track.",
        "最后一日，如 2026-06-30；不填则为最近有轨迹的一日。",
    ),
    "opt_days": ("So many local days, that one among them.", "天数，含当日。"),
    "opt_coverage_by": (
        "grid (the lowest level), the name of a level, lane, segment, contractor, inspector or shift.",
        "grid（最低一级网格）、某级网格名称、lane、segment、contractor、inspector 或 shift。",
    ),
    "opt_coverage_out": ("Write it as .csv, .geojson or .gpkg.", "写入 .csv、.geojson 或 .gpkg 文件。"),
    "opt_snapshot_day": (
        "A local day, such as 2026-06-30; if not given, the last one that is over and has reports.",
        "日期，如 2026-06-30；不填则为最近一个已结束且有上报的日期。",
    ),
    "opt_digest": ("The day in sentences instead.", "改为输出当日摘要。"),
    "opt_findings": ("Write what is found, with its shapes, as GeoJSON.", "将检查结果及图形写入 GeoJSON。"),
    "opt_repair": (
        "Write a proposal of cells that fit, with the area each gains and loses, as GeoJSON; nothing is changed.",
        "将网格修正建议（含各网格增减面积）写入 GeoJSON，不改动数据。",
    ),
    "opt_ground": ("Write the ground that moves as GeoJSON.", "将划转的区域写入 GeoJSON。"),
    "opt_strips": ("Where to write the strips, as GeoJSON.", "门前责任区写入的 GeoJSON 文件。"),
    "opt_fronts": ("Also write each strip's metres by street and side, as CSV.", "另将各责任区沿街长度写入 CSV。"),
    "opt_walls": (
        "File of footprints and fences to try out, instead of the stored walls: strips end at them.",
        "试用的建筑轮廓与围墙文件，代替库内数据，责任区止于墙基。",
    ),
    "opt_lots": (
        "File of lots to try out, instead of the stored ones: where the city rules so, strips end at their lines.",
        "试用的宗地文件，代替库内数据：按城市规则，责任区止于宗地界线的延长线。",
    ),
    "opt_doors": ("Shops, plates, agreements and strips only.", "只检查店铺、责任牌、责任书与责任区。"),
    "opt_forget_strips": (
        "Withdraw the derived strips that are kept, and draw them again no more.",
        "撤销已保存的推算责任区，此后不再自动重划。",
    ),
    "opt_keep_strips": (
        "Keep them as the derived strips, by which issues are assigned.",
        "存为推算的责任区，作为派单依据。",
    ),
    "opt_units": ("Number of unit grids.", "单元网格数量。"),
    "opt_issues": ("Number of issues.", "问题数量。"),
    "opt_no_patrols": ("Leave out the tracks of inspectors.", "不生成巡查轨迹。"),
    "opt_seed": ("Seed of the demo city.", "演示城市随机种子。"),
    "opt_serve": ("Serve the maps afterwards.", "完成后启动地图服务。"),
    "opt_host": ("Address to listen on.", "监听地址。"),
    "opt_port": ("Port to listen on.", "监听端口。"),
}

SAYS: dict[str, Text] = {
    "initialised": ("{city}: store ready at {store}", "{city}：数据库已就绪（{store}）"),
    "loading": ("reading {file}", "正在读取 {file}"),
    "rate": ("{rate}/s", "{rate}/秒"),
    "loaded_file": (
        "{file} → {table}: {read} rows read, {stored} stored, {known} already there, {rejected} rejected",
        "{file} → {table}：读取 {read} 行，入库 {stored} 行，已存在 {known} 行，拒收 {rejected} 行",
    ),
    "tracks_loaded": (
        "{file}: {read} points read, {stored} stored, {known} already there, {rejected} rejected",
        "{file}：读取 {read} 个点，入库 {stored} 个，已存在 {known} 个，拒收 {rejected} 个",
    ),
    "matching_tracks": ("matching tracks", "正在匹配轨迹"),
    "tracks_matched": (
        "{days} days matched, {changed} of them changed, {faults} with a fault; {forgotten} old batches forgotten",
        "匹配 {days} 天，其中 {changed} 天有变化，{faults} 天有误；清除过期轨迹 {forgotten} 批",
    ),
    "closed_issues": ("{count} open issues were closed", "{count} 件未结问题已结案"),
    "impact_move": (
        (
            "{level}: {from_grid} → {to_grid}  {area_m2:,.0f} m², {issues} open issues, {street_m:,.0f} m of street, "
            "{places} places, {contracts} contracts"
        ),
        (
            "{level}：{from_grid} → {to_grid}  {area_m2:,.0f} 平方米，未结问题 {issues} 件，道路 {street_m:,.0f} 米，"
            "场所 {places} 处，合同 {contracts} 份"
        ),
    ),
    "impact_totals": (
        (
            "together: {area_m2:,.0f} m², {issues} open issues, {street_m:,.0f} m of {streets} streets, "
            "{places} places, {contracts} contracts, {holders} cells changed"
        ),
        (
            "合计：{area_m2:,.0f} 平方米，未结问题 {issues} 件，{streets} 条道路共 {street_m:,.0f} 米，"
            "场所 {places} 处，合同 {contracts} 份，变动网格 {holders} 个"
        ),
    ),
    "drawing_strips": ("drawing the strips", "正在划定门前责任区"),
    "shops_unplaced": ("{count} shops without ground, {reason}: {shops}", "{count} 家门店未划定（{reason}）：{shops}"),
    "strips_kept": (
        "kept: {added} new, {changed} changed, {ended} ended, {unchanged} as before",
        "已保存：新增 {added}，变更 {changed}，终止 {ended}，未变 {unchanged}",
    ),
    "strips_forgotten": (
        "{ended} strips withdrawn; they are drawn again no more",
        "已撤销 {ended} 处责任区，此后不再自动重划",
    ),
    "strips_drawn": (
        "{shops} shops have {strips} strips along {shop_m:,.0f} m of kerb, {blank_m:,.0f} m are before nobody",
        "{shops} 家门店共 {strips} 处责任区，沿街 {shop_m:,.0f} 米，空白 {blank_m:,.0f} 米",
    ),
    "lots_unused": (
        "the lots were not used: the city's rule for sides is {sides} (property_line in [strips] of the city file)",
        "未使用宗地：城市规则 sides 为 {sides}（城市文件 [strips] 中应为 property_line）",
    ),
    "usual_fronts": (
        "median fronts of trades with ten measured ones; to go by them, in the city file:\n[strips.fronts_m]\n{table}",
        "实测门面不少于十家的行业，其门面宽度中位数如下；如需采用，请写入城市文件：\n[strips.fronts_m]\n{table}",
    ),
    "snapshot_taking": ("keeping hot spots", "正在保存热点"),
    "snapshot_taken": (
        "{day}: {stored} answers kept ({faults} came to nothing), {scored} forecasts scored, {forgotten} dropped",
        "{day}：新存 {stored} 项（其中 {faults} 项无结果），评估预测 {scored} 项，清除 {forgotten} 项",
    ),
    "coverage_reading": ("reading what was walked", "正在读取巡查记录"),
    "coverage_written": ("{count} rows are in {file}", "{count} 行已写入 {file}"),
    "shapes_written": ("{count} shapes are in {file}", "{count} 个图形已写入 {file}"),
    "rejects_written": ("the rejected rows and reasons are in {file}", "拒收的行及原因见 {file}"),
    "version": ("territory version {version} published", "辖区版本 {version} 已发布"),
    "revision": ("reference revision {revision}", "基础数据修订号 {revision}"),
    "indexing": ("building its indexes", "正在建立索引"),
    "indexes_not_kept": (
        "the indexes could not be written, so each process builds its own ({fault})",
        "索引无法写入，各进程将自行建立（{fault}）",
    ),
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
    "assigned_files": (
        "{done} of {files} files: {read} rows read, {assigned} assigned, {rejected} rejected; written to {out}",
        "{files} 个文件中完成 {done} 个：读取 {read} 行，分派 {assigned} 行，拒收 {rejected} 行；已写入 {out}",
    ),
    "partition_failed": ("{file}: {fault}", "{file}：{fault}"),
    "assigning_files": ("assigning {count} files", "正在分派 {count} 个文件"),
    "sending": ("assigning the files at {scheduler}", "正在由 {scheduler} 分派文件"),
    "verified": ("{issues} issues, 0 differences", "{issues} 件问题，0 处差异"),
    "differences": ("{count} differences", "{count} 处差异"),
    "map_written": ("{page}: {file}", "{page}：{file}"),
    "demo_building": ("building the demo city", "正在生成演示城市"),
    "demo_storing": ("storing the territory", "正在写入辖区数据"),
    "reassigning": ("assigning the open issues again", "正在重新分派未结问题"),
    "demo_issues": ("assigning the issues", "正在分派问题"),
    "demo_tracks": ("storing the tracks of inspectors", "正在写入巡查轨迹"),
    "demo_matching": ("matching the tracks to the streets", "正在将轨迹匹配到道路"),
    "demo_maps": ("drawing the maps", "正在绘制地图"),
    "demo_done": (
        "{city}: {grids} unit grids, {streets} streets, {issues} issues; {rejected} rejected; built in {seconds:.0f} s",
        "{city}：单元网格 {grids} 个，道路 {streets} 条，问题 {issues} 件，拒收 {rejected} 件，用时 {seconds:.0f} 秒",
    ),
    "serving": ("serving at {url}  (Ctrl+C stops)", "服务地址：{url}（按 Ctrl+C 停止）"),
    "answer": ("responsible: {responsible} ({rule})", "责任方：{responsible}（{rule}）"),
    "user_added": ("{name}: account made", "{name}：账户已建立"),
    "role_given": ("{name}: {role} for {area}", "{name}：已授予 {area} 的角色 {role}"),
    "role_taken": ("{name}: no longer {role} for {area}", "{name}：已收回 {area} 的角色 {role}"),
    "key_given": ("{name}: key {label} made", "{name}：密钥 {label} 已生成"),
    "key_dropped": ("{name}: key {label} is void", "{name}：密钥 {label} 已作废"),
    "key_shown": (
        "{shown}\n(shown once; keep it as you would a password)",
        "{shown}\n（仅显示一次，请像密码一样保管）",
    ),
    "password_set": ("{name}: new password; open sessions ended", "{name}：密码已更新，原有会话已结束"),
    "user_left": ("{name}: account closed", "{name}：账户已停用"),
    "user_line": ("{name}  {title}  roles: {grants}  keys: {keys}", "{name}  {title}  角色：{grants}  密钥：{keys}"),
    "type_password": ("Password", "密码"),
    "demo_accounts": (
        "accounts: {names}; password of each: {password}",
        "演示账户：{names}；密码均为 {password}",
    ),
    "column_check": ("check", "检查"),
    "holder_note": ("deputy: {deputy}", "副职：{deputy}"),
    "ok": ("ok", "正常"),
    "missing": ("missing", "缺少"),
    "broke_off": ("broke off, nothing of the step under way was kept: {fault}", "已中断，进行中的步骤未保存：{fault}"),
    "stopped": ("stopped", "已停止"),
    "mean": ("did you mean {value}?", "是否想输入 {value}？"),
}

USAGE: dict[str, Text] = {"usage": ("{message}", "用法有误：{message}")}

SAY = catalogue(HELP, SAYS, USAGE, OPEN311, HOTSPOTS, PLANS, REPEATS)
