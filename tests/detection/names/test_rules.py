from __future__ import annotations

import pytest

from shouxin.detection.finding import KINDS
from shouxin.detection.names.rules import rule_rows


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("姓名：张三丰 性别", [("person_name", "张三丰")]),
        ("紧急联系人（父亲）：王大力，", [("person_name", "王大力")]),
        ("custName=刘洋&x", [("person_name", "刘洋")]),
        ("filename=刘洋", []),
        ("product_name: 刘氏贷", []),
        ("menu_name=首页", []),
        ("loan-name: 刘洋", []),
        ('"name":"提交申请"', []),
        ("name: 核心系统", []),
        ("name: 刘洋", [("person_name", "刘洋")]),
        ("borrower_name: 陈静", [("person_name", "陈静")]),
        ("emergencyContactName=陈静", [("person_name", "陈静")]),
        ("经办：风控部", []),
        ("复核 通过", []),
        ("姓名：未填写", []),
        ("姓名：张三丰的父亲说了很多", []),
        ("史蒂夫·乔布斯", [("person_name", "史蒂夫·乔布斯")]),
        ("第一·第二", []),
        ("回复@小猫咪:好", [("handle", "小猫咪")]),
        ("a@小猫咪:好", []),
        ("借款人任职于杭州云和科技有限公司财务部", [("organisation", "杭州云和科技有限公司")]),
        ("单位：华为技术有限公司", [("organisation", "华为技术有限公司")]),
        ("由上海某某（北京）信息技术股份有限公司代扣", [("organisation", "上海某某（北京）信息技术股份有限公司")]),
        ("在有限公司里", []),
        ("@一二三四五六七八九十一二三四五六七:长", []),
    ],
)
def test_rules_match_exactly_what_they_say(text: str, found: list[tuple[str, str]]) -> None:
    """A label, a dot, an at sign: each finds its value and nothing beside it."""
    assert [(KINDS[kind].value, text[start:end]) for kind, start, end, _ in rule_rows(text)] == found
