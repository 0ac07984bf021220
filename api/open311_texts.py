"""What Open311 says of an issue's events, in English and Chinese."""

from gis_core.texts import Text

OPEN311: dict[str, Text] = {
    "open311_contact": ("Grid management of {city}", "{city}网格化管理"),
    "open311_key": (
        "Whoever manages the accounts of this service gives keys: gridwarden user key NAME LABEL",
        "密钥由本服务的账户管理员发放：gridwarden user key NAME LABEL",
    ),
    "open311_not_kept": ("received, but not kept: {fields}", "已收到但未保存：{fields}"),
    "state_queue": ("waits in the queue of a grid", "待派"),
    "state_reported": ("reported", "已上报"),
    "state_assigned": ("assigned", "已分派"),
    "state_reassigned": ("assigned again", "已重新分派"),
    "state_closed": ("closed", "已结案"),
    "state_photographed": ("a photo was sent", "已上传照片"),
    "state_merged": ("repeats an earlier report", "与此前上报合并"),
    "state_parted": ("a problem of its own again", "已拆为独立问题"),
}
