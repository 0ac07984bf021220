"""Texts about reading files."""

from gis_core.texts.catalogue import Text

REFUSALS: dict[str, Text] = {
    "file_folder": ("{file} is a folder; give a file", "{file} 是文件夹；请给出文件"),
    "file_empty": ("{file} is empty", "{file} 是空文件"),
    "file_closed": ("{file} cannot be opened: {found}", "无法打开 {file}：{found}"),
    "file_damaged": ("{file} is damaged or cut off: {found}", "{file} 已损坏或不完整：{found}"),
    "file_kind": (
        "{file} is {found} inside; expected GeoJSON, GeoPackage, Shapefile (also in a ZIP), (Geo)Parquet, CSV or XLSX",
        "{file} 的内容是 {found}；应为 GeoJSON、GeoPackage、Shapefile（可为 ZIP）、(Geo)Parquet、CSV 或 XLSX",
    ),
    "file_encoding": (
        "{file} is neither UTF-8 nor GBK (first fault at byte {offset}); save it as UTF-8",
        "{file} 既不是 UTF-8 也不是 GBK 编码（第 {offset} 字节起有误）；请另存为 UTF-8",
    ),
    "file_not_text": (
        "{file} is not text: it holds a zero byte at {offset}",
        "{file} 不是文本文件：第 {offset} 字节为零",
    ),
    "archive_members": (
        "{file} holds {found} files; at most {most} are unpacked",
        "{file} 含 {found} 个文件；最多解压 {most} 个",
    ),
    "archive_size": (
        "{file} would unpack to {found} bytes; at most {most} are allowed",
        "{file} 解压后有 {found} 字节；最多允许 {most} 字节",
    ),
    "archive_ratio": (
        "{file} would grow {found} times when unpacked; at most {most} times is allowed",
        "{file} 解压后膨胀 {found} 倍；最多允许 {most} 倍",
    ),
    "archive_member": (
        "{file} holds {found!r}, which is encrypted or would be unpacked outside its folder",
        "{file} 中的 {found!r} 已加密，或会解压到目标文件夹之外",
    ),
    "layers_not_one": (
        "{file} must hold exactly one layer; found: {found}",
        "{file} 应恰好包含一个图层；实有：{found}",
    ),
    "shapefile_part": (
        "{file} lacks its part {expected}; keep .shp, .shx and .dbf together",
        "{file} 缺少配套文件 {expected}；请将 .shp、.shx、.dbf 放在一起",
    ),
    "geojson_kind": (
        "{file} holds {found} where GeoJSON has a FeatureCollection or a Feature",
        "{file} 含有 {found}；GeoJSON 应为 FeatureCollection 或 Feature",
    ),
    "geometry_encoding": (
        "{file}: geometry is encoded as {found}; expected WKB",
        "{file}：几何编码为 {found}；应为 WKB",
    ),
    "crs_unknown": (
        "{file} declares the coordinate system {found!r}, which has no EPSG code; say what it is with --datum",
        "{file} 声明的坐标系 {found!r} 没有 EPSG 代码；请用 --datum 指明",
    ),
    "column_twice": ("{file} has the column {value!r} twice", "{file} 中列名 {value!r} 重复"),
    "column_missing": (
        "{file} has no column {value!r}; it has: {expected}",
        "{file} 没有列 {value!r}；现有列：{expected}",
    ),
    "column_missing_near": (
        "{file} has no column {value!r} (did you mean {near!r}?); it has: {expected}",
        "{file} 没有列 {value!r}（是否指 {near!r}？）；现有列：{expected}",
    ),
    "column_needed": (
        "{file}: nothing fills {value!r}, which {table} must have; use --map {value}=COLUMN; the file has: {expected}",
        "{file}：{table} 必需的 {value!r} 没有来源；请用 --map {value}=列名；现有列：{expected}",
    ),
    "positions_needed": (
        "{file} has no positions; use --map lon=COLUMN --map lat=COLUMN or --map wkt=COLUMN; the file has: {expected}",
        "{file} 没有位置信息；请用 --map lon=列名 --map lat=列名 或 --map wkt=列名；现有列：{expected}",
    ),
    "map_ours": (
        "there is no column {value!r} to fill; expected one of: {expected}",
        "没有可填写的列 {value!r}；可用：{expected}",
    ),
    "map_twice": (
        "{value!r} is filled twice: choose one of map, set and templates",
        "{value!r} 有两个来源：map、set、templates 只能选一",
    ),
}

REJECTS: dict[str, Text] = {
    "row_cells": (
        "the row has {found} cells, the header has {expected}",
        "该行有 {found} 个单元格，表头有 {expected} 个",
    ),
    "template_empty": ("{field}: its template needs {value!r}, which is empty", "{field}：模板所需的 {value!r} 为空"),
    "cell_empty": ("{field} is empty", "{field} 为空"),
    "cell_number": ("{field}: {value!r} is not a number", "{field}：{value!r} 不是数字"),
    "cell_whole": ("{field}: {value!r} is not a whole number", "{field}：{value!r} 不是整数"),
    "cell_time": (
        "{field}: {value!r} is not a time that exists; expected such as 2026-07-01 or 2026-07-01T08:30",
        "{field}：{value!r} 不是有效的时间；应如 2026-07-01 或 2026-07-01T08:30",
    ),
    "cell_choice": ("{field} is {value!r}; expected one of: {expected}", "{field} 的值为 {value!r}；可用：{expected}"),
    "cell_long": (
        "{field} has {found} characters; at most {most} are kept",
        "{field} 有 {found} 个字符；最多 {most} 个",
    ),
    "cell_inexact": (
        "{field}: the file keeps {value} as a number and has lost digits of it; store it as text",
        "{field}：文件以数字保存 {value}，已丢失部分位数；请存为文本",
    ),
    "geometry_unreadable": ("its geometry cannot be read: {value}", "几何无法读取：{value}"),
    "geometry_missing": ("it has no geometry", "没有几何图形"),
    "geometry_empty": ("its geometry is empty", "几何图形为空"),
    "geometry_kind": ("its geometry is {found}; expected {expected}", "几何类型为 {found}；应为 {expected}"),
    "geometry_swapped": (
        "{x:.6f}, {y:.6f} is no longitude and latitude; it would be one with the two swapped",
        "{x:.6f}, {y:.6f} 不是经纬度；若两者互换则是",
    ),
    "geometry_not_degrees": (
        "{x:.3f}, {y:.3f} read as {datum} is no longitude and latitude; other systems are declared with --datum",
        "{x:.3f}, {y:.3f} 按 {datum} 读取不是经纬度；其他坐标系请用 --datum 指明",
    ),
    "geometry_invalid": (
        "its geometry is invalid ({found}); mending it would move {amount_m2:.1f} m², allowed is less than {most_m2:g}",
        "几何无效（{found}）；修复将变动 {amount_m2:.1f} 平方米，须小于 {most_m2:g}",
    ),
}

TEXTS: dict[str, Text] = {**REFUSALS, **REJECTS}
