"""Invented addresses of real divisions, invented towns, roads and estates; and places as people name them."""

from __future__ import annotations

import random
from functools import cache

from shouxin.detection.names.gazetteer import PlaceLevel, divisions, places
from tools.names.words import ordinary, place_names

PLACE, END = "\x03", "\x04"

FIRST = (
    "东西南北中上下大小新老金银龙凤虎马牛羊白黑红青黄石水山河江湖海天云星月日春夏秋冬长永安平和顺福寿康乐兴隆昌"
    "盛文明光华民主建设人解放胜利友谊团结"
)
SECOND = (
    "阳光明亮兴旺安宁康乐平和顺福禄寿喜山河江湖海川泉溪塘坪坝桥门关口岭坡沟湾港岸洲屿堡营庄村屯寨家店集场林园苑"
    "台阁楼城州宁化德义仁信"
)
ROADS = (
    "路 路 路 路 街 街 大道 大街 巷 东路 西路 南路 北路 中路 一路 二路 三路 东街 西街 北街 南街 胡同 弄 里"
).split()
ESTATES = (
    "小区 小区 花园 花园 家园 苑 苑 新村 公寓 广场 大厦 名苑 雅苑 华府 佳苑 园 城 公馆 府 嘉园 新城 花苑 小镇 "
    "山庄 社区 大楼 写字楼 产业园 科技园"
).split()
TOWNS = "镇 镇 镇 乡 街道 街道 街道办事处 办事处 民族乡".split()
VILLAGES = "村 村 村 庄 屯 寨 新村 社区 村委会 组".split()
SURNAME_VILLAGE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁沈姜范石姚谭"
    "廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
NATURAL = (
    "山 河 江 湖 岛 湾 海 港 桥 大桥 峰 岭 水库 景区 古镇 公园 广场 机场 火车站 站 码头 大学城 步行街 风景区 寺 庙 商圈"
).split()
LISTED_WEIGHTS = {
    PlaceLevel.PROVINCE: 20,
    PlaceLevel.PREFECTURE: 10,
    PlaceLevel.PREFECTURE_SHORT: 26,
    PlaceLevel.COUNTY: 8,
    PlaceLevel.COUNTY_SHORT: 8,
    PlaceLevel.DISTRICT_SHORT: 4,
    PlaceLevel.COUNTRY: 24,
    PlaceLevel.ABROAD: 10,
    PlaceLevel.SIGHT: 12,
}


def is_held_out(name: str) -> bool:
    """Tell whether a coined road, town or estate is kept for tests."""
    return sum(ord(one) * (5 + 3 * place) for place, one in enumerate(name[:2])) % 8 == 0


def division(rng: random.Random, *, held_out: bool = False) -> tuple[str, str, tuple[str, ...]]:
    """Return a province, a prefecture and its counties; one prefecture in eight is kept for tests."""
    while True:
        made = rng.choice(divisions())
        if is_held_out(made[1] or made[0]) == held_out:
            return made


@cache
def _kept() -> frozenset[str]:
    """Every listed name of the prefectures that are kept for tests."""
    lines = [one for one in divisions() if one[1] and is_held_out(one[1])]
    full = {name for _, prefecture, counties in lines for name in (prefecture, *counties)}
    return frozenset(full | {places_short(name) for name in full} | {name[:-1] for name in full if len(name) > 2})


@cache
def _by_level() -> dict[PlaceLevel, list[str]]:
    found: dict[PlaceLevel, list[str]] = {}
    for name, level in places().items():
        if name not in _kept():
            found.setdefault(level, []).append(name)
    # the big and the famous are spoken of more often
    found[PlaceLevel.PREFECTURE_SHORT] += (
        "广州 深圳 杭州 南京 成都 武汉 西安 苏州 郑州 长沙 沈阳 青岛 宁波 东莞 无锡 佛山 合肥 大连 福州 厦门 "
        "哈尔滨 济南 温州 长春 石家庄 "
        "常州 泉州 南宁 贵阳 南昌 太原 烟台 嘉兴 南通 金华 珠海 惠州 徐州 海口 乌鲁木齐 绍兴 中山 台州 兰州 "
        "三亚 桂林 洛阳"
    ).split() * 3
    found[PlaceLevel.PREFECTURE_SHORT] = [name for name in found[PlaceLevel.PREFECTURE_SHORT] if name not in _kept()]
    found[PlaceLevel.PROVINCE] += "北京 上海 北京 上海 天津 重庆 广东 浙江 江苏 四川 北京市 上海市".split() * 4
    found[PlaceLevel.COUNTRY] += "中国 美国 日本 韩国 英国 法国 德国 中国 美国 日本 韩国 香港 台湾".split() * 6
    return found


def coined(rng: random.Random, endings: list[str], *, held_out: bool = False) -> str:
    """Return a coined name with one of the endings."""
    while True:
        kind = rng.random()
        if kind < 0.55:
            stem = rng.choice(FIRST) + rng.choice(SECOND)
        elif kind < 0.75:
            stem = rng.choice(_stems())
        elif kind < 0.85:
            stem = rng.choice(FIRST) + rng.choice(FIRST) + rng.choice(SECOND)
        elif kind < 0.95:
            stem = rng.choice(FIRST + SECOND) + rng.choice(FIRST + SECOND)
        else:
            stem = rng.choice(_stems()) + rng.choice(FIRST)
        if is_held_out(stem) == held_out:
            return stem + rng.choice(endings)


@cache
def _stems() -> list[str]:
    """Two characters that are ordinary words, and listed cities: 解放, 人民, 北京, as roads are called."""
    words = sorted(word for word, count in ordinary().items() if len(word) == 2 and count > 300)
    cities = [name for name, level in places().items() if level is PlaceLevel.PREFECTURE_SHORT and len(name) == 2]
    return words[:: max(1, len(words) // 2500)] + cities * 2


def natural(rng: random.Random) -> str:
    """Return a mountain, river, sight or village by name, unlisted."""
    return rng.choice(place_names()) if rng.random() < 0.5 else coined(rng, NATURAL)


def _marked(*parts: str) -> str:
    return "".join(f"{PLACE}{part}{END}" for part in parts if part)


def number(rng: random.Random, most: int) -> str:
    """Return a number below ``most``, now and then in characters."""
    value = str(rng.randrange(1, most))
    if rng.random() < 0.04:
        return "".join("零一二三四五六七八九"[int(one)] for one in value)
    return value


def tail(rng: random.Random) -> str:
    """Return the numbers of house, block, entrance, floor and room."""
    rooms = (
        lambda: f"{number(rng, 40)}{rng.choice(('栋', '幢', '号楼', '座', '#楼', '#'))}",
        lambda: f"{number(rng, 9)}单元",
        lambda: f"{number(rng, 33)}{rng.choice(('层', '楼'))}",
        lambda: f"{number(rng, 30)}{rng.randrange(1, 9):02}{rng.choice(('室', '室', '号', '房', ''))}",
    )
    picked = [make() for make in rooms if rng.random() < 0.55]
    return "".join(picked) or rooms[0]()


def address(rng: random.Random, *, held_out: bool = False) -> str:
    """Return an address, its places marked."""
    province, prefecture, counties = division(rng, held_out=held_out)
    county = rng.choice(counties) if counties else ""
    head: list[str] = []
    if rng.random() < 0.7:
        head.append(province if rng.random() < 0.7 else places_short(province))
    if prefecture and rng.random() < 0.85:
        head.append(prefecture if rng.random() < 0.8 else places_short(prefecture))
    if rng.random() < 0.85 or not head:
        head.append(county)
    parts = _marked(*head)
    kind = rng.random()
    gap = " " if rng.random() < 0.08 else ""
    if kind < 0.30:
        town = coined(rng, TOWNS, held_out=held_out) if rng.random() < 0.8 else ""
        village = (
            rng.choice(SURNAME_VILLAGE)
            + rng.choice(("家村", "村", "庄", "家庄", "屯", "家屯", "家湾", "店村", "楼村", "集村"))
            if rng.random() < 0.4
            else coined(rng, VILLAGES, held_out=held_out)
        )
        end = rng.choice(
            (f"{number(rng, 20)}组", f"{number(rng, 400)}号", f"{number(rng, 15)}组{number(rng, 90)}号", "")
        )
        return parts + gap + _marked(town, village) + end
    if rng.random() < 0.2:
        parts += gap + _marked(coined(rng, TOWNS, held_out=held_out))
    if kind < 0.62:
        return (
            parts
            + gap
            + _marked(coined(rng, ROADS, held_out=held_out))
            + _house(rng)
            + (
                _marked(coined(rng, ESTATES, held_out=held_out)) + tail(rng)
                if rng.random() < 0.5
                else tail(rng)
                if rng.random() < 0.4
                else ""
            )
        )
    if kind < 0.9:
        return parts + gap + _marked(coined(rng, ESTATES, held_out=held_out)) + tail(rng)
    crossing = coined(rng, ROADS, held_out=held_out), coined(rng, ROADS, held_out=held_out)
    return (
        parts
        + _marked(crossing[0])
        + rng.choice(("与", "和", ""))
        + _marked(crossing[1])
        + rng.choice(("交叉口", "交汇处", "路口", ""))
    )


def _house(rng: random.Random) -> str:
    return f"{number(rng, 2000)}{rng.choice(('号', '号', '号', '弄', '号院', '-' + str(rng.randrange(1, 20)) + '号'))}"


def places_short(name: str) -> str:
    """Return a province or prefecture without what says which it is."""
    for ending in ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "特别行政区", "省", "市"):
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name


def place(rng: random.Random) -> str:
    """Return one or two places, marked, as people name them."""
    kind = rng.random()
    if kind < 0.12:
        return _marked(natural(rng))
    if kind < 0.20:
        return _marked(coined(rng, [*ROADS[:12], *ESTATES[:8], *VILLAGES[:4], *TOWNS[:5]]))
    if kind < 0.30:
        province, prefecture, counties = division(rng)
        pair = [places_short(province), places_short(prefecture or (counties[0] if counties else ""))]
        return _marked(*pair) if rng.random() < 0.7 else _marked(prefecture, rng.choice(counties) if counties else "")
    level = rng.choices(list(LISTED_WEIGHTS), list(LISTED_WEIGHTS.values()))[0]
    return _marked(rng.choice(_by_level()[level]))


def any_place(rng: random.Random) -> str:
    """Return a listed place, unmarked: for names of organisations, which are no places."""
    level = rng.choices(list(LISTED_WEIGHTS), list(LISTED_WEIGHTS.values()))[0]
    return rng.choice(_by_level()[level])
