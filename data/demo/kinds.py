"""What kinds of place the demo city has: how many, how large, who runs them and who supervises them."""

from dataclasses import dataclass
from math import inf

OWN = "own"
"""Marks a place that is run by a management of its own."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of place with ground of its own.

    Parameters
    ----------
    type
        Code of the place type.
    titles
        What follows the name's stem, in Chinese and English; taken in turn.
    share
        Of the blocks; there is always one.
    least, most
        Share of the block's width and depth that its ground takes.
    pull
        Towards the middle of the city, or (negative) towards its rim.
    operator
        Who answers for what lies inside: a trade's code (a firm of it), :data:`OWN`,
        ``subdistrict`` or ``community`` (the body that governs the ground).
    supervisor
        Department of the trade.
    """

    type: str
    titles: tuple[tuple[str, str], ...]
    share: float
    least: float
    most: float
    pull: float
    operator: str
    supervisor: str


KINDS = (
    Kind(type="station", titles=(("汽车站", "Coach Station"), ("站", "Station")), share=0.0012, least=0.95, most=1.0,
         pull=0.5, operator=OWN, supervisor="D03"),
    Kind(type="mall", titles=(("购物中心", "Mall"), ("百货", "Store"), ("超市", "Supermarket")),
         share=0.012, least=0.6, most=0.9, pull=2.0, operator="FR", supervisor="D09"),
    Kind(type="plaza", titles=(("广场", "Square"),), share=0.008, least=0.6, most=0.95, pull=1.5,
         operator="subdistrict", supervisor="D01"),
    Kind(type="hospital", titles=(("医院", "Hospital"), ("社区卫生服务中心", "Health Centre")), share=0.009, least=0.7,
         most=1.0, pull=0.5, operator=OWN, supervisor="D08"),
    Kind(type="market", titles=(("农贸市场", "Produce Market"), ("综合市场", "Market"), ("菜市", "Food Market")),
         share=0.028, least=0.5, most=0.75, pull=0.4, operator="FK", supervisor="D06"),
    Kind(type="culture", titles=(("文化馆", "Cultural Centre"), ("图书馆", "Library")), share=0.006, least=0.5,
         most=0.8, pull=1.0, operator=OWN, supervisor="D10"),
    Kind(type="hotel", titles=(("大酒店", "Hotel"), ("宾馆", "Guest House")), share=0.014, least=0.35, most=0.6,
         pull=1.2, operator="FH", supervisor="D10"),
    Kind(type="school", titles=(("小学", "Primary School"), ("小学", "Primary School"), ("中学", "Middle School")),
         share=0.035, least=0.75, most=1.0, pull=0.0, operator=OWN, supervisor="D07"),
    Kind(type="park", titles=(("公园", "Park"), ("游园", "Garden Park")), share=0.03, least=0.85, most=1.0, pull=0.0,
         operator=OWN, supervisor="D05"),
    Kind(type="construction_site", titles=(("项目工地", "Construction Site"),), share=0.025, least=0.6, most=1.0,
         pull=-1.0, operator="FB", supervisor="D02"),
    Kind(type="urban_village", titles=(("村", "Village"), ("坡", "Slope Village")), share=0.03, least=0.8, most=1.0,
         pull=-2.0, operator="community", supervisor="D01"),
    Kind(type="old_estate", titles=(("小区", "Estate"), ("里", "Lanes"), ("宿舍区", "Quarters")), share=0.11, least=0.8,
         most=1.0, pull=1.0, operator="community", supervisor="D02"),
    Kind(type="estate", titles=(("花园", "Gardens"), ("苑", "Court"), ("新城", "New Town"), ("家园", "Homes")),
         share=0.24, least=0.8, most=1.0, pull=-0.3, operator="FP", supervisor="D02"),
)  # fmt: skip
"""In the order in which they choose their blocks."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """A kind of place that is a point beside the street.

    Parameters
    ----------
    type
        Code of the place type.
    title
        What follows the street's name, in Chinese and English; a shop is called by its keeper and trade.
    supervisor
        Department of the trade.
    spacing_m
        Distance between two on one side of a street, by class of street.
    behind_wall_m
        Distance from the street's wall, away from the street.
    shake_m, chance
        Standard deviation of the position along the street, and share of the positions that are taken.
    """

    type: str
    title: tuple[str, str]
    supervisor: str
    spacing_m: tuple[float, float, float, float]
    behind_wall_m: float
    shake_m: float
    chance: float


POINTS = (
    Point(type="shop", title=("商铺", "Shop"), supervisor="D01", spacing_m=(18.0, 14.0, 15.0, 60.0), behind_wall_m=2.0,
          shake_m=2.0, chance=0.35),
    Point(type="bus_stop", title=("公交站", "Bus Stop"), supervisor="D03", spacing_m=(380.0, 330.0, inf, inf),
          behind_wall_m=-2.5, shake_m=20.0, chance=1.0),
    Point(type="public_toilet", title=("公共厕所", "Public Toilet"), supervisor="D01", behind_wall_m=2.0,
          spacing_m=(inf, 480.0, 400.0, inf), shake_m=15.0, chance=0.4),
)  # fmt: skip

TRADES = (
    ("老{}米粉店", "Lao {} Rice Noodles"), ("{}记快餐", "{} Fast Food"), ("{}家便利店", "{} Convenience Store"),
    ("小{}水果店", "Xiao {} Fruit"), ("{}氏理发店", "{} Barber"), ("{}记五金", "{} Hardware"),
    ("阿{}烧烤", "A {} Barbecue"), ("{}家药房", "{} Pharmacy"), ("{}记烟酒", "{} Tobacco & Spirits"),
    ("老{}修车铺", "Lao {} Repairs"), ("{}家服装", "{} Clothes"), ("{}记奶茶", "{} Milk Tea"),
    ("小{}早餐", "Xiao {} Breakfast"), ("{}氏手机维修", "{} Phone Repair"), ("{}家蔬菜店", "{} Greengrocer"),
    ("{}记打印", "{} Printing"),
)  # fmt: skip
"""Shops by the surname of their keeper."""
