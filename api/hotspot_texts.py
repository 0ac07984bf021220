"""What the command of hot spots says, in English and Chinese."""

from gis_core.texts import Text

HOTSPOTS: dict[str, Text] = {
    "help_hotspots": (
        "Say where reports are many, by METHOD: surface, network, significance, emerging, scan, clusters or forecast.",
        "按方法 METHOD 查找热点：surface、network、significance、emerging、scan、clusters 或 forecast。",
    ),
    "opt_hotspots_by": (
        "Units to count by: lattice, grid (the lowest level), the name of a level, segment or strip.",
        "统计单元：lattice（方格）、grid（最低一级网格）、某级网格名称、segment（路段）或 strip（门前责任区）。",
    ),
    "opt_hotspots_per": (
        "What counts are compared with: none, size, shops or patrol.",
        "比较口径：none（不比较）、size（面积或长度）、shops（店铺）或 patrol（巡查量）。",
    ),
    "opt_hotspots_since": ("First local day, such as 2026-06-01.", "起始日期，如 2026-06-01。"),
    "opt_hotspots_until": (
        "Last local day, included; if not given, that of the newest report.",
        "截止日期（含当日）；不填则为最近上报的一日。",
    ),
    "opt_hotspots_category": ("Only this category; may be given again.", "仅统计该分类，可重复填写。"),
    "opt_hotspots_bandwidth": ("How far a report spreads in heat, metres.", "热力带宽（米）。"),
    "opt_hotspots_halflife": ("Reports so many days old count half as much.", "半衰期（天）：上报越久权重越低。"),
    "opt_hotspots_problems": (
        "Leave out repeats: count problems, not reports.",
        "不计重复上报：按问题而非上报数统计。",
    ),
    "opt_hotspots_out": ("Write it as .geojson, .csv, .gpkg or .png.", "写入 .geojson、.csv、.gpkg 或 .png 文件。"),
    "hotspots_head": ("{title}, {since} to {until}", "{title}，{since} 至 {until}"),
    "hotspots_written": ("{count} features are in {file}", "{count} 个要素已写入 {file}"),
}
