from __future__ import annotations

import pytest

from shouxin.demo.identities import Fabricator
from shouxin.detection.columns import classify
from shouxin.detection.names.finder import names_finder
from shouxin.detection.scan import Finder

PEOPLE = [Fabricator(7).identity(number).name for number in range(200)]


@pytest.fixture(scope="module")
def find() -> Finder:
    """Names alone."""
    return names_finder()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("product_name", "安居贷 惠民贷 车易贷 随心借 白领贷 易融通"),
        ("goods_name", "苹果手机 华为平板 洗衣机 电饭煲 高压锅"),
        ("dept_name", "风控部 催收部 科技部 财务部 人力资源部"),
        ("bank_name", "工商银行 建设银行 农业银行 招商银行"),
        ("status_name", "正常 逾期 结清 关注 方便 解冻"),
        ("name", "正常 逾期 结清 核销 冻结 关注"),
        ("name", "首页 贷款管理 客户管理 报表中心 系统设置 权限配置"),
        ("role_name", "管理员 审批员 操作员"),
        ("template_name", "还款提醒 逾期通知 放款成功"),
        ("level_name", "金牌 银牌 白金 黄金 钻石"),
        ("store_name", "西湖店 滨江店 余杭店"),
        ("branch_name", "北京分行 上海分行 杭州分行"),
        ("channel_name", "安卓 苹果 小程序 官网"),
        ("weekday", "周一 周二 周三 周四 周五 周六 周日"),
        ("星期", "周一 周二 周三"),
    ],
)
def test_things_are_no_people(find: Finder, name: str, values: str) -> None:
    """A column of products, days, places of work or states holds nobody, whatever ends in _name."""
    assert "identity.name" not in classify(name, values.split() * 40, find).items


@pytest.mark.parametrize("name", ["name", "xm", "cust_name", "borrower_name", "姓名", "contact_name", "operator", "c1"])
def test_people_are_people(find: Finder, name: str) -> None:
    """A column of names is one under its label, under a bare one and under none."""
    verdict = classify(name, PEOPLE, find)
    assert verdict.items == ("identity.name",)
    assert verdict.shares[0].values >= 0.95 * len(PEOPLE)


@pytest.mark.parametrize(
    "text", ['{"step":{"name":"提交申请"},"cost":3}', "    name: 核心系统", "level: 金牌", "day=周五"]
)
def test_a_log_of_things_names_nobody(find: Finder, text: str) -> None:
    """What stands alone in a field of a log or a setting and is a usual word is no name."""
    assert "person_name" not in {one.kind for one in find(text.encode())}


def test_in_a_sentence_nothing_changes(find: Finder) -> None:
    """A name that is also a usual word is found where a sentence speaks for it, and not where it stands alone."""
    assert "person_name" not in {one.kind for one in find("sky: 白云\n".encode())}
    assert "person_name" in {one.kind for one in find("客户白云来电".encode())}
