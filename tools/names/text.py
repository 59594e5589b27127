"""Invented text with its names and places: templates, and rows of ordinary words with names and places between them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path

from tools.names import people, places
from tools.names.words import foreign_names, ordinary, organisations

NAME, NAME_END = "\x01", "\x02"

TITLES = (
    "客户 借款人 担保人 记者 经理 主任 教授 医生 律师 司机 老师 同学 导演 演员 歌手 主持人 作家 村民 市民 网友 "
    "男子 女子 嫌疑人 院长 校长 书记 市长 局长 处长 科长 董事长 总裁 CEO "
    "创始人 员工 护士 警察 队长 教练 球员 冠军 队友 室友 邻居 朋友 同事 老板 老公 老婆 爸爸 妈妈 父亲 母亲 "
    "儿子 女儿 哥哥 弟弟 姐姐 妹妹 丈夫 妻子 男友 女友 经纪人 制片人 编剧 画家 诗人 "
    "设计师 摄影师 模特 博主 作者 学者 专家 委员 代表 议员 总统 总理 部长 大使 将军 战士 烈士 民警 法官 检察官 "
    "被告人 原告 受害人 死者 伤者 乘客 业主 房东 租客 快递员 外卖员 客服"
).split()
ENDINGS = (
    "银行 支行 分行 大学 学院 中学 小学 一中 医院 公司 集团 有限公司 股份有限公司 晚报 日报 时报 电视台 卫视 "
    "广播 出版社 研究院 研究所 法院 检察院 公安局 派出所 税务局 工商局 "
    "足球队 男篮 恒大 国安 航空 机场集团 电信 移动 联通 铁路局 地铁集团 饭店 酒店 宾馆 火锅 烧烤 拉面 米线 "
    "小吃 银行信用卡中心 小额贷款公司 消费金融 证券 保险 基金 信托 律师事务所 "
    "协会 商会 俱乐部 剧院 博物馆 图书馆 幼儿园 超市 商场 百货 电器 汽车 石化 石油 电网 电力 钢铁 制药 科技 "
    "网络 传媒 影业 教育 旅行社 驾校"
).split()
BRANDS = (
    "新浪微博 腾讯 阿里巴巴 百度 网易 搜狐 华为 小米 联想 海尔 格力 美的 李宁 安踏 特步 王老吉 加多宝 张裕 "
    "马应龙 陈克明 周黑鸭 周大福 周生生 老凤祥 李锦记 王守义 老干妈 "
    "康师傅 统一 娃哈哈 农夫山泉 蒙牛 伊利 光明 三元 茅台 五粮液 洋河 青岛啤酒 雪花 肯德基 麦当劳 星巴克 "
    "必胜客 海底捞 沃尔玛 家乐福 大润发 永辉 苏宁 国美 万达 万科 恒大 "
    "碧桂园 保利 绿地 招商银行 工商银行 建设银行 农业银行 中国银行 交通银行 平安银行 民生银行 兴业银行 "
    "光大银行 中信银行 华夏银行 浦发银行 广发银行 支付宝 微信 淘宝 天猫 京东 "
    "拼多多 美团 饿了么 滴滴 携程 去哪儿 优酷 土豆 爱奇艺 人人网 豆瓣 知乎 天涯 高德 张小泉 王麻子 马路边 "
    "金龙鱼 鲁花 福临门 白象 白沙 黄鹤楼 红塔山 中南海 熊猫 凤凰 永久 飞鸽 "
    "吉利 奇瑞 比亚迪 长城 长安汽车 江淮 江铃 东风 解放 红旗 宝马 奔驰 奥迪 大众 丰田 本田 日产 马自达 福特 "
    "别克 路虎 曼联 曼城 切尔西 阿森纳 皇马 巴萨 国米 尤文 湖人 火箭 热火"
).split()
HANDLES = (
    "小 大 爱 萌 花 猫 兔 鱼 糖 果 梦 风 雨 雪 月 星 夏 秋 冬 春 酱 喵 君 菌 子 儿 哥 姐 妹 爷 叔 仙 王 李 张 "
    "阿 糕 饼 茶 酒 书 影 客 人 家 生 活 的 是 不 在 了"
).split()
GLUE = (
    "的 了 在 是 我 你 他 她 和 与 跟 对 把 被 让 给 向 从 到 也 都 就 还 又 不 没 很 太 最 啊 吧 呢 吗 哦 呀 "
    "嘛 着 过 说 看 想 要 去 来 等 及 、 ， ， ， 。 ！ ？ … ： ～ ”"
).split()


@cache
def _fill() -> tuple[list[str], list[float]]:
    words = ordinary()
    return list(words), list(accumulate(count**0.85 for count in words.values()))


def words(rng: random.Random, count: int) -> list[str]:
    """Return ordinary words, the common ones often."""
    known, weights = _fill()
    return rng.choices(known, cum_weights=weights, k=count)


def phrase(rng: random.Random) -> str:
    """A few words, with the small words that hold sentences together between them."""
    made: list[str] = []
    for word in words(rng, rng.randrange(1, 7)):
        made.append(word)
        if rng.random() < 0.35:
            made.append(rng.choice(GLUE))
    return "".join(made)


def organisation(rng: random.Random) -> str:
    """A name of an organisation or a brand: it may hold the names of places and people, and none counts."""
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(BRANDS)
    if kind < 0.45:
        return rng.choice(organisations())
    if kind < 0.85:
        stem = places.any_place(rng) + (words(rng, 1)[0] if rng.random() < 0.4 else "")
        return stem + rng.choice(ENDINGS)
    return "".join(words(rng, 1)) + "".join(words(rng, 1)) + rng.choice(ENDINGS)


def handle(rng: random.Random) -> str:
    """Return what an account may call itself."""
    if rng.random() < 0.5:
        return "".join(rng.choices(HANDLES, k=rng.randrange(2, 6)))
    return "".join(words(rng, 2))


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _names(rng: random.Random) -> str:
    """A name; now and then the same again, or more of them, with or without something between."""
    made = f"{NAME}{people.person(rng)}{NAME_END}"
    draw = rng.random()
    if draw < 0.03:
        return rng.choice(("", "、", " ", "，")).join([made] * rng.randrange(2, 5))
    if draw < 0.06:
        return made + rng.choice(("", " ", "、", "和")) + f"{NAME}{people.person(rng)}{NAME_END}"
    return made


CALLED = (
    "先生 先生 女士 女士 小姐 总 总 经理 老板 老师 哥 姐 姐 叔 阿姨 爷爷 奶奶 主任 师傅 医生 律师 队 工 局 处 "
    "科长 院长 校长"
).split()


def _called(rng: random.Random) -> str:
    """A surname with a title, as people are called."""
    while True:
        made = people.surname(rng) + rng.choice(CALLED)
        if ordinary().get(made, 0) < 20:
            return made


class Slots(dict[str, str]):
    """Fills each slot anew."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._makers = {
            "N": lambda: _names(rng),
            "P": lambda: places.place(rng),
            "A": lambda: places.address(rng),
            "S": lambda: people.surname(rng),
            "G": lambda: people.given(rng),
            "W": lambda: words(rng, 1)[0],
            "V": lambda: words(rng, 1)[0],
            "WW": lambda: phrase(rng),
            "M": lambda: "1" + rng.choice("3456789") + _digits(rng, 9),
            "I": lambda: _digits(rng, 17) + rng.choice("0123456789X"),
            "D": lambda: (
                f"{rng.randrange(1960, 2027)}{rng.choice('-年/')}{rng.randrange(1, 13)}月{rng.randrange(1, 29)}日"
            ),
            "T": lambda: f"{rng.randrange(24)}:{rng.randrange(60):02}",
            "Y": lambda: rng.choice((_digits(rng, 4), "五万", "三千", "两万")),
            "K": lambda: str(rng.randrange(1, 60)),
            "O": lambda: organisation(rng),
            "X": lambda: rng.choice(TITLES),
            "F": lambda: f"{NAME}{rng.choice(foreign_names())}{NAME_END}",
            "C": lambda: f"{NAME}{_called(rng)}{NAME_END}",
            "H": lambda: handle(rng),
        }

    def __missing__(self, slot: str) -> str:
        return self._makers[slot]()


@cache
def templates() -> list[str]:
    """Return the templates, one a line of ``templates.txt``."""
    lines = Path(__file__).with_name("templates.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def salad(rng: random.Random, slots: Slots) -> str:
    """Ordinary words in no order, with a name or a place here and there: every neighbour that may be."""
    made: list[str] = []
    for word in words(rng, rng.randrange(6, 30)):
        made.append(word)
        draw = rng.random()
        if draw < 0.25:
            made.append(rng.choice(GLUE))
        elif draw < 0.28:
            made.append(slots["N"])
            if rng.random() < 0.3:
                made.append(rng.choice(GLUE))
        elif draw < 0.32:
            made.append(slots["P"])
        elif draw < 0.335:
            made.append(slots["O"])
        elif draw < 0.34:
            made.append(slots["F"])
    return "".join(made)


def lines(seed: int, count: int) -> Iterator[str]:
    """Yield marked lines; the same for the same seed."""
    rng = random.Random(seed)
    slots = Slots(rng)
    for _ in range(count):
        if rng.random() < 0.5:
            yield salad(rng, slots)
        else:
            yield rng.choice(templates()).format_map(slots)


_MARK = re.compile("[\x01-\x04]")


def unmarked(marked: str) -> tuple[str, list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the text and the spans of names and of places in it."""
    made: list[str] = []
    spans: dict[str, list[tuple[int, int]]] = {NAME: [], places.PLACE: []}
    length, start = 0, 0
    for piece in re.split("([\x01-\x04])", marked):
        if piece in (NAME, places.PLACE):
            start, kind = length, piece
        elif piece in (NAME_END, places.END):
            spans[kind].append((start, length))
        else:
            made.append(piece)
            length += len(piece)
    return "".join(made), spans[NAME], spans[places.PLACE]
