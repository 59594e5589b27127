"""Invented people: surnames by how common they are, given names by generation and taste."""

from __future__ import annotations

import random
from functools import cache

from shouxin.detection.names.gazetteer import COMPOUND_SURNAMES, SURNAMES
from tools.names.words import ordinary, person_names

# By generation and taste; a character that stands in several groups is drawn more often.
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国志红玉兰梅萍鹏辉玲斌波凤珍云飞龙海燕春山林文生金贵福荣"
    "祥兵成德忠义善仁"
    "子涵宇轩浩然梓欣怡雨桐一诺佳思琪嘉诗晨曦俊熙博文睿泽铭逸奕天昊可馨语嫣若依诺紫萱雅静梦洁雪婷悦心妍芮菲彤瑶"
    "琳倩莹颖璇薇蕾"
    "晓小亚永新立振宏利东庆少长学世光家维继先培树宝玉景兴洪正启向守承绍宗耀万全安宁康健乐和顺达富有财发旺盛昌茂"
    "根土水火木"
    "婷婷媛媛芬芝莲菊香兰月琴淑惠慧娥翠素爱巧美秋冬夏霜冰露竹松柏梁栋柱峰岩石川江河湖溪源泉润泽清淳涵澜瀚沛滨"
    "哲伦凯旋帆航远征程翔翼腾跃骏驰骁勋威猛毅坚韧恒诚信谦逊儒雅智勇彬楷模范炜炎烨煜灿烁焕炫晖昕昱晟旭昭"
    "钰琪琦琛珂珊玥珺瑾瑜璐莎茜茹萌菁蓉薇蔓蕊黛娇婉婧媚嫚姗姝娅娴丹青蓝紫黎阳辰星宸霖霏雯雷震霆"
    "亦凡冰思远若琳语堂之谦宥胜子怡曼玉百芝韶关祖贤润发德华学友富城朝伟家辉国荣"
    "卫东援朝跃进建军爱国解放胜利抗美红卫文革卫国保国振华兴华爱华建华新华国庆国强志强志刚志勇志明志伟"
    "娣妹姑仔阿娃狗猫奇尧舜禹汤尼克娜莉丽莎安迪彼得麦坤铁钢铜银锋锐钧钦铮锦镇釜鑫森淼焱垚"
)
# Common words that are names too; drawn for two-character given names.
PAIRS = (
    "建国 建军 志强 志明 志刚 国强 国庆 海燕 海涛 海波 春梅 秀英 秀兰 秀珍 桂英 桂兰 玉兰 玉梅 玉珍 淑芬 淑珍 "
    "淑英 丽华 丽娟 丽萍 晓东 晓明 晓燕 晓红 晓丽 小明 小红 小燕 小军 "
    "小刚 文军 文杰 文博 俊杰 俊峰 子涵 子轩 子怡 梓涵 雨桐 雨涵 雨欣 欣怡 诗涵 诗雨 思远 思涵 浩然 浩宇 宇轩 "
    "宇航 一诺 一鸣 嘉怡 嘉欣 佳怡 佳琪 佳慧 雅婷 雅琴 梦瑶 梦洁 "
    "天佑 天宇 永强 永刚 永红 立军 立国 立新 振华 振国 建华 建平 建新 爱华 爱国 爱民 新华 新民 卫东 卫国 红梅 "
    "红霞 红军 雪梅 雪莲 冬梅 秋菊 月娥 婷婷 媛媛 娜娜 丽丽 静静 "
    "莉莉 丹丹 芳芳 圆圆 冰冰 晶晶 诗诗 乐乐 洋洋 阳阳 东升 东明 长江 长春 长生 金龙 金凤 金花 银花 德华 学友 "
    "富贵 有才 大海 大伟 大勇 大山 少华 少云 世杰 世昌 家辉 家豪 "
    "凯文 泽东 恩来 小平 锦涛 近平 家宝 克强 自强 自立 胜利 解放 国平 国栋 国梁 栋梁 成龙 飞鸿 无忌 不悔 "
    "若水 如意 吉祥 平安 宁静 思思 心怡 可欣 可心 安琪 安然 悠然 嫣然"
).split()
HELD_OUT = 10  # one name in so many is never written into a training text


@cache
def _surnames() -> tuple[list[str], list[float]]:
    names = list(dict.fromkeys(SURNAMES))
    weights = [1 / (rank + 12) ** 1.15 for rank in range(len(names))]
    return [*names, *COMPOUND_SURNAMES], [
        *weights,
        *([sum(weights) * 0.012 / len(COMPOUND_SURNAMES)] * len(COMPOUND_SURNAMES)),
    ]


@cache
def known() -> tuple[str, ...]:
    """Names of three characters from the word list: a surname, and characters that people give."""
    simple, given = set(SURNAMES), set(GIVEN)
    words = ordinary()
    return tuple(
        name
        for name in person_names()
        if name[0] in simple
        and name[1] in given
        and name[2] in given
        and words.get(name[:2], 0) < 10
        and words.get(name[1:], 0) < 500
        and not is_held_out(name)
    )


def is_held_out(name: str) -> bool:
    """Tell whether a name is kept for tests: by its characters, so that it never changes."""
    return sum(ord(one) * (7 + 12 * place) for place, one in enumerate(name)) % HELD_OUT == 0


@cache
def _wide() -> tuple[list[str], list[str]]:
    """Every character that stands second or third in a name of the word list, as often as it does."""
    words = ordinary()
    names = [
        name
        for name in person_names()
        if name[0] in SURNAMES
        and words.get(name[:2], 0) < 5
        and words.get(name[1:], 0) < 5
        and name[2] not in "家氏庄村府"
    ]
    return [name[1] for name in names], [name[2] for name in names]


def surname(rng: random.Random) -> str:
    """Return a surname, the common ones often."""
    names, weights = _surnames()
    if rng.random() < 0.05:
        return rng.choice(names)
    return rng.choices(names, weights)[0]


def given(rng: random.Random) -> str:
    """Return a given name of one or two characters."""
    kind = rng.random()
    if kind < 0.30:
        return rng.choice(GIVEN) if rng.random() < 0.7 else rng.choice(_wide()[1])
    if kind < 0.40:
        return rng.choice(PAIRS)
    if kind < 0.44:
        return rng.choice(GIVEN) * 2
    if kind < 0.47:  # any two characters of ordinary words: people are called as they like
        word = rng.choice(GIVEN) + rng.choice("之云子若如思亦以可小晓大天一少世永文")
        return word[::-1] if rng.random() < 0.5 else word
    if kind < 0.72:
        middle, last = _wide()
        return rng.choice(middle) + rng.choice(last)
    return rng.choice(GIVEN) + rng.choice(GIVEN)


def person(rng: random.Random, *, held_out: bool = False) -> str:
    """Return a name of two to four characters; held-out ones and others never meet."""
    while True:
        name = rng.choice(known()) if rng.random() < 0.2 and not held_out else surname(rng) + given(rng)
        if is_held_out(name) == held_out and ordinary().get(name, 0) < 20:
            return name
