"""Of several values of one item the newest is shown."""

from __future__ import annotations

from typing import Any

import pytest

from shouxin.domain.identifiers import CellId, new
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.advance import advance
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Intake, Person
from shouxin.operations.correct import correct
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from tests.operations.opening.asking import granted
from tests.operations.portfolio import BEGAN, CARD_NUMBER, ID_NUMBER, JOB, MOBILE, NAME, PLAN, Lender, told, values_of


def again(bank: Lender, number: int, **texts: str) -> None:
    """Collect applicant ``number`` once more: the same identity number, and these other values."""
    codes = {"name": NAME, "mobile": MOBILE, "job": JOB, "card": CARD_NUMBER}
    values = {ID_NUMBER: values_of(number)[ID_NUMBER]} | {codes[key]: Plaintext.of(text) for key, text in texts.items()}
    place = source_digest("core", repr(sorted(texts.items())).encode())
    done = collect(
        bank.workspace, bank.tokens["collector"], PLAN, [Intake(1, Person(values, told()), (), BEGAN)], place=place
    )
    assert (done.taken, done.subjects) == (1, 0)


def shown(bank: Lender, number: int) -> dict[Any, str]:
    """Return mobile, card number and job of an applicant in the clear."""
    wish = bank.wish(bank.people[number], items={MOBILE}, form="raw")
    granted(bank, wish)
    values = disclose(bank.workspace, bank.tokens["analyst"], wish).values[bank.people[number]]
    return bank.raw(bank.people[number]) | {item: value.text() for item, value in values.items()}


@pytest.mark.parametrize("falling", [True, False], ids=["falling", "rising"])
def test_of_several_values_the_newest_is_shown(bank: Lender, monkeypatch: pytest.MonkeyPatch, falling: bool) -> None:
    """Whoever came again has what was said last, whatever their cells are called, and so it stays.

    Also after another item of an older cell was corrected, a part was erased, and the epoch moved on.
    """
    counter = iter(range(1 << 20))

    def numbered(kind: Any) -> Any:
        at = next(counter)
        return kind(((1 << 100) + (-at if falling else at)).to_bytes(16, "big"))

    for module in ("collecting.sealing", "resealing"):
        monkeypatch.setattr(
            f"shouxin.operations.{module}.new", lambda kind: numbered(kind) if kind is CellId else new(kind)
        )
    bank.take([7])
    again(bank, 7, mobile="13511112222", job="first again", card="6228480000999991")
    again(bank, 7, job="then")
    again(bank, 7, mobile="13533334444")
    newest = {MOBILE: "13533334444", JOB: "then", CARD_NUMBER: "6228480000999991"}
    assert shown(bank, 7) == newest
    correct(bank.workspace, bank.tokens["dpo"], bank.people[7], {NAME: Plaintext.of("another name")})
    assert shown(bank, 7) == newest
    bank.film(bank.people[7])
    erase(bank.workspace, bank.tokens["dpo"], bank.people[7], {"interview.video"})
    assert shown(bank, 7) == newest
    advance(bank.workspace, bank.tokens["operator"])
    assert shown(bank, 7) == newest
    correct(bank.workspace, bank.tokens["dpo"], bank.people[7], {ID_NUMBER: values_of(8)[ID_NUMBER]})
    assert shown(bank, 7) == newest
    assert verify_ledger(bank.workspace).flaws == []
