"""A workspace for a benchmark: its accounts, signed in, and its purpose cards, adopted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from shouxin.actors.account import Token
from shouxin.bootstrap import create_workspace
from shouxin.domain.items import ItemCode
from shouxin.operations.adopting.cards import adopt_card
from shouxin.operations.staff.accounts import add_account, confirm_account, sign_in
from shouxin.operations.staff.enrol import enrol
from shouxin.operations.workspace import Workspace

__all__ = ["PASSPHRASE", "House", "card", "open_house"]

PASSPHRASE = "for-benchmarks-only"
_ROLES = ("approver", "collector", "analyst", "dpo")


@dataclass(frozen=True, slots=True)
class House:
    """A workspace and the tokens of those who work in it, by role."""

    workspace: Workspace
    tokens: dict[str, Token]


def card(purpose: str, items: Iterable[ItemCode], *, statutory: bool, look_ups_an_hour: int = 0) -> str:
    """Return a purpose card. A statutory purpose needs neither notice nor consent; the other is told and contracted."""
    listed = ", ".join(f'"{item}"' for item in items)
    basis, article = ("statutory_duty", "PIPL 13(1)(3)") if statutory else ("contract", "PIPL 13(1)(2)")
    return f"""
purpose = "{purpose}"
version = 1
title_zh = "贷款审查"
title_en = "Loan review"
explanation_zh = "核实申请人身份并评估贷款申请"
explanation_en = "Verify who applies and assess the application"
lawful_basis = "{basis}"
basis_article = "{article}"
statutory = {str(statutory).lower()}
assessment = "pia-1"
look_ups_an_hour = {look_ups_an_hour}
items = [{listed}]
[roles]
masked = ["analyst"]
raw = ["analyst"]
sealed = ["collector"]
[retention.file]
items = [{listed}]
ceiling_days = 1825
"""


def open_house(home: Path, cards: Iterable[str]) -> House:
    """Make a workspace in ``home`` with one account a role and these cards."""
    workspace = create_workspace(home, "Benchmark Lender", "bench.example/log")
    add_account(workspace, None, "root", ["operator"], PASSPHRASE)
    tokens = {"operator": sign_in(workspace, "root", PASSPHRASE)[0]}
    for role in ("dpo", *(role for role in _ROLES if role != "dpo")):
        first = PASSPHRASE if role == "dpo" else f"{PASSPHRASE}, given out"
        add_account(workspace, tokens["operator"], role, [role], first)
        if role != "dpo":
            enrol(workspace, role, first, confirm_account(workspace, tokens["dpo"], role), PASSPHRASE)
        tokens[role] = sign_in(workspace, role, PASSPHRASE)[0]
    for text in cards:
        adopt_card(workspace, tokens["dpo"], text)
    return House(workspace, tokens)
