"""Who plays in the demo, and how a line of the lender's CSV becomes an intake."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Final

from shouxin.actors.account import AccountKind, Token
from shouxin.bootstrap import items_of
from shouxin.domain.clock import add_months
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid
from shouxin.operations.accounts import add_account, sign_in
from shouxin.operations.cards import adopt_card
from shouxin.operations.choose import Choice
from shouxin.operations.intake import Intake, Person, Plan
from shouxin.operations.workspace import Workspace

__all__ = ["PLAN", "Cast", "adopt_cards", "card_files", "fresh_passphrase", "hire", "intake_of"]

# name -> (roles, kind); the operator comes first and adds the others.
_STAFF: Final = {
    "wei.operator": (("operator",), AccountKind.PERSON),
    "intake.service": (("collector",), AccountKind.SERVICE),
    "lin.analyst": (("analyst",), AccountKind.PERSON),
    "zhao.approver": (("approver",), AccountKind.PERSON),
    "chen.dpo": (("dpo",), AccountKind.PERSON),
    "sun.rights": (("rights_desk",), AccountKind.PERSON),
    "scorer.service": (("model",), AccountKind.SERVICE),
}
PLAN: Final = Plan(
    source="loan-applications.csv",
    purposes=("identity.verification", "credit.application", "address-book.matching"),
    contact_purposes=("emergency.contact",),
    edge_purpose="emergency.contact",
)
# Adopted in this order: what is drawn on comes before what draws on it.
_CARDS: Final = (
    "identity.verification",
    "credit.application",
    "emergency.contact",
    "address-book.matching",
    "interview.video",
    "credit.review",
    "credit.scoring",
    "rights.answer",
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody's sign-in, by name."""

    tokens: Mapping[str, Token]

    def __getattr__(self, role: str) -> Token:
        """Return the token of whoever has ``role`` behind the dot of their name: ``cast.analyst``."""
        for name, token in self.tokens.items():
            if name.split(".")[1] == role or name.split(".")[0] == role:
                return token
        raise AttributeError(role)


def hire(workspace: Workspace, passphrase: str) -> Cast:
    """Make an account for everybody and sign each in."""
    tokens: dict[str, Token] = {}
    operator: Token | None = None
    for name, (roles, kind) in _STAFF.items():
        add_account(workspace, operator, name, roles, passphrase, kind)
        tokens[name] = sign_in(workspace, name, passphrase)[0]
        operator = operator or tokens[name]
    return Cast(tokens)


def card_files() -> list[tuple[str, str]]:
    """Return name and text of every purpose card, in the order of adoption."""
    folder = files("shouxin.demo") / "cards"
    return [(f"{name}.toml", (folder / f"{name}.toml").read_text("utf-8")) for name in _CARDS]


def adopt_cards(workspace: Workspace, dpo: Token) -> int:
    """Adopt every card; return how many."""
    return len([adopt_card(workspace, dpo, text, name) for name, text in card_files()])


def intake_of(workspace: Workspace, today: date, number: int, values: Mapping[str, str]) -> Intake:
    """Make an intake of one line: the applicant, two emergency contacts, and the address book as tokens.

    An address book is there only if the applicant agreed to it separately. Tokens are made with the institution's
    index key, so that equal numbers of different people meet and nobody can turn them back. A relationship begins with
    approved applications only: a declined applicant never becomes a customer.
    """
    held = items_of(values)
    mobiles = [one for one in values.get("address_book", "").split(";") if one]
    if mobiles:
        mobile = ItemCode("contact.mobile")
        tokens = sorted(workspace.tagger.inner(mobile, one).hex() for one in mobiles)
        held[ItemCode("address_book.tokens")] = Plaintext.of(" ".join(tokens))
    choices = [Choice("identity.verification", "zh", agreed=False), Choice("credit.application", "zh", agreed=False)]
    if mobiles:
        choices.append(Choice("address-book.matching", "zh", agreed=True))
    contacts = tuple(_contact(values, which) for which in ("emergency_1", "emergency_2"))
    approved = values.get("credit.decision") == "good"
    try:
        months = int(values.get("loan.duration", "24"))
    except ValueError:
        raise Invalid("the duration is no number", "loan.duration") from None
    return Intake(
        number,
        Person(held, tuple(choices)),
        contacts,
        began=today if approved else None,
        expected_end=add_months(today, months) if approved else None,
    )


def _contact(values: Mapping[str, str], which: str) -> tuple[Person, dict[ItemCode, Plaintext]]:
    """Return an emergency contact, who was told by message and agreed, and what joins them to the applicant."""
    own = {ItemCode(f"emergency.{field}"): Plaintext.of(values[f"{which}.{field}"]) for field in ("name", "mobile")}
    joining = {ItemCode("emergency.relation"): Plaintext.of(values[f"{which}.relation"])}
    return Person(own, (Choice("emergency.contact", "zh", agreed=True),)), joining


def fresh_passphrase() -> str:
    """Return a passphrase for the demo's accounts; it is kept nowhere."""
    return secrets.token_urlsafe(18)
