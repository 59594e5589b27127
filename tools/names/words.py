"""Ordinary Chinese words with how often they are used: what invented text is filled with, and the lexicon.

**Source:** the word list of jieba 0.42.1 (MIT), a list of words with counts, no text. Its tags for names are not
trusted: it calls 严格执行 and 王朝 names of persons. What begins with an ordinary word, or is used often and is not
known to be a person here, counts as ordinary.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from shouxin.detection.names.gazetteer import TRANSCRIBED, places

_SOURCE: list[Path] = []
NAMES, PLACES = frozenset({"nr", "nrt", "nrfg"}), frozenset({"ns", "nt", "nz"})

# Two characters, tagged as names by the list, and indeed persons: neither ordinary nor in the lexicon.
PERSONS = (
    "宋江 曹操 刘备 林彪 杜甫 孔明 武松 李逵 孙权 朱德 江青 刘邦 范蠡 李鹏 马良 曹禺 李俊 林冲 郑和 李娜 刘翔 "
    "张飞 李白 王明 朱熹 陈毅 陆羽 吕布 金庸 吴仪 周瑜 "
    "袁绍 陈云 王莽 彭真 李珊 苏轼 胡适 赵云 雷锋 曹丕 秦桧 韩信 贺龙 董卓 叶挺 刘裕 李铁 李强 黄忠 曹锟 徐渭 "
    "韩愈 孙策 马岱 李渊 张骞 张衡 李四 苏秦 姚明 徐福 "
    "杨锐 陆川 严复 朱温 贾谊 张仪 黄巢 吴晗 李成 李靖 王充 王敦 王英 石勒 李斯 唐寅 刘表 孙武 李煜 李德 田汉 "
    "丁玲 张旭 宋濂 张澜 方腊 杜牧 孙坚 李宁 王猛 王维 "
    "刘基 胡佳 张三 王五 赵六 高俅 何晏 罗素 薛涛 马超 王平 田单 白起 石秀 袁枚 方苞 汪洋 程颐 程颢 曾巩 "
    "岳飞 崔颢 康熙 何进 侯宝 石达 温庭 尤三 毛遂"
).split()
# What the list lacks: words of today, of loans, of chats.
MODERN = (
    "微信 支付宝 淘宝 京东 微博 抖音 快手 朋友圈 公众号 小程序 二维码 扫码 转账 红包 余额 花呗 借呗 白条 网贷 "
    "征信 逾期 催收 还款日 分期 手续费 利息 本金 "
    "违约金 罚息 展期 结清 放款 审核 额度 提额 风控 黑名单 联系人 紧急联系人 通讯录 验证码 实名 认证 人脸识别 "
    "客服 工单 投诉 协商 失联 承诺还款 高铁 网红 直播 "
    "主播 粉丝 偶像 吐槽 给力 坑爹 哈哈 哈哈哈 呵呵 嘻嘻 嘿嘿 呜呜 亲 亲爱的 萌 囧 屌丝 逆袭 高富帅 白富美 "
    "女神 男神 闺蜜 基友 童鞋 菇凉 妹纸 盆友 木有 肿么 "
    "神马 浮云 有木有 杯具 围观 转发 转发微博 关注 私信 回复 评论 点赞 分享 链接 视频 图片 话题 客户端 "
    "手机用户 挖鼻屎 偷笑 泪 抓狂 兔子 威武 鼓掌 心 爱你 "
    "可爱 生病 太开心 做鬼脸 衰 晕 怒 汗 害羞 酷 疑问 思考 花心 馋嘴 亲亲 懒得理你 钱 失望 阴险 嘘 鄙视 拜拜 "
    "黑线 奥特曼 熊猫 蜡烛 蛋糕 话筒 礼物 围脖 织 "
    "加油 晚安 早安 早上好 周末愉快 生日快乐 新年快乐 高兴 马上 白天 王者 张开 王者荣耀 江湖 黄金 高手 马路 "
    "黄色 白色 金色 高级 石头 时候 时间 方便 方法 "
    "成功 成本 成为 成绩 任何 任务 于是 关于 关系 关注 和你 向前 向往 万一 万元 单位 单身 单价 计算 计划 明天 "
    "明年 古代 全部 全家 路上 路过 水果 水平 火车 "
    "司机 温柔 温度 安全 安排 平安 平时 平台 平均 应该 应用 解决 解释 游戏 游客 米饭 项目 席位 连续 连接 "
    "米兰花 毛病 叶子 江山 江苏银行 金额 钱包 钱款 权利 "
    "强调 强烈 幸福 幸运 喜欢 喜爱 支持 支付 支行 才能 能力 常常 常见 顾客 顾问 武器 华为 华丽 方式 向来 "
    "向日葵 别人 别说 来自 来电 来自于 都是 都有 都会"
).split()

FOREIGN = (
    "乔布斯 奥巴马 克林顿 特朗普 布莱尔 普京 萨科齐 默克尔 卡梅伦 希拉里 贝克汉姆 罗纳尔多 卡西利亚斯 "
    "伊布拉希莫维奇 巴洛特利 梅西 内马尔 苏亚雷斯 詹姆斯 杜兰特 加内特 艾弗森 "
    "麦迪 费德勒 纳达尔 德约科维奇 莎拉波娃 博尔特 菲尔普斯 安吉丽娜 朱莉 汤姆克鲁斯 布拉德皮特 "
    "莱昂纳多 卡梅隆 斯皮尔伯格 泰勒斯威夫特 麦当娜 迈克尔杰克逊 贾斯汀比伯 "
    "爱因斯坦 达芬奇 梵高 莫扎特 贝多芬 肖邦 莎士比亚 雨果 托尔斯泰 海明威 巴菲特 索罗斯 比尔盖茨 马斯克 "
    "扎克伯格 贝佐斯 穆里尼奥 弗格森 温格 瓜迪奥拉 里皮 卡马乔 古力娜扎 迪丽热巴 "
    "尼格买提 买买提 阿不都拉 阿里木江 古丽娜尔 阿依古丽 木拉提 艾尔肯 吐尔逊 热合曼 帕提古丽 扎西多吉 "
    "次仁卓玛 德吉 洛桑 格桑 丹增 索朗旺堆 达瓦次仁 巴特尔 其其格 苏日娜 安德鲁 约翰逊"
).split()
NOT_PEOPLE = ("人", "语", "亚", "兰", "州", "山", "湖", "河", "岛", "城", "教", "语", "族", "国")


def use(path: Path) -> None:
    """Read another word list (word, count, tag, one a line); to be called before anything else here."""
    _SOURCE.append(path)


def _entries() -> list[tuple[str, int, str]]:
    found = find_spec("jieba")
    if not _SOURCE and (found is None or not found.origin):
        raise SystemExit("The word list comes with jieba: run this in the environment of the benchmarks.")
    path = _SOURCE[-1] if _SOURCE else Path(str(found and found.origin)).with_name("dict.txt")
    split = [line.split() for line in path.read_text("utf-8").splitlines()]
    return [(word, int(count), tag) for word, count, tag in split]


def _han(word: str) -> bool:
    return all("\u4e00" <= one <= "\u9fff" for one in word)


@cache
def ordinary() -> dict[str, int]:
    """Word -> count, of what is neither a name nor a place."""
    entries = [entry for entry in _entries() if _han(entry[0])]
    # `zg` marks characters whose counts stand in no proportion to their use
    sure = {
        word: count // 40 + 1 if tag == "zg" else count for word, count, tag in entries if tag not in NAMES | PLACES
    }
    for word, count, tag in entries:
        if tag not in NAMES or word in PERSONS:
            continue
        if len(word) == 1:
            sure[word] = max(count // 20, 1)  # mostly surnames
        elif (len(word) == 2 and count >= 40) or (len(word) >= 3 and sure.get(word[:2], 0) >= 30):
            sure[word] = count
    for word, count, tag in entries:
        if tag == "nz" and word not in sure:
            sure[word] = count
    for word in MODERN:
        sure[word] = max(sure.get(word, 0), 600)
    return {word: count for word, count in sure.items() if word not in PERSONS}


@cache
def place_names() -> tuple[str, ...]:
    """Names of places by the list, three or more characters: villages, roads, rivers, sights."""
    return tuple(sorted({word for word, _, tag in _entries() if tag == "ns" and len(word) >= 3 and _han(word)}))


@cache
def person_names() -> tuple[str, ...]:
    """Words of three characters that the list calls names; the caller must still check them."""
    return tuple(sorted({word for word, _, tag in _entries() if tag in NAMES and len(word) == 3 and _han(word)}))


@cache
def foreign_names() -> tuple[str, ...]:
    """Names in transcription, and such as are known to everybody."""
    listed, known, inside = places(), ordinary(), set(TRANSCRIBED)
    found = {word for word, _, tag in _entries() if tag == "nrt" and 3 <= len(word) <= 6 and set(word) <= inside}
    kept = {word for word in found if word not in listed and known.get(word, 0) < 20 and not word.endswith(NOT_PEOPLE)}
    return tuple(sorted(kept | set(FOREIGN)))


@cache
def organisations() -> tuple[str, ...]:
    """Names of organisations."""
    return tuple(sorted({word for word, _, tag in _entries() if tag == "nt" and len(word) >= 3 and _han(word)}))
