"""The words that fabricated people are made of; read by ``identities`` only.

Surnames, given names, provinces, cities and districts are common and real; the two halves of street names are invented.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

__all__ = ["GIVEN", "PLACES", "RELATIONS", "STREET_FIRST", "STREET_KINDS", "STREET_SECOND", "SURNAMES", "Sex"]

Sex: TypeAlias = Literal["female", "male"]

SURNAMES: Final = tuple(
    pair.split(":")
    for pair in (
        "王:wang 李:li 张:zhang 刘:liu 陈:chen 杨:yang 黄:huang 赵:zhao 吴:wu "
        "周:zhou 徐:xu 孙:sun 马:ma 朱:zhu 胡:hu 郭:guo 何:he 林:lin "
        "高:gao 罗:luo 郑:zheng 梁:liang 谢:xie 宋:song 唐:tang 许:xu 韩:han "
        "邓:deng 冯:feng 曹:cao 彭:peng 曾:zeng 肖:xiao 田:tian 董:dong 潘:pan "
        "袁:yuan 蔡:cai 蒋:jiang 余:yu 于:yu 杜:du 叶:ye 程:cheng 魏:wei "
        "苏:su 吕:lv 丁:ding 任:ren 卢:lu 姚:yao 沈:shen 钟:zhong 姜:jiang "
        "崔:cui 谭:tan 陆:lu 范:fan 汪:wang 廖:liao 石:shi 金:jin 韦:wei "
        "贾:jia 夏:xia 傅:fu 方:fang 邹:zou 熊:xiong 白:bai 孟:meng 秦:qin "
        "邱:qiu 侯:hou 江:jiang 尹:yin 薛:xue 欧阳:ouyang 上官:shangguan 司马:sima 诸葛:zhuge"
    ).split()
)
GIVEN: Final[dict[Sex, str]] = {
    "female": (
        "芳娜敏静丽娟霞玉萍红玲燕彩春菊兰凤洁梅琳素云莲真环雪荣爱"
        "妹香月莺媛艳瑞凡佳嘉琼桂娣叶璧璐娅琦晶妍茜秋珊莎锦青倩婷"
    ),
    "male": (
        "伟刚勇毅俊峰强军平保东文辉力明永健世广志义兴良海山仁波宁贵福生龙元全国胜学祥才发武新利清飞彬富顺信子杰涛昌成康"
    ),
}
# Relation, whether the surname is the applicant's, and the contact's sex (None: the other one than the applicant's).
RELATIONS: Final[tuple[tuple[str, bool, Sex | None], ...]] = (
    ("父亲", True, "male"),
    ("母亲", False, "female"),
    ("配偶", False, None),
    ("兄弟", True, "male"),
    ("姐妹", True, "female"),
    ("同事", False, "male"),
    ("同事", False, "female"),
    ("朋友", False, "female"),
    ("朋友", False, "male"),
)
# GB/T 2260 province code, province (empty where the city is one), city, districts: real places that belong together.
PLACES: Final = tuple(
    (code, province, city, tuple(districts.split()))
    for code, province, city, districts in (
        ("11", "", "北京市", "东城区 西城区 朝阳区 海淀区 丰台区 通州区"),
        ("12", "", "天津市", "和平区 河西区 南开区 红桥区 西青区"),
        ("13", "河北省", "石家庄市", "长安区 桥西区 新华区 裕华区"),
        ("14", "山西省", "太原市", "小店区 迎泽区 杏花岭区 万柏林区"),
        ("15", "内蒙古自治区", "呼和浩特市", "新城区 回民区 玉泉区 赛罕区"),
        ("21", "辽宁省", "沈阳市", "和平区 沈河区 大东区 皇姑区 铁西区"),
        ("22", "吉林省", "长春市", "南关区 宽城区 朝阳区 二道区 绿园区"),
        ("23", "黑龙江省", "哈尔滨市", "道里区 南岗区 道外区 香坊区"),
        ("31", "", "上海市", "黄浦区 徐汇区 长宁区 静安区 杨浦区 浦东新区"),
        ("32", "江苏省", "南京市", "玄武区 秦淮区 建邺区 鼓楼区 江宁区"),
        ("33", "浙江省", "杭州市", "上城区 拱墅区 西湖区 滨江区 余杭区"),
        ("34", "安徽省", "合肥市", "瑶海区 庐阳区 蜀山区 包河区"),
        ("35", "福建省", "福州市", "鼓楼区 台江区 仓山区 晋安区"),
        ("36", "江西省", "南昌市", "东湖区 西湖区 青云谱区 青山湖区"),
        ("37", "山东省", "济南市", "历下区 市中区 槐荫区 天桥区 历城区"),
        ("41", "河南省", "郑州市", "中原区 二七区 金水区 惠济区"),
        ("42", "湖北省", "武汉市", "江岸区 江汉区 硚口区 武昌区 洪山区"),
        ("43", "湖南省", "长沙市", "芙蓉区 天心区 岳麓区 开福区 雨花区"),
        ("44", "广东省", "广州市", "荔湾区 越秀区 海珠区 天河区 白云区"),
        ("45", "广西壮族自治区", "南宁市", "兴宁区 青秀区 江南区 西乡塘区"),
        ("46", "海南省", "海口市", "秀英区 龙华区 琼山区 美兰区"),
        ("50", "", "重庆市", "渝中区 江北区 沙坪坝区 南岸区 渝北区"),
        ("51", "四川省", "成都市", "锦江区 青羊区 金牛区 武侯区 成华区"),
        ("52", "贵州省", "贵阳市", "南明区 云岩区 花溪区 乌当区"),
        ("53", "云南省", "昆明市", "五华区 盘龙区 官渡区 西山区"),
        ("54", "西藏自治区", "拉萨市", "城关区 堆龙德庆区"),
        ("61", "陕西省", "西安市", "新城区 碑林区 莲湖区 雁塔区 未央区"),
        ("62", "甘肃省", "兰州市", "城关区 七里河区 安宁区"),
        ("63", "青海省", "西宁市", "城东区 城中区 城西区 城北区"),
        ("64", "宁夏回族自治区", "银川市", "兴庆区 金凤区 西夏区"),
        ("65", "新疆维吾尔自治区", "乌鲁木齐市", "天山区 沙依巴克区 新市区 水磨沟区"),
    )
)
STREET_FIRST: Final = "纸墨砚鹤鲸鹿苔砂陶釉琴棋笺帆灯桨"
STREET_SECOND: Final = "影笛穗鸣汐弦屿痕鳞羽岚笙"
STREET_KINDS: Final = ("路", "街", "巷", "大道")
