"""The person's page with what they asked: state, the day by which the law wants an answer, and why it was refused."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shouxin.domain.clock import CHINA, MINUTE, local_date
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.person_page import issue_pass
from shouxin.operations.rights.answer import Said, refuse
from shouxin.operations.rights.handle import withdraw_right
from shouxin.rights.kinds import RightKind
from tests.operations.portfolio import Hands, Lender
from tests.operations.rights.counter import WROTE, counter, files
from tests.web.served import Answer, Visitor, served

ANSWERED_BY = 20  # days: 征信业管理条例 25(2)
REPLY = "依法需保存"


def requests_of(page: Answer) -> list[list[str]]:
    """The rows of the table of requests, cell by cell."""
    table = page.text.partition('id="requests"')[2].partition("</section>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table.partition("<tbody>")[2], re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[Answer(200, {}, cell).plain().strip() for cell in row] for row in cells]


def seen(bank: Lender, number: int, language: str) -> Answer:
    """The page of a person, entered with a new pass."""
    code, _ = issue_pass(bank.workspace, bank.tokens["rights_desk"], bank.people[number])
    with served(bank.workspace) as port:
        visitor = Visitor(port, language=language)
        assert visitor.post("/person/enter", code=code).status == 303
        return visitor.get("/person")


@pytest.mark.parametrize(
    ("language", "owed", "advised", "refused"),
    [
        (
            "zh",
            ["征信异议", "已收到", "{day} 23:59（北京时间） 《征信业管理条例》第25条第2款"],
            ["查阅", "已收到", "—"],
            ["删除", "已拒绝 《反洗钱法》第34条第3款", "—"],
        ),
        (
            "en",
            [
                "objection to credit information",
                "received",
                "{day} 23:59 (UTC+8) Credit Reporting Industry Regulations, art. 25(2)",
            ],
            ["access", "received", "—"],
            ["deletion", "refused Anti-Money Laundering Law, art. 34(3)", "—"],
        ),
    ],
)
def test_a_person_sees_what_they_asked(
    tmp_path: Path, language: str, owed: list[str], advised: list[str], refused: list[str]
) -> None:
    """Latest first: the day and article where law sets one, no day where a standard advises, why it was refused."""
    clock = Hands()
    bank = counter(tmp_path, clock)
    bank.take([1, 2])
    desk = bank.tokens["rights_desk"]
    reasons = Said(reasons=("CN-AML-34-3-IDENTITY",), reply=Plaintext.of(REPLY))
    refuse(bank.workspace, desk, files(bank, RightKind.DELETE, bank.people[1]), reasons)
    began = clock.now()
    clock.on(minutes=1)
    files(bank, RightKind.ACCESS, bank.people[1])
    clock.on(minutes=1)
    objected = files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job")
    files(bank, RightKind.CORRECT, bank.people[2])
    day = local_date(clock.now()) + timedelta(days=ANSWERED_BY)
    page = seen(bank, 1, language)
    found = requests_of(page)
    told = [[what, state, due] for what, _, state, due in found]
    assert told == [[one.format(day=day) for one in owed], advised, refused]
    moments = [datetime.fromtimestamp((began + minute * MINUTE) / 1000, CHINA) for minute in (2, 1, 0)]
    assert [received[:16] for _, received, _, _ in found] == [f"{at:%Y-%m-%d %H:%M}" for at in moments]
    assert WROTE not in page.text
    assert REPLY not in page.text
    withdraw_right(bank.workspace, desk, objected)
    first, *_ = requests_of(seen(bank, 1, language))
    assert first[2:] == [{"zh": "已撤回", "en": "withdrawn"}[language], "—"]
