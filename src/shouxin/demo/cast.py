"""Who plays in the demo, and what the lender has written down: its purpose cards and its plan."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from shouxin.actors.account import AccountKind, Token
from shouxin.operations.adopting.cards import adopt_cards as adopt_together
from shouxin.operations.collecting.plan_file import PlanFile, read_plan
from shouxin.operations.collecting.plan_row import StandingPlan
from shouxin.operations.collecting.plans import approve_plan, propose_plan
from shouxin.operations.collecting.sources import register_source
from shouxin.operations.staff.accounts import add_account, confirm_account, sign_in
from shouxin.operations.staff.enrol import enrol
from shouxin.operations.workspace import Workspace
from shouxin.policy.source import read_source

__all__ = [
    "Cast",
    "adopt_cards",
    "approve_applications",
    "card_files",
    "fresh_passphrase",
    "hire",
    "plan_of_applications",
    "plan_text",
]

# name -> (roles, kind); the first two stand at once; of the others the first adds each and the second confirms.
_STAFF: Final = {
    "wei.operator": (("operator",), AccountKind.PERSON),
    "chen.dpo": (("dpo",), AccountKind.PERSON),
    "intake.service": (("collector",), AccountKind.SERVICE),
    "lin.analyst": (("analyst",), AccountKind.PERSON),
    "zhao.approver": (("approver",), AccountKind.PERSON),
    "sun.rights": (("rights_desk",), AccountKind.PERSON),
    "scorer.service": (("model",), AccountKind.SERVICE),
    "gao.credit": (("credit_officer",), AccountKind.PERSON),
}
# Adopted in this order: what is drawn on comes before what draws on it.
_CARDS: Final = (
    "identity.verification",
    "credit.application",
    "emergency.contact",
    "address-book.matching",
    "interview.video",
    "credit.review",
    "credit.scoring",
    "rights.evidence",
    "rights.answer",
    "rights.access",
    "no.return",
    "data.deletion",
    "official.request",
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
    """Make an account for everybody, by two people, and sign each in with ``passphrase``."""
    tokens: dict[str, Token] = {}
    for name, (roles, kind) in _STAFF.items():
        founders = list(tokens.values())[:2]
        given_out = passphrase if len(founders) < 2 else fresh_passphrase()
        add_account(workspace, founders[0] if founders else None, name, roles, given_out, kind)
        if len(founders) == 2:
            code = confirm_account(workspace, founders[1], name)
            enrol(workspace, name, given_out, code, passphrase)
        tokens[name] = sign_in(workspace, name, passphrase)[0]
    return Cast(tokens)


def card_files(names: Sequence[str] = _CARDS) -> list[tuple[str, str]]:
    """Return name and text of purpose cards (without ``names``: those of the main story), in the order of adoption."""
    folder = files("shouxin.demo") / "cards"
    return [(f"{name}.toml", (folder / f"{name}.toml").read_text("utf-8")) for name in names]


def adopt_cards(workspace: Workspace, dpo: Token, names: Sequence[str] = _CARDS) -> int:
    """Adopt these cards; return how many."""
    return len(adopt_together(workspace, dpo, [(text, name) for name, text in card_files(names)]))


def plan_text(name: str) -> str:
    """Return the text of a plan or source of the demo."""
    return (files("shouxin.demo") / "plans" / name).read_text("utf-8")


def plan_of_applications() -> PlanFile:
    """Return the plan under which loan applications are collected."""
    name = "loan-applications.toml"
    return read_plan(plan_text(name), name)


def approve_applications(workspace: Workspace, cast: Cast) -> StandingPlan:
    """Register the source of the applications, propose their plan, and have two others approve it."""
    register_source(workspace, cast.dpo, read_source(plan_text("loan-applications.source.toml")))
    proposed = propose_plan(workspace, cast.intake, plan_text("loan-applications.toml"))
    approve_plan(workspace, cast.approver, proposed.code, proposed.digest())
    return approve_plan(workspace, cast.dpo, proposed.code, proposed.digest())


def fresh_passphrase() -> str:
    """Return a passphrase for the demo's accounts; it is kept nowhere."""
    return secrets.token_urlsafe(18)
