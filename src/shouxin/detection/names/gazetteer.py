"""Surnames, the divisions of China, and places abroad by name.

Laws. The lists are closed and small: what they do not know the model must find by how it is written. A short form (新乡
for 新乡市) has a level of its own, because many of them are ordinary words. Reading the file happens once.

Called by: ``candidates``; the training tools.
**Source:** surnames and places abroad are this product's own list from common knowledge; the divisions are those of
``regions.txt``, which names its source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import Final

__all__ = [
    "ABROAD",
    "COMPOUND_SURNAMES",
    "COUNTRIES",
    "SIGHTS",
    "SURNAMES",
    "TRANSCRIBED",
    "PlaceLevel",
    "divisions",
    "places",
]

# By how many bear them, the commonest first; the training tools draw by this order.
SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟"
    "姜崔谭陆范汪廖石金韦贾"
    "夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文樊兰殷施洪安颜倪章季温"
    "俞鲁葛庞申柳聂焦邢岳"
    "梅庄辛管祝左涂谷祁时耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂"
    "闵解强丛敖车应冉仲"
    "宫滕符苟边米连穆巴胥池郎房栾晏冷蓝简饶卞佟褚娄尚明古代骆牛艾华占邬喻阎柴蒲全党楚岑封商宗卓伍丘木揭相尤虞奚"
    "幸荆农楼初吉晋"
    "沙沃臧麦屠燕扈宿窦苑鞠桑寇竺鄢鄞暴练计麻裘皮原乐匡雍鹿濮冀郁糜茅庹谌储戚冼班邝粟迟满阚瞿丰瞿戈仇仝化区隆宣"
    "官展巩师平尧"
    "年延归戎戢扬才支敬斯旷晁朴来栗格檀欒毋水求沐泮浦涉淳湛火照狄独玉由畅登禹秋税窦笪米粘索经缪罕羊翟胜腾艺荀荣"
    "荔莘藏蔚蔺虎"
    "见言訾诸谈豆买贝贡贲赫逄逯郄郏郗郜郦都酆释野闻闾阙雪靖骞鱼麴黑齐龙陳張劉楊黃趙吳孫馬鄭謝許韓馮蕭葉蘇呂盧鍾"
    "譚陸賈鄒龔顧嚴湯賴"
)
COMPOUND_SURNAMES: Final = (
    "欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 夏侯 端木 南宫 独孤 百里 呼延 轩辕 拓跋 "
    "东郭 西门 申屠 欧陽 司馬"
).split()

# Characters that names of other languages are written with.
TRANSCRIBED: Final = (
    "阿埃艾安奥巴白班邦保鲍贝本比彼毕别宾波伯勃博布查戴丹当道德登迪蒂丁杜顿多恩尔法凡范菲费芬佛弗福盖冈戈格葛古"
    "哈海汉赫亨霍基吉加贾杰金卡凯坎康考科克肯库拉莱兰朗劳"
    "勒雷里利莉丽林琳鲁伦罗洛马玛迈麦曼梅门蒙米密明莫姆穆娜纳南内尼宁妮努诺欧帕潘佩彭皮普齐奇乔琼丘热日荣瑞若撒"
    "萨赛桑瑟沙莎山舍圣施史士什舒斯丝苏索塔泰坦汤唐"
    "特提图托瓦万威韦维伟温文沃乌西希夏肖谢辛雪逊雅亚延扬杨耶伊依因英尤约泽扎詹珍芝朱兹佐买提江古丽木孜木热艾力"
    "克依不都拉合提吐尔逊帕提古扎西次仁卓玛格桑达瓦旺堆央"
    "夫洪默柏隆纳扎克伯霍普弗兰罗琳娅黛薇蕾妲姬爱菲碧凯茜贾斯汀柯雷诺德娃洛伊丝埃"
)

COUNTRIES: Final = (
    "中国 美国 英国 法国 德国 日本 韩国 俄罗斯 意大利 西班牙 葡萄牙 荷兰 比利时 瑞士 瑞典 挪威 芬兰 丹麦 冰岛 "
    "奥地利 波兰 捷克 匈牙利 希腊 土耳其 "
    "乌克兰 罗马尼亚 保加利亚 塞尔维亚 克罗地亚 爱尔兰 苏格兰 英格兰 加拿大 墨西哥 巴西 阿根廷 智利 秘鲁 "
    "哥伦比亚 委内瑞拉 古巴 乌拉圭 巴拉圭 "
    "澳大利亚 澳洲 新西兰 印度 巴基斯坦 孟加拉 斯里兰卡 尼泊尔 不丹 缅甸 泰国 越南 老挝 柬埔寨 马来西亚 新加坡 "
    "印尼 印度尼西亚 菲律宾 文莱 "
    "蒙古 朝鲜 北韩 南韩 哈萨克斯坦 乌兹别克斯坦 吉尔吉斯斯坦 塔吉克斯坦 阿富汗 伊朗 伊拉克 叙利亚 以色列 "
    "巴勒斯坦 约旦 黎巴嫩 沙特 沙特阿拉伯 "
    "阿联酋 卡塔尔 科威特 也门 埃及 利比亚 阿尔及利亚 摩洛哥 突尼斯 苏丹 埃塞俄比亚 肯尼亚 坦桑尼亚 尼日利亚 "
    "加纳 南非 津巴布韦 赞比亚 安哥拉 "
    "刚果 马达加斯加 毛里求斯 马尔代夫 斐济 牙买加 海地 巴拿马 哥斯达黎加 厄瓜多尔 玻利维亚 乌干达 卢旺达 "
    "白俄罗斯 立陶宛 拉脱维亚 爱沙尼亚 "
    "格鲁吉亚 亚美尼亚 阿塞拜疆 塞浦路斯 马耳他 卢森堡 摩纳哥 梵蒂冈 苏联 欧洲 亚洲 非洲 美洲 南美 北美 拉美 "
    "中東 韓國 美國 英國 德國 法國 中國 "
    "泰國 俄羅斯 義大利 新加坡 马来 中华人民共和国 大陆 東南亞 东南亚 台灣"
).split()
ABROAD: Final = (
    "纽约 华盛顿 洛杉矶 旧金山 芝加哥 波士顿 西雅图 休斯顿 费城 拉斯维加斯 夏威夷 硅谷 好莱坞 加州 加利福尼亚 "
    "德州 佛罗里达 迈阿密 底特律 "
    "亚特兰大 达拉斯 丹佛 圣地亚哥 曼哈顿 华尔街 伦敦 曼彻斯特 利物浦 伯明翰 爱丁堡 牛津 剑桥 巴黎 马赛 里昂 "
    "戛纳 尼斯 柏林 慕尼黑 法兰克福 汉堡 "
    "科隆 罗马 米兰 威尼斯 佛罗伦萨 都灵 那不勒斯 马德里 巴塞罗那 里斯本 阿姆斯特丹 布鲁塞尔 日内瓦 苏黎世 "
    "维也纳 布拉格 布达佩斯 华沙 雅典 "
    "莫斯科 圣彼得堡 基辅 斯德哥尔摩 奥斯陆 哥本哈根 赫尔辛基 都柏林 伊斯坦布尔 东京 大阪 京都 名古屋 北海道 "
    "札幌 冲绳 福冈 神户 横滨 奈良 广岛 "
    "首尔 釜山 济州岛 平壤 曼谷 清迈 普吉岛 芭提雅 河内 胡志明市 金边 吉隆坡 槟城 雅加达 巴厘岛 马尼拉 长滩岛 "
    "新德里 孟买 加尔各答 迪拜 "
    "多哈 开罗 开普敦 约翰内斯堡 内罗毕 悉尼 墨尔本 布里斯班 珀斯 堪培拉 奥克兰 惠灵顿 多伦多 温哥华 蒙特利尔 "
    "渥太华 里约热内卢 里约 圣保罗 "
    "佛州 纽约州 得州 德克萨斯 俄亥俄 密歇根 伊利诺伊 宾夕法尼亚 新泽西 马里兰 弗吉尼亚 佐治亚 华盛顿州 俄勒冈 "
    "内华达 亚利桑那 科罗拉多 阿拉斯加 关岛 塞班 "
    "塞班岛 布鲁克林 皇后区 百老汇 时代广场 唐宁街 白金汉宫 泰晤士河 埃菲尔铁塔 卢浮宫 香榭丽舍 普罗旺斯 "
    "爱琴海 圣托里尼 地中海 阿尔卑斯山 莱茵河 塞纳河 西伯利亚 "
    "远东 中东 波斯湾 红海 撒哈拉 尼罗河 亚马逊 百慕大 加勒比 拉斯维加斯 好望角 大堡礁 黄金海岸 昆士兰 "
    "塔斯马尼亚 吴哥窟 湄公河 金三角 克什米尔 加沙 富士山 "
    "银座 新宿 涩谷 秋叶原 浅草 镰仓 箱根 长崎 明洞 江南区 仁川 济州 苏梅岛 沙巴 民丹岛 兰卡威 马六甲 巴厘 "
    "梵蒂冈城 格拉斯哥 谢菲尔德 利兹 考文垂 汉诺威 多特蒙德 "
    "斯图加特 德累斯顿 萨尔茨堡 瓦伦西亚 塞维利亚 毕尔巴鄂 热那亚 比萨 博洛尼亚 波尔图 鹿特丹 安特卫普 日內瓦 "
    "洛桑 巴塞尔 哥德堡 卑尔根 雷克雅未克 敖德萨 顿涅茨克 "
    "布宜诺斯艾利斯 墨西哥城 耶路撒冷 大马士革 巴格达 德黑兰 喀布尔 仰光 加德满都 東京 首爾 紐約 倫敦"
).split()
# Places that people name without a division: old names, boroughs of Hong Kong and Taiwan, sights, regions.
SIGHTS: Final = (
    "香港 澳门 台湾 九龙 新界 旺角 铜锣湾 尖沙咀 中环 铜锣灣 沙田 元朗 荃湾 油麻地 大屿山 台北 高雄 台中 台南 "
    "新竹 基隆 花莲 垦丁 屏东 宜兰 嘉义 彰化 "
    "桃园 苗栗 南投 澎湖 阿里山 日月潭 香港岛 珠三角 长三角 京津冀 东三省 中关村 三里屯 王府井 西单 国贸 望京 "
    "五道口 天通苑 回龙观 后海 什刹海 "
    "天安门 故宫 颐和园 长城 鸟巢 陆家嘴 徐家汇 外滩 浦东 浦西 虹桥 城隍庙 豫园 南京路 淮海路 人民广场 西湖 "
    "灵隐寺 乌镇 周庄 同里 西塘 千岛湖 普陀山 "
    "黄山 泰山 华山 衡山 恒山 嵩山 峨眉山 九华山 五台山 武当山 庐山 云台山 少林寺 张家界 九寨沟 黄龙 都江堰 "
    "青城山 稻城 亚丁 丽江 大理 香格里拉 "
    "帝都 魔都 羊城 蓉城 江城 申城 京城 妖都 大上海 大北京 老北京 港澳 港台 京津 沪杭 江南 江北 岭南 塞北 关外 "
    "塞外 西域 川藏 滇西 浙东 浙西 皖南 赣南 鲁西南 "
    "海淀 朝阳 丰台 昌平 通州 大兴 亦庄 双井 劲松 大望路 建国门 复兴门 西直门 东直门 前门 大栅栏 南锣鼓巷 簋街 "
    "鼓楼 钟鼓楼 圆明园 香山 八达岭 玉渊潭 北海公园 "
    "水立方 工体 工人体育馆 五棵松 首都机场 北京西站 北京南站 北京站 静安寺 新天地 田子坊 南京东路 南京西路 "
    "淮海中路 五角场 张江 世博园 东方明珠 浦东机场 虹桥机场 "
    "虹桥火车站 天河 越秀 海珠 番禺 白云山 珠江新城 体育中心 北京路 上下九 广州塔 小蛮腰 白云机场 福田 罗湖 "
    "南山 宝安 龙岗 华强北 东门 世界之窗 欢乐谷 大梅沙 "
    "小梅沙 莲花山 锦里 武侯祠 杜甫草堂 双流机场 天府 太古里 九眼桥 观音桥 磁器口 南山 沙坪坝 光谷 汉口 武昌 "
    "汉阳 江汉路 户部巷 楚河汉街 断桥 雷峰塔 西溪湿地 河坊街 "
    "武林广场 钱塘江 新街口 中山陵 总统府 明孝陵 紫金山 鸡鸣寺 平江路 观前街 金鸡湖 拙政园 虎丘 鼋头渚 瘦西湖 "
    "曾厝垵 中山路 环岛路 钟楼 回民街 大唐芙蓉园 大明宫 "
    "五一广场 太平街 岳麓书院 橘子洲头 中央大街 太阳岛 索菲亚教堂 星海广场 老虎滩 五四广场 崂山 栈桥 金沙滩 "
    "趵突泉 大明湖 千佛山 蓬莱 北戴河 山海关 承德避暑山庄 "
    "平遥 乔家大院 云冈石窟 龙门石窟 白马寺 清明上河园 三峡 神农架 凤凰古城 衡山 韶山 井冈山 婺源 三清山 "
    "龙虎山 滕王阁 宏村 西递 天柱山 雁荡山 横店 义乌 莫干山 "
    "天目湖 溱湖 涠洲岛 龙脊梯田 德天瀑布 黄果树瀑布 西江苗寨 镇远 梵净山 滇池 石林 束河 梅里雪山 腾冲 瑞丽 "
    "纳木错 羊卓雍错 大昭寺 八廓街 珠峰 喀纳斯 天山 火焰山 "
    "吐鲁番 罗布泊 塔克拉玛干 祁连山 嘉峪关 月牙泉 塔尔寺 茶卡盐湖 可可西里 昆仑山 贺兰山 沙坡头 壶口瀑布 "
    "呼伦贝尔 额济纳 长白山 镜泊湖 漠河 亚布力 松花江 黑龙江 "
    "鸭绿江 辽河 海河 淮河 汉江 嘉陵江 岷江 金沙江 大渡河 雅鲁藏布江 澜沧江 怒江 湘江 赣江 闽江 钱江 "
    "京杭大运河 淡水 九份 西门町 士林夜市 太鲁阁 阳明山 "
    "维多利亚港 太平山 兰桂坊 大三巴 氹仔 佐敦 红磡 湾仔 天水围 深水埗 观塘 屯门 将军澳 西贡 赤柱 香江 葵涌 北角 "
    "西双版纳 泸沽湖 洱海 玉龙雪山 漓江 阳朔 鼓浪屿 武夷山 三亚 亚龙湾 天涯海角 青海湖 敦煌 莫高窟 布达拉宫 "
    "珠穆朗玛峰 喜马拉雅山 兵马俑 大雁塔 "
    "黄河 长江 珠江 黄浦江 苏州河 秦淮河 夫子庙 玄武湖 太湖 洞庭湖 鄱阳湖 黄鹤楼 东湖 橘子洲 岳麓山 解放碑 "
    "洪崖洞 朝天门 春熙路 宽窄巷子 天府广场 "
    "钓鱼岛 黄岩岛 南海 东海 渤海 太平洋 大西洋 印度洋 北极 南极 内蒙 内蒙古 新疆 西藏 广西 宁夏 襄樊 思茅 "
    "汶川 玉树 雅安 芦山 舟曲 唐人街 "
    "江浙 两广 湖广 东北 西北 华北 华南 华东 西南 川西 陕北 苏北 苏南 闽南 粤西 潮汕 胶东 关中 中原 湘西 台灣 "
    "臺灣 臺北 廣州 廣東 瀋陽"
).split()


class PlaceLevel(IntEnum):
    """What kind of place a listed name is; the order says nothing but which wins where a name is several."""

    PROVINCE = 1
    PREFECTURE = 2  # in full
    PREFECTURE_SHORT = 3
    COUNTY = 4  # in full
    COUNTY_SHORT = 5
    DISTRICT_SHORT = 6  # of a city: 西湖, 朝阳; the most doubtful
    COUNTRY = 7
    ABROAD = 8
    SIGHT = 9


_NATIONS: Final = (
    "朝鲜族|土家族|苗族|藏族|羌族|彝族|布依族|侗族|哈尼族|壮族|傣族|白族|景颇族|傈僳族|回族|蒙古族|蒙古|哈萨克|"
    "柯尔克孜|维吾尔|满族|瑶族|"
    "畲族|仫佬族|毛南族|黎族|仡佬族|水族|佤族|拉祜族|纳西族|独龙族|怒族|普米族|布朗族|东乡族|保安族|撒拉族|裕固"
    "族|土族|锡伯|塔吉克|达斡尔族|各族"
)


@cache
def _autonomous() -> re.Pattern[str]:
    return re.compile(rf"(?<=..)(?:{_NATIONS})*自治[州县旗]$|特别行政区$")


def _short(name: str) -> str:
    """The form without what says which kind of division it is; itself if there is none."""
    bare = _autonomous().sub("", name)
    if bare != name and len(bare) >= 2:
        return bare
    for ending in (
        "维吾尔自治区",
        "壮族自治区",
        "回族自治区",
        "自治区",
        "林区",
        "地区",
        "新区",
        "省",
        "市",
        "盟",
        "县",
        "区",
        "旗",
    ):
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name[: -len(ending)]
    return name


@cache
def divisions() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return every line of ``regions.txt``: province, prefecture (empty where there is none), counties; all in full."""
    text = resources.files(__package__).joinpath("regions.txt").read_text("utf-8")
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return tuple((row[0], row[1].strip("-"), tuple(row[2:])) for row in rows)


@cache
def places() -> Mapping[str, PlaceLevel]:
    """Return every listed name of two or more characters with its level."""
    found: dict[str, PlaceLevel] = {}
    for _, _, counties in divisions():
        for county in counties:
            short = PlaceLevel.DISTRICT_SHORT if county.endswith("区") else PlaceLevel.COUNTY_SHORT
            found.setdefault(_short(county), short)
    for _, _, counties in divisions():
        found.update(dict.fromkeys(counties, PlaceLevel.COUNTY))
    found.update(dict.fromkeys(SIGHTS, PlaceLevel.SIGHT))
    found.update(dict.fromkeys(ABROAD, PlaceLevel.ABROAD))
    found.update(dict.fromkeys(COUNTRIES, PlaceLevel.COUNTRY))
    for province, prefecture, _ in divisions():
        for name, short, full in (
            (prefecture, PlaceLevel.PREFECTURE_SHORT, PlaceLevel.PREFECTURE),
            (province, PlaceLevel.PROVINCE, PlaceLevel.PROVINCE),
        ):
            if name:
                found[_short(name)] = short
                found[name] = full
    return {name: level for name, level in found.items() if len(name) >= 2}
