"""What reporters write: phrases by class, how each channel puts them, and text that must be escaped."""

import numpy as np
import pandas as pd

from data.demo.city import drawn
from data.tables import reference
from gis_core.arrays import Objects

_PHRASES = {
    "06001": ("有人私搭雨棚", "楼顶加盖铁皮房", "一楼住户私自围院"),
    "06004": ("外墙瓷砖脱落", "墙面被泼污"),
    "06007": ("树上拉绳晾衣服", "护栏上晾晒被褥", "沿街晾挂衣物"),
    "06010": ("有一堆生活垃圾没人清", "垃圾袋散落一地，有异味", "垃圾堆在路边，苍蝇多"),
    "06011": ("堆着建筑垃圾", "装修废料堆了好几天", "渣土无人清运"),
    "06012": ("路面很脏，有油污", "路面有泥沙积水", "落叶和纸屑没有清扫"),
    "06013": ("路面有坑", "人行道地砖松动，下雨溅水", "路面开裂下沉"),
    "06014": ("路面有渣土遗撒", "洒了一路沙石", "车辆漏撒混凝土"),
    "06016": ("斑马线看不清了", "停车线磨损"),
    "06017": ("绿化带里有垃圾", "绿地里丢满烟头"),
    "06018": ("修剪的树枝没有运走", "树叶装袋后堆放路边"),
    "06021": ("行道树长虫，叶子发黄", "灌木有虫害"),
    "06024": ("有人电鱼", "禁钓区有人垂钓"),
    "06025": ("水面漂着垃圾", "水葫芦成片", "有塑料瓶漂浮"),
    "06026": ("河水发黑发臭", "有污水流入河道"),
    "06027": ("油烟直排，住户受不了", "烟道对着居民窗口"),
    "06028": ("音响声音太大", "广场舞噪声扰民", "凌晨还在放音乐"),
    "06029": ("露天烧烤，烟很大", "夜里占道烧烤"),
    "06030": ("往雨水口倒污水", "泔水倒在路边", "洗菜水直接泼到人行道"),
    "06033": ("发现废弃针头", "有医疗包装物丢弃"),
    "06034": ("一辆破旧面包车停了几个月", "废弃三轮车占道"),
    "06035": ("旧沙发丢在路边", "床垫和柜子没人收"),
    "06036": ("杂物堆放影响通行", "纸箱、木板乱堆", "楼道口堆满杂物"),
    "06037": ("有一只死猫", "发现死鼠"),
    "06038": ("有人养鸡", "楼下养鸭，气味大"),
    "06040": ("私装地锁", "有人用石墩占车位"),
    "06041": ("垃圾没有分类", "厨余垃圾混投", "分类桶里什么都有"),
    "06042": ("垃圾桶满溢", "垃圾站堆满外溢"),
    "06045": ("绿地被人种菜", "车辆碾压草坪"),
    "06047": ("有人遛狗不牵绳", "草坪上搭帐篷"),
    "06050": ("路缘石缺了两块", "路缘石被撞坏"),
    "06051": ("盲道被破坏", "盲道砖缺失"),
    "07001": ("贴满小广告", "墙上喷涂电话号码", "电杆上有“牛皮癣”"),
    "07002": ("有人散发传单", "往车上插卡片"),
    "07003": ("违规设置落地灯箱", "户外广告牌松动"),
    "07006": ("招牌超出规定尺寸", "门头牌匾一店多招"),
    "07008": ("公益广告破损", "宣传画褪色脱落"),
    "08001": ("夜间施工，影响休息", "凌晨打桩"),
    "08002": ("施工围挡占了人行道", "材料堆到车行道上"),
    "08004": ("扬尘很大，没有喷淋", "裸土没有覆盖"),
    "08005": ("施工废料没有清走",),
    "08006": ("钢管、水泥乱堆",),
    "08007": ("围挡倾斜", "围挡破损有缺口"),
    "08011": ("渣土车没有密闭", "渣土车尾部滴漏"),
    "08012": ("车轮带泥上路", "出入口没有冲洗车轮"),
    "08015": ("施工公示牌污损",),
    "09001": ("有流动摊贩", "三轮车卖水果占道", "推车卖小吃，人很多", "地摊占满人行道"),
    "09003": ("有流浪人员夜宿",),
    "09005": ("店外摆放桌椅", "货架摆到人行道上", "店外经营，行人绕行"),
    "09006": ("占道经营", "冰柜摆在人行道", "占道修车"),
    "09009": ("小车停在人行道", "违停堵住路口", "双排停车"),
    "09010": ("电动车乱停", "电动车占满盲道", "自行车倒了一片"),
    "09011": ("共享单车堆积", "共享单车停在路口", "共享电单车倒地无人扶"),
    "09012": ("消防通道被小车堵住", "消防通道停满电动车"),
    "09019": ("无障碍坡道被占", "坡道口停了车"),
    "09020": ("摊位超线经营", "市场内通道被占", "活禽区没有清洗"),
    "09022": ("搭台促销占道", "店外拉横幅促销"),
    "10002": ("线缆垂落", "通信线掉到路面"),
    "01001": ("供水井盖渗水", "供水井盖松动"),
    "01002": ("污水井盖下沉", "井盖缺失，很危险", "污水井冒溢"),
    "01003": ("雨水箅子堵塞积水", "雨水井盖破损"),
    "01005": ("电力井盖翘起",),
    "01007": ("通信井盖破损", "通信井盖异响"),
    "01013": ("消火栓漏水", "消火栓盖丢失"),
    "01023": ("井盖破损，不知道是谁家的",),
    "01037": ("路灯不亮", "路灯白天亮着", "灯杆倾斜", "灯罩掉落"),
    "02004": ("公交站牌歪了", "候车亭玻璃碎裂"),
    "02010": ("交通标志牌被树遮挡", "标志牌脱落"),
    "02017": ("护栏被撞变形", "护栏缺了一截"),
    "02025": ("停车架损坏", "停放点标线磨光"),
    "03001": ("公厕漏水", "公厕没有清扫"),
    "03005": ("果皮箱破损", "果皮箱门掉了", "果皮箱倒地"),
    "04002": ("行道树倾斜", "树枝折断悬空", "行道树枯死"),
}
_TAILS = (
    "。",
    "。",
    "。",
    "，请尽快处理。",
    "，影响通行。",
    "，已经好几天了。",
    "，反映多次了！",
    "，谢谢",
    "，存在安全隐患。",
)
_CHANNELS = ("collector", "hotline", "app", "camera", "inspection")
_CHANNEL_CHANCES = np.array([0.46, 0.2, 0.19, 0.1, 0.05])
_LEADS = {
    "collector": ("",),
    "hotline": ("市民来电反映：", "来电人称", "热线工单："),
    "app": ("", "随手拍：", "麻烦看下，"),
    "camera": ("视频巡查：", "摄像头抓拍："),
    "inspection": ("检查发现", "督查："),
}
_MARKED_UP = (
    "<b>紧急</b>：",
    "（A&B 便利店旁）",
    "“老地方” <又来了> ",
    "<script>alert('告急')</script>",
    "距离<5米 & 宽>3米，",
    "<img src=x onerror=alert(1)>",
)
_MARKED_UP_ONE_IN = 400
"""One text in so many looks like markup, so that whoever shows it has to escape it."""


def channels(count: int, rng: np.random.Generator) -> Objects:
    """How each report came in."""
    chosen: Objects = np.array(_CHANNELS, dtype=object)[drawn(_CHANNEL_CHANCES, count, rng)]
    return chosen


def descriptions(where: Objects, category: Objects, channel: Objects, rng: np.random.Generator) -> Objects:
    """The text of each report: who says it, where, what, and how urgent it is to them."""
    said = where + _varied(category, _phrases(category), rng) + _varied(category, dict.fromkeys(category, _TAILS), rng)
    said = _varied(channel, _LEADS, rng) + said
    marked = np.arange(_MARKED_UP_ONE_IN // 8, len(said), _MARKED_UP_ONE_IN)
    said[marked] = np.resize(np.array(_MARKED_UP, dtype=object), len(marked)) + said[marked]
    written: Objects = said
    return written


def _varied(key: Objects, choices: dict[str, tuple[str, ...]], rng: np.random.Generator) -> Objects:
    """For each row one of the choices for its key, all equally likely."""
    code, known = pd.factorize(key, sort=True)
    size = np.array([len(choices[one]) for one in known], dtype=np.int64)
    texts = np.array([text for one in known for text in choices[one]], dtype=object)
    start = np.cumsum(size) - size
    chosen: Objects = texts[start[code] + (rng.random(len(key)) * size[code]).astype(np.int64)]
    return chosen


def _phrases(category: Objects) -> dict[str, tuple[str, ...]]:
    """Phrases of the classes that occur; a class without any is called by its name."""
    named = reference("categories").query("kind == 'matter'").set_index("code")["name"]
    return {code: _PHRASES.get(code, (named[code],)) for code in pd.unique(category)}
