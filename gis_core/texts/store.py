"""Texts about what is stored."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "store_url": (
        "store {value!r} is not a database URL; expected sqlite:///FILE or postgresql://USER@HOST/DATABASE",
        "数据库地址 {value!r} 无效；应为 sqlite:///文件 或 postgresql://用户@主机/数据库",
    ),
    "store_folder": (
        "the folder {value} does not exist; create it first, or choose another place for the store",
        "文件夹 {value} 不存在；请先创建，或为数据库另选位置",
    ),
    "store_schema": (
        "this store was made by another version of GridWarden; load it anew into an empty one ({fault})",
        "该数据库由其他版本的 GridWarden 建立；请重新导入到空库（{fault}）",
    ),
    "store_unreachable": ("cannot open the store {value}: {fault}", "无法打开数据库 {value}：{fault}"),
    "in_memory": (
        "{field} {value}: a store in memory is seen by one process only; use a file or PostGIS",
        "{field} {value}：内存数据库只能由一个进程使用；请使用文件或 PostGIS",
    ),
    "city_missing": (
        "this store has no city yet; run `gridwarden init --city FILE.toml` or `gridwarden demo`",
        "数据库中尚无城市；请运行 `gridwarden init --city 文件.toml` 或 `gridwarden demo`",
    ),
    "city_differs": (
        "this store is of {stored}; its {field} cannot become {value!r} once a territory is loaded, use another store",
        "该数据库属于 {stored}，辖区导入后不可将 {field} 改为 {value!r}；请使用另一个数据库",
    ),
    "key_twice": (
        "source {source!r} has the key {key!r} twice, and the rows differ; the first was kept",
        "来源 {source!r} 中键 {key!r} 重复且内容不同；已保留第一行",
    ),
    "code_taken": (
        "{field} {value!r} is taken already by another row ({taken_by})",
        "{field} {value!r} 已被另一行占用（{taken_by}）",
    ),
}
