"""The sharing list finds what is not in order, and says what a contract and the law ask for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from shouxin.documents.laid_out import laid_out
from shouxin.documents.sharing import SharingList, sharing_list
from tests.documents.lender import BUREAU, DAY, card, declared

CONTACT = "emergency.contact"
APPLICATION = "credit.application"


def _list(purpose: str, on: date = DAY, **changes: Any) -> SharingList:
    given = {"recipients": ("bureau",), "contracts": {"bureau": "HT-1"}, **changes}
    return sharing_list(declared(card(purpose, **given), recipients=(BUREAU,), on=on), "en")


def _codes(found: SharingList) -> list[str]:
    return [one.code for one in found.findings]


def test_what_is_shared_is_on_the_card_and_in_the_contract() -> None:
    """Items of the card that the contract lacks are beyond it, and found; those of the contract alone are not."""
    found = _list(APPLICATION)
    (row,) = found.rows
    assert [one.code for one in row.items] == ["account.card_number", "credit.amount"]
    beyond = {one.code for one in row.beyond}
    assert "credit.purpose" in beyond
    assert not beyond & {"emergency.name", "credit.amount"}
    assert (row.sensitive, row.contract_runs, row.consent) == (True, True, "none")
    assert _codes(found) == ["items-beyond-contract"]
    assert "Purpose of the credit" in found.findings[0].text


@pytest.mark.parametrize(
    ("changes", "on", "codes"),
    [
        ({"items": ("credit.amount",), "contracts": {"bureau": "HT-1"}}, DAY, []),
        ({"items": ("credit.amount",)}, DAY + timedelta(days=1), ["contract-ended"]),
        ({"items": ("credit.amount",), "contracts": {"bureau": "HT-2"}}, DAY, ["contract-other"]),
        ({"items": ("credit.amount",), "contracts": {}}, DAY, ["contract-missing"]),
        ({"items": ("credit.amount",), "contracts": {}, "lawful_basis": "statutory_duty"}, DAY + timedelta(days=1), []),
        ({"items": ("credit.amount",), "recipients": ("bureau", "ghost")}, DAY, ["recipient-unknown"]),
        ({"items": ("credit.amount",), "lawful_basis": "consent"}, DAY, ["share-consent"]),
        ({"items": ("credit.amount",), "lawful_basis": "consent", "separate_consent": True}, DAY, []),
        ({"items": ("credit.amount",), "lawful_basis": "consent", "locations": ("CN", "SG")}, DAY, ["export-consent"]),
        ({"items": ("credit.amount",), "recipients": (), "contracts": {}}, DAY, ["recipient-unused"]),
    ],
)
def test_each_thing_that_is_not_in_order_is_found(changes: dict[str, Any], on: date, codes: list[str]) -> None:
    """One change to an orderly card makes exactly one finding, with its article."""
    found = _list(APPLICATION, on, **changes)
    assert _codes(found) == codes
    assert all(one.article.startswith(("NDSR 12", "PIPL")) for one in found.findings if one.code != "recipient-unused")


def test_consent_is_asked_for_where_consent_is_the_basis() -> None:
    """Providing on consent needs separate consent: PIPL 23; 29 for sensitive items; 39 to go abroad."""
    found = [
        _list(CONTACT).rows[0],
        _list(CONTACT, locations=("HK",)).rows[0],
        _list(APPLICATION, lawful_basis="consent").rows[0],
        _list(APPLICATION).rows[0],
    ]
    assert [one.consent_articles for one in found] == [
        ("PIPL 23",),
        ("PIPL 23", "PIPL 39"),
        ("PIPL 23", "PIPL 29"),
        (),
    ]


def test_errors_stand_first_and_nobody_unknown_looks_in_order() -> None:
    """Whom the register does not know has no items, no end of contract, and an error before every warning."""
    found = _list(APPLICATION, recipients=("bureau", "ghost"), contracts={"bureau": "HT-1", "ghost": "HT-9"})
    assert [one.severity for one in found.findings] == ["error", "warning"]
    ghost = found.rows[1]
    assert (ghost.name, ghost.items, ghost.contract_ends, ghost.contract_runs) == ("", (), None, False)


def test_whether_a_recipient_decides_for_itself_is_asked_once_each() -> None:
    """No card says whether PIPL 21 or 23 applies: a human must."""
    cards = [card(one, recipients=("bureau",), contracts={"bureau": "HT-1"}) for one in (APPLICATION, CONTACT)]
    found = sharing_list(declared(*cards, recipients=(BUREAU,)), "zh")
    assert (len(found.rows), found.recipients) == (2, ("bureau",))
    assert laid_out(found).status.endswith("待确认：1")
