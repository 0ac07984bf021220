"""Texts about the city file."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "city_field": (
        "city file: {field} is {value!r}; expected {expected}",
        "城市文件：{field} 的值为 {value!r}；应为 {expected}",
    ),
    "level_unknown": (
        "there is no grid level {value!r}; expected one of: {expected}",
        "没有网格层级 {value!r}；可用：{expected}",
    ),
    "reference_unknown": (
        "there is no reference table {value!r}; expected one of: {expected}",
        "没有参考数据表 {value!r}；可用：{expected}",
    ),
    "demo_size": (
        "demo city: {field} is {value!r}; expected {expected}",
        "演示城市：{field} 的值为 {value!r}；应为 {expected}",
    ),
}
