"""Texts about what people asked for at a door: the command line, a plan file, an address."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "one_of": ("give either {first} or {second}", "请给出 {first} 或 {second} 之一"),
    "not_a_time": (
        "{value!r} is neither a day (2026-07-01) nor an instant (2026-07-01T08:30)",
        "{value!r} 既不是日期（2026-07-01）也不是时刻（2026-07-01T08:30）",
    ),
    "not_a_pair": ("{value!r}: expected OURS=THEIRS", "{value!r}：应写成 我方列名=文件列名"),
    "plan_field": (
        "plan: {field} is {value!r}; expected {expected}",
        "方案文件：{field} 的值为 {value!r}；应为 {expected}",
    ),
    "toml_fault": ("{value} is not a TOML file: {expected}", "{value} 不是有效的 TOML 文件：{expected}"),
    "process_lost": (
        "the process that read the file ended early (status {found}); load the file again: what is stored stays",
        "读取文件的进程提前结束（状态 {found}）；请重新加载该文件：已保存的内容不受影响",
    ),
    "file_missing": ("there is no file {value}", "找不到文件 {value}"),
    "checks_failed": (
        "the checks found {count} errors, so nothing was stored; mend the files, or publish with --override REASON",
        "检查发现 {count} 个错误，未保存任何内容；请修正文件，或使用 --override 理由 强制发布",
    ),
    "verify_needs_postgis": (
        "verify asks PostGIS, and this store is SQLite; give --store postgresql://…",
        "核对需要 PostGIS，而当前数据库是 SQLite；请使用 --store postgresql://…",
    ),
    "page_missing": ("there is no page {value!r}; there are: {expected}", "没有页面 {value!r}；可用：{expected}"),
    "language_unknown": (
        "{field}: there is no language {value!r}; there are: {expected}",
        "{field}：没有语言 {value!r}；可用：{expected}",
    ),
    "issue_missing": ("there is no issue {value}", "找不到问题 {value}"),
    "service_missing": ("there is no service {value!r}", "没有服务类别 {value!r}"),
    "token_missing": (
        "there is no token {value!r}: every report gets its number at once",
        "没有令牌 {value!r}：每次上报都会立即得到案卷号",
    ),
    "form_missing": ("there is no form {value!r}; there are: {expected}", "没有格式 {value!r}；可用：{expected}"),
    "key_needed": (
        "an api_key is needed to report; ask whoever runs this service for one",
        "上报需要 api_key，请向本服务的管理方申请",
    ),
    "key_invalid": ("the api_key is not valid, or no longer", "api_key 无效或已失效"),
    "position_needed": (
        "lat and long are needed: addresses are not looked up here",
        "必须给出 lat 和 long：本服务不解析地址",
    ),
    "layer_missing": ("there is no layer {value!r}; there are: {expected}", "没有图层 {value!r}；可用：{expected}"),
    "feature_missing": ("there is no feature {value}", "找不到要素 {value}"),
    "street_missing": ("there is no street {value}", "找不到道路 {value}"),
    "shop_missing": ("there is no shop {value}", "找不到店铺 {value}"),
    "grid_missing": ("there is no grid {value}", "找不到网格 {value}"),
    "outside_area": (
        "{lon}, {lat} does not lie in your area",
        "{lon}, {lat} 不在您的权限范围内",
    ),
    "layer_not_edited": (
        "layer {value} is not edited here; these are: {expected}; issues are reported at /api/v1/issues",
        "图层 {value} 不能在此编辑；可编辑的有：{expected}；问题请通过 /api/v1/issues 上报",
    ),
    "match_needed": (
        "{field} is needed, so that nobody writes over another's change: send the ETag that the feature was read with",
        "缺少 {field}：请附上读取该要素时得到的 ETag，以免覆盖他人的修改",
    ),
    "match_failed": (
        "{field}: the feature has changed since; read it again and make the change over what it is now",
        "{field}：该要素已被修改；请重新读取后再提交",
    ),
    "geometry_outside": (
        "{field}: {value} lies outside every grid; are longitude and latitude swapped, or is the system another one?",
        "{field}：{value} 不在任何网格内；请检查经纬度是否颠倒、坐标系是否正确",
    ),
    "kept_file_missing": ("the file {value} is not there any more", "文件 {value} 已不存在"),
    "job_missing": ("there is no job {value}", "找不到任务 {value}"),
    "job_without_file": ("job {value} has made no file", "任务 {value} 没有生成文件"),
    "job_lost": (
        "the worker ended three times over this job; ask whoever runs this service",
        "执行该任务的进程三次中断，请联系系统管理员",
    ),
    "job_unanswered": (
        "the database did not answer, three times; try again later, or ask whoever runs this service",
        "数据库三次无响应；请稍后重试，或联系系统管理员",
    ),
    "job_broke": (
        "something went wrong here; if you ask for help, name job {number}",
        "服务出错；求助时请提供任务编号 {number}",
    ),
    "export_outdated": (
        "your area has changed since job {value} was written; export again",
        "任务 {value} 完成后您的权限范围已变更，请重新导出",
    ),
    "upload_missing": ("there is no file {value} of yours", "找不到您上传的文件 {value}"),
    "photo_kind": (
        "{field}: this is no picture that is taken here; expected {expected}",
        "{field}：不支持的图片格式；应为 {expected}",
    ),
    "photo_large": ("{field}: {value} bytes; at most {expected}", "{field}：{value} 字节；最多 {expected}"),
    "photo_pixels": (
        "{field}: {value} pixels; at most {expected} in all",
        "{field}：{value} 像素；总数最多 {expected}",
    ),
    "photo_moves": ("{field}: a moving picture; send a still one", "{field}：不接受动图，请上传静态图片"),
    "photo_damaged": (
        "{field}: the picture is damaged ({value}); take it again",
        "{field}：图片已损坏（{value}），请重新拍摄",
    ),
    "shop_closed": (
        "shop {value} is closed on {day}; nothing more can be noted of it",
        "店铺 {value} 在 {day} 已停业，不能再登记",
    ),
    "not_a_duty": (
        "{field} {value!r} is not what this shop answers for ({expected}); report it as an issue instead",
        "{value!r} 不在该店铺的责任范围（{expected}）内；请作为问题上报",
    ),
    "inspected_when": (
        "{field} is {value}; expected an instant of the last {expected} days",
        "{field} 的值为 {value}；应为最近 {expected} 天内的时刻",
    ),
    "inspected_for_city": (
        'inspections for the city are for who inspects in all of it; others say body "district"',
        "市级检查只能由负责全市检查的账号登记或撤回；其他账号请使用 district",
    ),
    "door_case": (
        "Front-of-door duties, the {count}. time within {days} days: {name} ({code}), {matter}",
        "门前三包：{days} 天内第 {count} 次，{name}（{code}），{matter}",
    ),
    "plate_missing": (
        "this plate is no longer in use; ask the subdistrict for a new one",
        "该责任牌已停用，请向街道办申领新牌",
    ),
    "event_missing": ("nothing of number {value} was noted of this shop", "该店铺没有编号为 {value} 的记录"),
    "notice_missing": ("this shop was told nothing of number {value}", "该店铺没有编号为 {value} 的告知"),
    "plates_none": (
        "no shop or place of yours is meant: name a street, shops, or places with a quota of visits",
        "没有可打印的店铺或场所：请指定道路、店铺或有督查定额的场所",
    ),
    "plates_many": (
        "{value} plates are more than one sheet of {expected}: choose a street or fewer shops",
        "共 {value} 块责任牌，单次最多 {expected} 块：请按道路或减少店铺",
    ),
    "photo_missing": ("there is no photo {value} of this issue", "该问题没有照片 {value}"),
    "photos_enough": ("{value} photos of this report are enough", "该上报最多可附 {value} 张照片"),
    "disk_low": ("no more photos can be taken now; the report itself is kept", "目前无法再接收照片；上报本身已保存"),
    "photo_pass_missing": (
        "photos of this report are no longer taken here: report again, or let the city know the case number",
        "此处已不再接收该上报的照片：请重新上报，或告知城市案件编号",
    ),
    "photo_altered": (
        "the file {value} is not what was sealed; tell whoever runs this service",
        "文件 {value} 与封存内容不一致，请联系系统管理员",
    ),
    "version_missing": ("no version {value} is published", "没有已发布的版本 {value}"),
    "draft_missing": ("there is no draft {value}", "找不到草案 {value}"),
    "draft_closed": (
        "draft {value} is closed (version: {version}); begin a new one",
        "草案 {value} 已结束（版本：{version}）；请新建草案",
    ),
    "draft_change_missing": ("the draft does not change {value}", "该草案未修改 {value}"),
    "draft_code_taken": (
        "{field}: another feature of the draft has the code {value}",
        "{field}：草案中已有要素使用编码 {value}",
    ),
    "draft_outside": (
        "{value} would not lie in the area that you may edit",
        "{value} 不在您可编辑的范围内",
    ),
    "draft_empty": ("draft {value} changes nothing", "草案 {value} 没有任何修改"),
    "draft_outdated": (
        "{count} changes were made over what is no longer published: {value}; make them again, or undo them",
        "有 {count} 处修改所依据的内容已被新版本取代：{value}；请重新修改或撤销",
    ),
    "cursor_invalid": (
        "{field}: {value!r} is not the `next` of a page; begin again without it",
        "{field}：{value!r} 不是上一页给出的 next；请去掉该参数重新开始",
    ),
    "key_reused": (
        "{field} {value!r} brought another report before; use a new key for a new report",
        "{field} {value!r} 已用于另一份上报；新的上报请使用新的键",
    ),
    "reported_when": (
        "{field} is {value}; expected an instant since 1970 and not in the future",
        "{field} 的值为 {value}；应为 1970 年以后且不晚于现在的时刻",
    ),
    "outside": (
        "outside the city: {lon:.6f}, {lat:.6f} is {distance_m:.0f} m from the nearest grid",
        "在城市范围之外：{lon:.6f}, {lat:.6f} 距最近网格 {distance_m:.0f} 米",
    ),
    "outside_swapped": (
        "outside the city: {lon:.6f}, {lat:.6f}; it would lie inside with longitude and latitude swapped",
        "在城市范围之外：{lon:.6f}, {lat:.6f}；若经纬度互换则在范围之内",
    ),
    "outside_gcj02": (
        "outside the city: {lon:.6f}, {lat:.6f}; it would lie inside if it were GCJ-02 (use --datum gcj02)",
        "在城市范围之外：{lon:.6f}, {lat:.6f}；若为 GCJ-02 坐标则在范围之内（使用 --datum gcj02）",
    ),
    "outside_bd09": (
        "outside the city: {lon:.6f}, {lat:.6f}; it would lie inside if it were BD-09 (use --datum bd09)",
        "在城市范围之外：{lon:.6f}, {lat:.6f}；若为 BD-09 坐标则在范围之内（使用 --datum bd09）",
    ),
}
