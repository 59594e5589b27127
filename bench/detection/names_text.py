"""Text with labelled names and addresses that the model never saw.

Its templates were written apart from those of training and are not read by the trainer; its people, roads, towns and
prefectures are kept out of training (``tools.names``). The divisions themselves stand in the product's list.
"""

from __future__ import annotations

import random

from tools.names import people, places
from tools.names.text import NAME, NAME_END

TEMPLATES = (
    "经核实，{N}目前居住于{A}，其手机{M}停机。",
    "债务人{N}于昨日下午致电我处，声称因生意失败暂时无力偿还，希望宽限到下个月。",
    "坐席：您好，麻烦找一下{N}。客户：打错了，这里没有这个人。",
    "坐席：请问您和{N}是什么关系？客户：我是他表弟{N}。",
    "今天下午三点走访了{A}，开门的是房客，说房东{N}半年前就搬走了。",
    "微信备注显示为{N}，头像是一只猫，朋友圈三天可见。",
    "{N}还款意愿良好，{N}则多次挂断电话，建议升级处理。",
    "借条：因资金周转需要，{N}向{N}借得现金贰万元整，年底前还清，空口无凭，立此为据。",
    "保证合同由{N}签字按印，签约地点在{A}。",
    "快递员反映{A}这个地址投递三次都没有人签收。",
    "工作单位已核实，人事说{N}上周离职回{P}老家了。",
    "亲，我是{N}，我的额度怎么还没恢复呀？",
    "你们能不能不要再骚扰我同学{N}了，再打我就报警！",
    "我把钱转给{N}了呀，截图都发你们了，高兴不起来。",
    "昨天碰到{N}，聊了半天，他说想去{P}发展。",
    "家属{N}代为还款五百元，剩余部分马上处理。",
    "抵押物坐落：{A}，建筑面积八十九平方米。",
    "注册地址变更为{A}。",
    "经调查，被执行人{N}在{P}另有商铺一间。",
    "司法送达地址：{A}；收件人：{N}。",
    "申请人：{N}；配偶：{N}；居住状况：租房；居住地：{A}",
    "|{N}|{M}|{A}|已婚|",
    "{N},{M},{A}",
    "房东{N}的电话打不通，白天上班，晚上再试。",
    "听说{N}结婚了，新娘是{P}人，恭喜恭喜。",
    "上次开会{N}没来，王者荣耀打得倒是挺起劲。",
    "周末跟{N}一起爬山，累并快乐着，安静的夜晚。",
    "{N}！你再不还钱我就找你爸妈了！",
    "到{P}出差，住的酒店不错，明天回公司。",
    "台风登陆{P}，航班大面积延误，大家注意安全。",
    "{P}和{P}之间通了高铁，时间缩短一半，方便多了。",
    "审批意见：同意，{N}，额度三万。",
    "贷后检查发现，{N}经营的饭店已关门，邻居{N}说欠了不少外债。",
    "公司法人由{N}变更为{N}，请重新提交材料。",
    "她老公{N}在{P}开货车，一个月才回来一次。",
    "送货上门：{A}，到了打{M}，找{N}。",
    "我家就在{A}，门口有棵大槐树。",
    "人民法院认为，双方关系成立，应当按照约定履行全部义务。",
    "时间不等人，成功属于任何努力的人，于是我又开始了新的计划。",
    "和平时一样，金色的阳光洒在水面上，显得格外温柔。",
    "江苏银行的信用卡和李宁的球鞋都在做活动，全部商品八折，万元以上免息。",
    "向前走，别回头，成长路上总有方向，解决问题才能进步。",
    "系统提示：单笔限额不足，请单独申请，应收金额以账单为准。",
    "北京大学的教授说过，高级的快乐来自连续的专注。",
    "白色的连衣裙配黄色的帽子，毛衣也很好看，祝您购物愉快。",
)


def held_out_text(
    count: int, seed: int = 11
) -> list[tuple[str, set[tuple[int, int]], set[tuple[int, int]], set[tuple[int, int]]]]:
    """Return texts, each with the spans of its names, of its places and of its addresses."""
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        pieces: list[str] = []
        spans: dict[str, set[tuple[int, int]]] = {"N": set(), "P": set(), "A": set(), "M": set()}
        at = 0
        for number, piece in enumerate(rng.choice(TEMPLATES).replace("}", "{").split("{")):
            text = _slot(piece, rng) if number % 2 else piece
            if number % 2:
                spans[piece].add((at, at + len(text)))
            pieces.append(text)
            at += len(text)
        made.append(("".join(pieces), spans["N"], spans["P"], spans["A"]))
    return made


def _slot(slot: str, rng: random.Random) -> str:
    if slot == "N":
        return people.person(rng, held_out=True)
    if slot == "M":
        return "154" + "".join(rng.choices("0123456789", k=8))
    if slot == "A":
        return _bare(places.address(rng, held_out=True))
    province, prefecture, counties = places.division(rng, held_out=True)
    return rng.choice((places.places_short(prefecture or province), prefecture or province, *counties[:2]))


def _bare(marked: str) -> str:
    for mark in (NAME, NAME_END, places.PLACE, places.END):
        marked = marked.replace(mark, "")
    return marked
