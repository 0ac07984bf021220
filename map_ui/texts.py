"""Everything the map pages say, in English and Chinese."""

from gis_core.texts import TEXTS as CORE
from gis_core.texts import Catalogue, Text, catalogue
from map_ui.backstreet_texts import BACKSTREETS
from map_ui.fault_texts import FAULTS
from map_ui.hotspot_texts import HOTSPOTS
from map_ui.patrol_texts import PATROL
from map_ui.plate_texts import PLATES
from map_ui.sheet_texts import SHEETS
from map_ui.street_heat_texts import STREET_HEAT
from map_ui.visit_texts import VISITS

PAGE: dict[str, Text] = {
    "language": ("中文", "English"),
    "legend": ("Legend and layers", "图例与图层"),
    "as_of": ("as of {time} ({zone})", "截至 {time}（{zone}）"),
    "made_at": ("page made {time}", "页面生成于 {time}"),
    "datum": (
        "Coordinates: WGS 84, which CGCS2000 equals at map scale. Never lay this map over one in GCJ-02 or BD-09.",
        "坐标：WGS 84（地图比例尺下与 CGCS2000 一致），不可与 GCJ-02、BD-09 地图直接叠加。",
    ),
    "no_script": ("This map needs JavaScript switched on.", "本地图需要启用 JavaScript。"),
    "cut": (
        "{layer}: {shown} of {total} are on this page, left out evenly",
        "{layer}：共 {total}，本页均匀抽取 {shown}",
    ),
    "cut_newest": (
        "{layer}: the newest {shown} of {total} are on this page",
        "{layer}：共 {total} 件，本页为最新 {shown} 件",
    ),
    "no_grids": (
        "Nothing to see yet. Load grids, streets and issues with: gridwarden load",
        "尚无数据。请用 gridwarden load 导入网格、道路和问题。",
    ),
    "issue_counts": ("{open} open issues · {closed} closed", "未结案 {open} 件 · 已结案 {closed} 件"),
    "issues_none": ("no issues yet", "尚无问题"),
    "issues_open": ("Open issues", "未结案问题"),
    "issues_closed": ("Closed issues", "已结案问题"),
    "whole_city": ("Show the whole city", "显示全市"),
    "back": ("Back to the map", "返回地图"),
    "feature_service": ("Layers as features (OGC API)", "图层要素服务（OGC API）"),
    "features": ("features", "要素"),
    "sign_in": ("Sign in", "登录"),
    "sign_out": ("sign out", "退出"),
    "user_name": ("User name", "用户名"),
    "password": ("Password", "密码"),
    "entrance_summary": (
        "Grid management: who answers for what, and where it piles up.",
        "网格化管理：责任到人，问题到格。",
    ),
    "nothing": ("none", "无"),
    "comma": (", ", "，"),
    "metres": ("{value} m", "{value} 米"),
    "square_metres": ("{value} m²", "{value} 平方米"),
    "hectares": ("{value} ha", "{value} 公顷"),
}

OVERVIEW: dict[str, Text] = {
    "overview_title": ("Overview", "总览图"),
    "overview_summary": (
        "Grids, streets, places, facilities and issues with whoever is responsible for each.",
        "网格、道路、场所、部件，以及每件问题的责任方。",
    ),
    "colour_by": ("Colour by", "着色方式"),
    "by_party": ("who is responsible", "责任方"),
    "by_rule": ("why (rule)", "判责依据"),
    "by_status": ("Status", "状态"),
    "switch_all": ("show or hide: {layer}", "显示或隐藏：{layer}"),
    "kind_unit": ("public unit", "单位"),
    "kind_firm": ("contracted firm", "承包企业"),
    "kind_person": ("person in charge", "责任人"),
    "kind_shop": ("shop, by its front door", "店铺（门前三包）"),
    "kind_queue": ("waits in a grid's queue", "待派（网格队列）"),
    "status_open": ("open", "未结案"),
    "status_closed": ("closed", "已结案"),
    "short_named_component": ("component's maintainer", "部件养护单位"),
    "short_place_operator": ("place operator", "场所运营方"),
    "short_front_door": ("before a shop's door", "门前责任区"),
    "short_point_contract": ("point contract", "定点承包"),
    "short_section_contract": ("street section contract", "路段承包"),
    "short_area_contract": ("road or area contract", "道路、片区承包"),
    "short_grid_holder": ("grid holder", "网格责任人"),
    "short_territorial_fallback": ("territorial fallback", "属地兜底"),
    "class_arterial": ("arterial road", "主干道"),
    "class_secondary": ("secondary road", "次干道"),
    "class_branch": ("branch road", "支路"),
    "class_backstreet": ("backstreet, lane", "背街小巷"),
    "class_other": ("other", "其他"),
    "other_types": ("other", "其他"),
}

POPUP: dict[str, Text] = {
    "responsible": ("Responsible", "责任方"),
    "why": ("Why", "依据"),
    "category": ("Category", "类别"),
    "reported": ("Reported", "上报时间"),
    "text": ("What was said", "问题描述"),
    "address": ("Address", "地址"),
    "grid": ("Grid", "网格"),
    "outside_grid": ("{value} m outside the grid", "在网格外 {value} 米"),
    "street": ("Street", "道路"),
    "side_left": ("left side", "左侧"),
    "side_right": ("right side", "右侧"),
    "side_on": ("on the centre line", "道路中线上"),
    "place": ("Inside", "所在场所"),
    "frontage": ("Front door", "门前责任区"),
    "facility": ("Component", "部件"),
    "contract": ("Contract", "合同"),
    "contractor": ("Contractor", "承包单位"),
    "supervises": ("Supervises", "主管"),
    "owns": ("Owns", "权属"),
    "handles": ("Handles", "处置"),
    "holds": ("Holds the territory", "属地责任"),
    "maintains": ("Maintains", "养护"),
    "flags": ("Note", "注意"),
    "queue_of": ("queue of {name}", "{name}待派队列"),
    "several_here": ("{number} of {count} here", "此处第 {number} / {count} 件"),
    "previous": ("previous", "上一件"),
    "next": ("next", "下一件"),
    "code": ("Code", "编码"),
    "level": ("Level", "层级"),
    "parent": ("Part of", "上级"),
    "organisation": ("Organisation", "责任单位"),
    "area": ("Area", "面积"),
    "class": ("Class", "等级"),
    "width": ("Width", "宽度"),
    "footway": ("Footway, each side", "人行道（每侧）"),
    "length": ("Length", "长度"),
    "type": ("Type", "类型"),
    "operator": ("Operator", "运营管理方"),
    "supervisor": ("Supervisor", "行业监管"),
    "state": ("State", "状况"),
}

HEAT: dict[str, Text] = {
    "heat_title": ("Heat map", "热力图"),
    "heat_summary": ("Where issues were reported in the last 7 or 30 days.", "近 7 天或 30 天问题上报的分布。"),
    "days": ("last {days} days", "近 {days} 天"),
    "window": ("Period", "时段"),
    "reported_count": ("{count} issues reported", "上报 {count} 件"),
    "in_window": ("{from_day} to {to_day}", "{from_day} 至 {to_day}"),
    "heat_none": ("No issues were reported in this period.", "该时段内没有上报问题。"),
    "heat_cut": (
        "drawn: the newest {shown} of {total} issues (the table counts all)",
        "图上只画最新 {shown} 件（共 {total} 件），表格按全部统计",
    ),
    "heat_unit": (
        "Issues within about {metres} m, nearer ones counting more. The scale follows what is in view.",
        "约 {metres} 米范围内的件数（越近权重越高），色标随当前视野变化。",
    ),
    "heat_meaning": (
        (
            "This picture shows how many issues were reported where. It does not say whether a place is worse than "
            "chance would have it: busy places have more reports, and so do places that are looked at more often."
        ),
        "本图只表示各处上报数量的多少，不代表统计上的显著聚集：人流多、巡查勤的地方上报自然也多。",
    ),
    "busiest": ("Ten busiest", "数量前十"),
    "by_level": ("Counted by", "统计单位"),
    "count": ("Issues", "件数"),
    "grid_count": ("{count} issues, {days}", "{days}：{count} 件"),
    "no_cell": ("in none of these grids: {count}", "不在此级网格内：{count} 件"),
    "outlines": ("grids and main streets", "网格与主要道路"),
}

DOORS: dict[str, Text] = {
    "doors_title": ("Front doors", "门前责任"),
    "doors_summary": (
        "Which front doors are signed for, which are not, and where things go wrong again and again.",
        "门前三包签约、未签约与空白路段，以及反复出问题的店铺。",
    ),
    "no_strips": (
        "Nothing is drawn yet. Load places of type shop, then draw their strips with: gridwarden strips --keep",
        "尚未划定责任区。请先导入店铺（类型为 shop 的场所），再运行 gridwarden strips --keep。",
    ),
    "strips": ("Front-of-door strips", "门前责任区"),
    "cut_strips": (
        "{shown} of {total} strips are on this page: shops first, those with most violations; blanks are left out",
        "共 {total} 段责任区，本页显示 {shown} 段：店铺优先，问题多者在前，空白路段从略",
    ),
    "by_state": ("agreement", "签约情况"),
    "by_violations": ("violations", "问题件数"),
    "door_signed": ("signed", "已签约"),
    "door_unsigned": ("shop, not signed", "未签约店铺"),
    "door_blank": ("blank: no shop", "空白（无店铺）"),
    "door_excluded": ("excluded", "不计入"),
    "mark_goods": ("lines for goods", "置物划线"),
    "mark_parking": ("lines for parking", "停放划线"),
    "mark_no_parking": ("no parking", "禁停区"),
    "shops_signed": ("of shops signed ({signed} of {shops})", "店铺签约率（{shops} 家中 {signed} 家）"),
    "kerb_signed": ("of {metres} of kerb before shops signed for", "店前路缘签约率（共 {metres}）"),
    "kerb_blank": ("{metres} of kerb are before no shop", "另有 {metres} 路缘无店铺"),
    "violations_in": ("{count} violations before shops in {days} days", "近 {days} 天门前问题 {count} 件"),
    "kilometres": ("{value} km", "{value} 公里"),
    "streets_by": ("Streets", "道路"),
    "order_rate": ("violations per 100 m", "每百米问题数"),
    "order_unsigned": ("shops not signed", "未签约店铺数"),
    "door_heat_none": ("none", "无问题"),
    "door_heat_few": ("1 or 2 in 90 days", "90 天内 1–2 件"),
    "door_heat_some": ("3 to 5", "3–5 件"),
    "door_heat_many": ("6 or more", "6 件以上"),
    "door_heat_nobody": ("no shop", "无店铺"),
    "street_shops": ("{code} · {shops} shops", "{code} · {shops} 家"),
    "unrolled": ("Both sides of {name}", "{name}两侧展开图"),
    "street_figures": (
        "{share} % of the kerb before shops signed · {rate} violations per 100 m of all kerb (95 %: {low} – {high})",
        "店前路缘签约 {share} % · 全部路缘每百米 {rate} 件（95% 区间 {low} – {high}）",
    ),
    "click_part": ("bars: violations · click a strip", "柱高为问题件数 · 点选可定位"),
    "violations_of": ("{count} violations", "问题 {count} 件"),
    "repeats": (
        "Again and again: {count} shops with {least} or more in {days} days; the worst {shown}",
        "反复出问题：{days} 天内 {least} 件以上的店铺 {count} 家，列最多的 {shown} 家",
    ),
    "agreement": ("Letter", "责任书"),
    "until": ("Until", "有效期至"),
    "kerb": ("Kerb", "路缘长度"),
    "violations": ("Violations", "问题件数"),
    "drawn": ("Drawn", "划定依据"),
    "drawn_official": ("officially", "街道划定"),
    "drawn_measured": ("from measured fronts", "按门面实测推算"),
    "drawn_estimated": ("estimated from points", "按点位估算"),
    "mark_kind": ("Marked", "划线"),
}

TERRITORY: dict[str, Text] = {
    "territory_title": ("Territory", "辖区"),
    "territory_summary": (
        "Gaps, overlaps and faults of the grids, and what a draft of new borders would move.",
        "网格的空隙、重叠与差错，以及新边界草案会带来的变动。",
    ),
    "findings": ("Findings", "检查结果"),
    "findings_none": ("The checks find nothing.", "检查未发现问题。"),
    "findings_first": ("The first {count}", "前 {count} 条"),
    "severity_error": ("error", "错误"),
    "severity_warning": ("warning", "警告"),
    "ground": ("Ground that moves", "变动地块"),
    "drafts_none": ("There is no draft of new borders.", "目前没有边界草案。"),
    "draft_pick": ("Draft", "草案"),
    "draft_of": ("{id}: {note} ({changes} changes)", "{id}：{note}（{changes} 处变更）"),
    "nobody": ("nobody", "无归属"),
    "impact_meaning": ("Published now, this draft would move:", "如现在发布，该草案将变动："),
    "impact_issues": ("open issues", "未结案问题（件）"),
    "impact_places": ("places", "场所（处）"),
    "impact_contracts": ("contracts", "合同（份）"),
    "impact_holders": ("cells that change shape", "形状变动的网格（个）"),
    "impact_area": ("ground", "面积"),
    "impact_street": ("street", "道路"),
    "impact_moves": ("From → to", "变动去向"),
    "impact_move": (
        "{area} · {issues} issues · {metres} m of street · {places} places · {contracts} contracts",
        "{area} · 问题 {issues} 件 · 道路 {metres} 米 · 场所 {places} 处 · 合同 {contracts} 份",
    ),
    "from_grid": ("From", "原属"),
    "to_grid": ("To", "归入"),
}

PARTS = (
    PAGE,
    FAULTS,
    OVERVIEW,
    POPUP,
    HEAT,
    HOTSPOTS,
    DOORS,
    BACKSTREETS,
    STREET_HEAT,
    TERRITORY,
    PLATES,
    VISITS,
    SHEETS,
    PATROL,
)
TEXTS: Catalogue = catalogue(*PARTS)


def page_texts(locale: str) -> dict[str, str]:
    """Every text of the pages in ``locale``, with its ``{names}`` left for the page to fill in."""
    return {key: pair[locale == "zh"] for key, pair in TEXTS.items()}


def core_texts(prefix: str, locale: str) -> dict[str, str]:
    """The core's texts whose key begins with ``prefix``, by the rest of the key."""
    return {key.removeprefix(prefix): pair[locale == "zh"] for key, pair in CORE.items() if key.startswith(prefix)}


def number(value: int) -> str:
    """A whole number as both languages write it."""
    return f"{value:,}"
