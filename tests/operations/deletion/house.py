"""A lender that deletes by order: who agrees, how long it cools off, and what keeps erased people out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from shouxin.actors.account import Token
from shouxin.approvals.order import Ground, Order
from shouxin.domain.identifiers import OrderId, SubjectId
from shouxin.operations.deletion.decide import agree_order, submit_order
from shouxin.operations.deletion.draft import Proof, Wanted, draft_order, preview_order
from shouxin.operations.deletion.execute import execute_order
from shouxin.operations.downstream.databases import OpenDatabase
from shouxin.operations.downstream.rows import Database
from tests import workspaces
from tests.operations.core import Core
from tests.operations.portfolio import Hands, Lender, lender

PAPER = bytes(range(32))
COOL_MINUTES = 60
_HEAD = """\
purpose = "{purpose}"
version = 1
title_zh = "{title_zh}"
title_en = "{title}"
explanation_zh = "{title_zh}。"
explanation_en = "{title}."
lawful_basis = "statutory_duty"
basis_article = "PIPL 47(1)"
assessment = "pia-1"
items = ["identity.id_number", "contact.mobile"]
"""
NO_RETURN = (
    _HEAD.format(purpose="no.return", title="Keep erased people out", title_zh="防止再次收集")
    + """
[roles]
sealed = ["rights_desk"]
[retention.tag]
items = ["identity.id_number", "contact.mobile"]
ceiling_days = 1825
"""
)
DELETION = (
    _HEAD.format(purpose="data.deletion", title="Deletion", title_zh="删除个人信息")
    + """
statutory = true
draws_on = ["customer.file"]
[roles]
relayed = ["rights_desk", "dpo"]
[deletion]
levels = [{ role = "approver" }]
bulk = [{ role = "approver", quorum = 2 }, { role = "dpo" }]
bulk_from = 3
bulk_days = 0
cool_off_minutes = 60
bulk_cool_off_minutes = 120
filing = ["unlawful"]
suppression = "no.return"
"""
)


def no_database(_variable: str) -> Database:
    """Open no database: a lender that registered none never asks."""
    raise AssertionError("no database is registered")


@dataclass
class House:
    """The lender, and its clock."""

    bank: Lender
    clock: Hands
    open_database: OpenDatabase = field(default=no_database)

    def with_core(self, where: str | Path, *tables: str) -> Core:
        """Give the lender a database of its own, with everybody in it who was taken in until now."""
        core = Core(where, self.bank, *tables)
        self.open_database = core.open
        return core

    @property
    def desk(self) -> Token:
        """The token of the rights desk."""
        return self.bank.tokens["rights_desk"]

    def wanted(self, *subjects: SubjectId, ground: Ground = Ground.MET, **more: object) -> Wanted:
        """Return what is to be deleted."""
        return Wanted(subjects, ground, **more)  # type: ignore[arg-type]

    def drafted(self, wanted: Wanted) -> OrderId:
        """Draft and preview an order, with proof where the person asked."""
        proof = Proof("in-person", PAPER) if wanted.ground is Ground.ASKED else None
        order_id = draft_order(self.bank.workspace, self.bank.tokens["rights_desk"], wanted, proof)
        preview_order(self.bank.workspace, self.bank.tokens["rights_desk"], order_id)
        return order_id

    def agreed(self, wanted: Wanted) -> OrderId:
        """Take an order about one or two people to the end of its chain."""
        order_id = self.drafted(wanted)
        submit_order(self.bank.workspace, self.bank.tokens["rights_desk"], order_id)
        agree_order(self.bank.workspace, self.bank.tokens["approver"], order_id)
        return order_id

    def cooled(self, wanted: Wanted) -> OrderId:
        """Take an order to where it may be carried out."""
        order_id = self.agreed(wanted)
        self.clock.on(minutes=COOL_MINUTES)
        return order_id

    def executed(self, order_id: OrderId) -> Order:
        """Carry an order out."""
        token = self.bank.tokens["rights_desk"]
        return execute_order(self.bank.workspace, token, order_id, self.open_database)


def house(tmp_path: Path, made: Callable[[Path, Hands], Lender] = lender) -> House:
    """Return a lender (of those that ``made`` makes) that deletes by order."""
    clock = Hands()
    bank = made(tmp_path, clock)
    for text in (NO_RETURN, DELETION):
        workspaces.adopt(bank.workspace, bank.tokens["dpo"], text)
    return House(bank, clock)
