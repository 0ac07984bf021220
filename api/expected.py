"""What was sent and what was expected of it, in the reader's language."""

from typing import Any

MOST_SHOWN = 100
"""Characters of a wrong value that its refusal repeats."""
_DATE, _INSTANT = "日期，如 2026-07-01", "时刻（ISO 8601），如 2026-07-01T08:30:00+08:00"
EXPECTED: dict[str, str] = {
    "missing": "必填",
    "extra_forbidden": "没有此字段",
    "less_than": "小于 {lt}",
    "less_than_equal": "不大于 {le}",
    "greater_than": "大于 {gt}",
    "greater_than_equal": "不小于 {ge}",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "至多 {max_length} 个字符",
    "string_pattern_mismatch": "符合 {pattern}",
    "string_type": "文本",
    "string_unicode": "文本",
    "int_type": "整数",
    "int_parsing": "整数",
    "int_parsing_size": "较小的整数",
    "int_from_float": "整数",
    "float_type": "数字",
    "float_parsing": "数字",
    "finite_number": "有限的数字",
    "bool_type": "true 或 false",
    "bool_parsing": "true 或 false",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "list_type": "列表",
    "tuple_type": "列表",
    "dict_type": "对象",
    "model_type": "对象",
    "model_attributes_type": "对象",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "datetime_object_invalid": _INSTANT,
    "timezone_aware": "带时区的时刻，如 2026-07-01T08:30:00+08:00",
    "json_invalid": "有效的 JSON",
}
"""What pydantic expects, by the type of its errors, in Chinese; in English it says so itself."""


class Bare(str):
    """Words about a value, which are no quotation of it."""

    def __repr__(self) -> str:
        return str(self)


def said_of(fault: Any, locale: str) -> str:
    """What a fault that pydantic found expects; in pydantic's words where we have none."""
    words = EXPECTED.get(fault["type"]) if locale == "zh" else None
    if words is None:
        return str(fault["msg"])
    known = fault.get("ctx", {})
    return words.format_map({name: str(value).replace(" or ", " 或 ") for name, value in known.items()})


def value_of(fault: Any, locale: str) -> str:
    """What was sent instead: its beginning, or of a list or an object how much is in it."""
    value = fault.get("input")
    if fault["type"] == "missing":
        return Bare("空" if locale == "zh" else "nothing")
    if isinstance(value, list | tuple | dict):
        return Bare(f"{len(value)} 项" if locale == "zh" else f"{len(value)} items")
    return str(value)[:MOST_SHOWN]
