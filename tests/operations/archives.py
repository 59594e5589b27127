"""A lender with an archive: a folder beside the workspace, and a card by which videos go there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from shouxin.domain.clock import Clock
from shouxin.operations.adopting.cards import adopt_card
from tests.operations.portfolio import Hands, Lender, card, lender
from tests.workspaces import close, signed_in

PURPOSE: Final = "interview.video"
DAYS: Final = 30
_CHAIN: Final = """
[approval.raw]
levels = [{ role = "approver" }]
"""


def archived_card(version: int = 2, *, chain: bool = False) -> str:
    """Return the card of the videos, which archives them after ``DAYS`` days; with a chain for raw if asked."""
    text = card(PURPOSE, version).replace("ceiling_days = 180", f"ceiling_days = 180\narchive_after_days = {DAYS}")
    return text + _CHAIN * chain


def with_archive(tmp_path: Path, clock: Clock | None = None, where: str = "../archive") -> Lender:
    """Return a lender below ``tmp_path`` whose archive is at ``where``; the folder, if it is one, is made."""
    made = lender(tmp_path, clock)
    close(made.workspace)
    if "://" not in where:
        (made.home / where).resolve().mkdir(exist_ok=True)
    settings = made.home / "config.toml"
    text = settings.read_text("utf-8").replace('archive = ""', f'archive = "{where}"')
    assert where in text
    settings.write_text(text, "utf-8")
    again = made.reopened(clock)
    adopt_card(again.workspace, again.tokens["dpo"], archived_card())
    return again


def wait(bank: Lender, clock: Hands, **by: float) -> None:
    """Let time pass; everybody signs in anew."""
    clock.on(**by)
    bank.tokens |= {name: signed_in(bank.workspace, name) for name in bank.tokens}
