"""Chinese names with their romanisation, as many as a city of any size needs."""

import numpy as np

from gis_core.arrays import Objects

_FIRST = (
    "民Min 永Yong 安An 和He 福Fu 康Kang 龙Long 凤Feng 桂Gui 荷He 竹Zhu 柳Liu 松Song 梅Mei 青Qing 江Jiang 湖Hu 清Qing "
    "明Ming 华Hua 文Wen 建Jian 新Xin 望Wang 锦Jin 玉Yu 朝Chao 秀Xiu"
)
_SECOND = (
    "生sheng 乐le 宁ning 源yuan 泉quan 溪xi 山shan 桥qiao 塘tang 湾wan 岭ling 坡po 园yuan 亭ting 峰feng 光guang 阳yang "
    "景jing 荣rong 昌chang 丰feng 平ping 祥xiang 秋qiu 林lin 城cheng"
)
_QUALIFIERS = (("", ""), ("东", "dong"), ("西", "xi"), ("南", "nan"), ("北", "bei"), ("上", "shang"), ("下", "xia"))
_SURNAMES = (
    "王Wang 李Li 张Zhang 刘Liu 陈Chen 杨Yang 黄Huang 赵Zhao 吴Wu 周Zhou 徐Xu 孙Sun 马Ma 朱Zhu 胡Hu 林Lin 郭Guo 何He "
    "高Gao 罗Luo 郑Zheng 梁Liang 谢Xie 宋Song 唐Tang 韦Wei 覃Qin 莫Mo 农Nong 蒙Meng 陆Lu 卢Lu 邓Deng 蒋Jiang"
)
_GIVEN = (
    "伟Wei 芳Fang 娜Na 敏Min 静Jing 丽Li 强Qiang 磊Lei 军Jun 洋Yang 勇Yong 艳Yan 杰Jie 娟Juan 涛Tao 超Chao 霞Xia "
    "平Ping 刚Gang 桂Gui 英Ying 华Hua 文Wen 建Jian 国Guo 志Zhi 海Hai 玉Yu 春Chun 秀Xiu 晓Xiao 佳Jia 家Jia 宇Yu "
    "梓Zi 欣Xin"
)
NUMERALS = "零一二三四五六七八九十"


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(pair[0], pair[1:]) for pair in text.split()]


class Stems:
    """Place-name stems such as 民生 Minsheng, each given out once."""

    def __init__(self, rng: np.random.Generator) -> None:
        plain = [
            (first + second, one + two)
            for first, one in _pairs(_FIRST)
            for second, two in _pairs(_SECOND)
            if one != two
        ]
        shuffled = [plain[position] for position in rng.permutation(len(plain))]
        self._left = iter([(zh + more, en + also) for more, also in _QUALIFIERS for zh, en in shuffled])

    def take(self, count: int) -> tuple[Objects, Objects]:
        """The next ``count`` stems in Chinese and romanised, shape (count,) each."""
        taken = [next(self._left) for _ in range(count)]
        return np.array([zh for zh, _ in taken], dtype=object), np.array([en for _, en in taken], dtype=object)


def people(count: int, rng: np.random.Generator) -> tuple[Objects, Objects]:
    """Names of ``count`` people in Chinese and romanised; namesakes happen."""
    surnames, given = _pairs(_SURNAMES), _pairs(_GIVEN)
    chosen = rng.integers(len(surnames), size=count)
    first, second = rng.integers(len(given), size=(2, count))
    two = rng.random(count) < 0.8
    chinese, english = [], []
    for who, one, other, double in zip(chosen, first, second, two, strict=True):
        more = given[other] if double else ("", "")
        chinese.append(surnames[who][0] + given[one][0] + more[0])
        english.append(f"{surnames[who][1]} {given[one][1]}{more[1].lower()}")
    return np.array(chinese, dtype=object), np.array(english, dtype=object)


def family_names(count: int, rng: np.random.Generator) -> tuple[Objects, Objects]:
    """Surnames of ``count`` people in Chinese and romanised."""
    known = np.array(_pairs(_SURNAMES), dtype=object)[rng.integers(len(_pairs(_SURNAMES)), size=count)]
    return known[:, 0], known[:, 1]


def numeral(number: int) -> str:
    """A small number in Chinese characters: 1 一, 10 十, 23 二十三."""
    tens, units = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else NUMERALS[tens] + "十")
    return head + (NUMERALS[units] if units or not tens else "")
