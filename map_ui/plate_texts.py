"""What plates at shops and places, and what their codes open, say in English and Chinese."""

from gis_core.texts import Text

PLATES: dict[str, Text] = {
    "plates": ("Plates to print", "责任牌打印"),
    "plate_count": (
        "{count} plates; their codes open pages at {site}",
        "共 {count} 块；二维码指向 {site}",
    ),
    "plate_print": ("Print", "打印"),
    "plate": ("Front-of-door duties", "门前三包责任牌"),
    "plate_number": ("No.", "编号"),
    "plate_scan": ("Scan: ground, duties, notices", "扫码查看责任区与告知"),
    "plate_strip": ("The ground before this door", "门前责任区"),
    "plate_no_strip": (
        "The ground before this door has not been drawn yet; ask the subdistrict.",
        "门前责任区尚未划定，请咨询街道办。",
    ),
    "plate_signed": ("The agreement on front-of-door duties is signed.", "已签订门前三包责任书。"),
    "plate_signed_until": (
        "The agreement on front-of-door duties is signed and holds until {day}.",
        "已签订门前三包责任书，有效期至 {day}。",
    ),
    "plate_unsigned": (
        "No agreement is signed; these duties hold by the city's rules.",
        "尚未签订责任书；按本市规定履行以下责任。",
    ),
    "plate_duties": ("What this shop answers for", "责任内容"),
    "plate_notices": ("Notices", "整改告知"),
    "plate_notices_none": ("Nothing was found wrong here.", "暂无整改告知。"),
    "plate_notice": ("First notice", "首次告知"),
    "plate_warning": ("Warning", "警告"),
    "plate_case": ("Case", "立案"),
    "plate_done": ("photo received {time}, waits for the inspector", "已收到整改照片（{time}），等待复核"),
    "plate_settled": ("dealt with, as an inspector found, {time}", "经复核已整改（{time}）"),
    "plate_send_again": ("Send another photo", "补充照片"),
    "plate_loopback": (
        "Only this machine knows this address: open the sheet under the name by which telephones reach the server.",
        "该地址仅限本机访问：请用手机可访问的域名打开本页后再打印。",
    ),
    "duty_everything": ("everything before the door", "门前全部事项"),
    "duty_包卫生": ("Cleanliness", "包卫生"),
    "duty_包秩序": ("Order", "包秩序"),
    "duty_包绿化": ("Greenery", "包绿化"),
    "duty_包设施/立面": ("Facades and fittings", "包设施/立面"),
    "plate_send": ("Dealt with: send a photo", "已整改，拍照上传"),
    "plate_sending": ("Sending …", "正在上传…"),
    "plate_lost": (
        "The photo did not get through. Try again where the network is better.",
        "上传失败，请在网络较好处重试。",
    ),
    "plate_photos": (
        "Photos are seen by the city's staff only. JPEG, PNG or WebP.",
        "照片仅供城市管理工作人员查看；支持 JPEG、PNG、WebP。",
    ),
    "plate_red": ("red plate: good", "红牌：良好"),
    "plate_blue": ("blue plate: fair", "蓝牌：合格"),
    "plate_yellow": ("yellow plate: poor", "黄牌：较差"),
    "plates_of": ("Plates of this street to print", "打印本路责任牌"),
}
