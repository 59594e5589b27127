"""A one-time code: for one question, used once, for five minutes and five attempts, never by who was shown it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import ConsentId, new
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.consenting.choose import consents_of, serve_notice
from shouxin.operations.consenting.confirm_choice import SentCode, answer_with_code, send_code
from tests import recorded
from tests.operations.portfolio import Hands, Lender, lender


@pytest.fixture
def bank(tmp_path: Path, clock: Hands) -> Lender:
    """One applicant."""
    made = lender(tmp_path, clock)
    made.take([1], customer=False)
    return made


def question(bank: Lender) -> ConsentId:
    """Serve a question."""
    served = serve_notice(bank.workspace, bank.tokens["rights_desk"], bank.people[1], "interview.video", "zh")
    return served.consent


def sent(bank: Lender, asked: ConsentId) -> SentCode:
    """Make a code as the collector."""
    return send_code(bank.workspace, bank.tokens["collector"], asked)


def typed(bank: Lender, asked: ConsentId, title: str, code: str, role: str = "rights_desk") -> bool:
    """Type title and code in; say whether the question is agreed to then."""
    return answer_with_code(bank.workspace, bank.tokens[role], asked, title, Plaintext.of(code)).stands


def test_the_right_code_and_title_are_a_yes_with_a_seal(bank: Lender) -> None:
    """Both together, once; each step is in the log."""
    asked = question(bank)
    made = sent(bank, asked)
    assert typed(bank, asked, made.title, made.code.text())
    answered = [one for _, one in consents_of(bank.workspace, bank.tokens["dpo"], bank.people[1]) if one.seal]
    assert [(one.stands, len(one.seal)) for one in answered] == [(True, 32)]
    with pytest.raises(NotInThisState):
        typed(bank, asked, made.title, made.code.text())
    said = recorded.events(bank.workspace, EventKind.CODE_CHANGED)
    assert [event.facts["state"] for event in said] == ["open", "confirmed"]
    assert verify_ledger(bank.workspace).flaws == []


def test_five_misses_use_a_code_up(bank: Lender) -> None:
    """Each miss is stored; the sixth attempt is refused even if it is right, and another code begins anew."""
    asked = question(bank)
    made = sent(bank, asked)
    wrong = "000000" if made.code.text() != "000000" else "000001"
    for title, code in [(made.title, wrong)] * 4 + [("another title", made.code.text())]:
        with pytest.raises(Invalid):
            typed(bank, asked, title, code)
    with pytest.raises(NotInThisState):
        typed(bank, asked, made.title, made.code.text())
    again = sent(bank, asked)
    assert typed(bank, asked, again.title, again.code.text())


def test_a_code_ends_after_five_minutes_and_when_another_is_made(bank: Lender, clock: Hands) -> None:
    """Late it is a miss; replaced it is a miss."""
    asked = question(bank)
    first = sent(bank, asked)
    second = sent(bank, asked)
    if first.code.text() != second.code.text():
        with pytest.raises(Invalid):
            typed(bank, asked, first.title, first.code.text())
    clock.on(minutes=5)
    with pytest.raises(Invalid):
        typed(bank, asked, second.title, second.code.text())


def test_who_was_shown_the_code_does_not_type_it_in(bank: Lender) -> None:
    """Else one account could agree in a person's name; and nobody without a desk makes or types one."""
    asked = question(bank)
    made = sent(bank, asked)
    for role in ("collector", "analyst"):
        with pytest.raises(Refused):
            typed(bank, asked, made.title, made.code.text(), role)
    with pytest.raises(Refused):
        send_code(bank.workspace, bank.tokens["analyst"], asked)
    assert typed(bank, asked, made.title, made.code.text())


def test_there_is_no_code_without_a_question(bank: Lender) -> None:
    """None for nothing, none for a question of which no code was made, none for one that was answered."""
    with pytest.raises(NotFound):
        sent(bank, new(ConsentId))
    asked = question(bank)
    with pytest.raises(NotFound):
        typed(bank, asked, "title", "123456")
    made = sent(bank, asked)
    typed(bank, asked, made.title, made.code.text())
    with pytest.raises(NotInThisState):
        sent(bank, asked)
