"""What is said of faults, in English and Chinese."""

from gis_core.texts import Text

FAULTS: dict[str, Text] = {
    "fault_400": ("The request has a value that cannot be", "请求中的参数无效"),
    "fault_401": ("Sign in first", "请先登录"),
    "fault_403": ("This is not open to you", "您无权访问"),
    "fault_404": ("There is nothing at this address", "没有这个页面"),
    "fault_405": ("This address cannot be asked in that way", "不支持这种请求方式"),
    "fault_409": ("The store is not ready for this", "数据尚未就绪"),
    "fault_413": ("This is larger than what is taken here", "内容过大"),
    "fault_414": ("This address is too long", "地址过长"),
    "fault_422": ("This cannot be done as it is asked", "所请求的内容无法完成"),
    "fault_429": ("Too many requests", "请求过于频繁"),
    "fault_431": ("The request has too many headers, or too large ones", "请求头过大"),
    "fault_500": ("Something went wrong here", "服务出错"),
    "fault_503": ("The store does not answer", "数据库没有响应"),
    "fault_slow": (
        "This took too long and was broken off; ask for a smaller area, a shorter time or less, or again in a minute.",
        "查询耗时过长，已中断；请缩小范围、缩短时段或减少条数，或稍后重试。",
    ),
    "fault_again": ("Try again in a minute.", "请稍后重试。"),
    "fault_number": ("If you ask for help, give this number: {number}", "求助时请提供此编号：{number}"),
}
