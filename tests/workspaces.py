"""A workspace for a test: real stores in the test's own folder, an account for every role, a card to begin with.

A workspace is made once a session and copied for each test. Its passphrases are hashed as cheaply as Argon2id allows,
so that signing in costs a test no more than the commit; ``tests/actors`` looks at the real cost.
"""

from __future__ import annotations

import atexit
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final
from unittest import mock

from argon2 import PasswordHasher

from shouxin.actors.account import ROLES, AccountKind, Token
from shouxin.bootstrap import create_workspace, open_workspace
from shouxin.domain.clock import Clock
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.keys.custody import Custody
from shouxin.keys.suite import INTL
from shouxin.ledger.log import Audit, audit
from shouxin.operations.adopting.cards import adopt_card
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Intake, Person, Plan
from shouxin.operations.consenting.choose import Choice
from shouxin.operations.staff.accounts import add_account, confirm_account, sign_in
from shouxin.operations.staff.enrol import enrol
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.storage.key_file import KeyFile
from shouxin.storage.keyring_store import SqlKeyring

ORIGIN: Final = "lender.example/log"
PASSPHRASE: Final = "open sesame, politely"
GIVEN_OUT: Final = "for the first time only"
PURPOSE: Final = "credit.review"

NAME: Final = ItemCode("identity.name")
ID_NUMBER: Final = ItemCode("identity.id_number")
MOBILE: Final = ItemCode("contact.mobile")
AMOUNT: Final = ItemCode("credit.amount")
ITEMS: Final = frozenset({NAME, ID_NUMBER, MOBILE, AMOUNT})

# Analysts see it masked, and raw after an approver and then the data-protection officer agreed.
CARD: Final = """\
purpose = "credit.review"
version = 1
title_zh = "信贷审查"
title_en = "Credit review"
explanation_zh = "用于审查您的贷款申请。"
explanation_en = "To review your loan application."
lawful_basis = "contract"
basis_article = "PIPL 13(1)(2)"
items = ["identity.name", "identity.id_number", "contact.mobile", "credit.amount"]
assessment = "pia-1"

[roles]
masked = ["analyst", "credit_officer"]
raw = ["analyst"]
sealed = ["collector"]

[retention.file]
items = ["identity.name", "identity.id_number", "contact.mobile", "credit.amount"]
ceiling_days = 180

[approval.raw]
levels = [{ role = "approver" }, { role = "dpo" }]
"""


@cache
def _template() -> Path:
    """Make the workspace that all others are copies of; it goes when the process does."""
    folder = Path(tempfile.mkdtemp(prefix="shouxin-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = folder / "workspace"
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with (
        mock.patch("shouxin.operations.staff.accounts.hash_passphrase", cheap.hash),
        mock.patch("shouxin.operations.staff.enrol.hash_passphrase", cheap.hash),
    ):
        workspace = create_workspace(home, "测试金融有限公司", ORIGIN)
        add_account(workspace, None, "operator", ["operator"], PASSPHRASE)
        token = signed_in(workspace, "operator")
        add_account(workspace, token, "dpo", ["dpo"], PASSPHRASE)
        second = signed_in(workspace, "dpo")
        for role in sorted(ROLES - {"operator", "dpo"}):
            hire(workspace, (token, second), role, [role])
        for role in ("analyst", "approver", "dpo"):
            hire(workspace, (token, second), f"{role}.2", [role])
    close(workspace)
    return home


def hire(
    workspace: Workspace,
    managers: tuple[Token, Token],
    name: str,
    roles: Iterable[str],
    kind: AccountKind = AccountKind.PERSON,
) -> None:
    """Make an account that signs in with ``PASSPHRASE``: the first of ``managers`` adds it, the second confirms it."""
    add_account(workspace, managers[0], name, roles, GIVEN_OUT, kind)
    enrol(workspace, name, GIVEN_OUT, confirm_account(workspace, managers[1], name), PASSPHRASE)


def home_of(tmp_path: Path) -> Path:
    """Return the folder of the workspace that ``fresh`` puts below ``tmp_path``."""
    return tmp_path / "workspace"


def fresh(tmp_path: Path, clock: Clock | None = None) -> Workspace:
    """Return a workspace of its own below ``tmp_path``, with an account for every role and no card adopted."""
    shutil.copytree(_template(), home_of(tmp_path))
    return reopened(tmp_path, clock)


def reopened(tmp_path: Path, clock: Clock | None = None) -> Workspace:
    """Open the workspace that ``fresh`` made once more, as another process would."""
    return open_workspace(home_of(tmp_path), clock=clock)


def close(workspace: Workspace) -> None:
    """Let go of the files, so that they can be copied, replaced or damaged."""
    workspace.close()


def signed_in(workspace: Workspace, role: str) -> Token:
    """Sign in the account of ``role`` (or its colleague ``<role>.2``: analyst, approver, dpo) and return its token."""
    return sign_in(workspace, role, PASSPHRASE)[0]


def adopt(workspace: Workspace, token: Token, text: str = CARD) -> Card:
    """Adopt the card ``text``; the token is a data-protection officer's."""
    return adopt_card(workspace, token, text)


def ready(tmp_path: Path, clock: Clock | None = None) -> Workspace:
    """Return a workspace in which ``CARD`` is adopted."""
    workspace = fresh(tmp_path, clock)
    adopt(workspace, signed_in(workspace, "dpo"))
    return workspace


def person(number: int) -> Person:
    """Return the invented applicant ``number`` (0 to 9999), told in Chinese what ``CARD`` says."""
    values = {
        NAME: Plaintext.of(f"张三{number:04}"),
        ID_NUMBER: Plaintext.of(f"11010519491231{number:04}"),
        MOBILE: Plaintext.of(f"1380000{number:04}"),
        AMOUNT: Plaintext.of(str(5000 + number)),
    }
    return Person(values, (Choice(PURPOSE, "zh", agreed=False),))


def collected(workspace: Workspace, numbers: Iterable[int]) -> list[SubjectId]:
    """Collect the applicants ``numbers`` as one file nobody saw before; return the people who are new by it."""
    records = [Intake(line, person(number)) for line, number in enumerate(numbers, 1)]
    before = set(workspace.custody.keyring.all_subjects())
    place = source_digest("csv", secrets.token_bytes(16))
    collect(workspace, signed_in(workspace, "collector"), Plan("csv", (PURPOSE,)), records, place=place)
    return [subject for subject in workspace.custody.keyring.all_subjects() if subject not in before]


def new_custody(folder: Path) -> Custody:
    """Return the custody of a key hierarchy of its own in ``folder``: one epoch, nobody's chain yet."""
    folder.mkdir(parents=True, exist_ok=True)
    SqlKeyring.create(folder / "keyring.db")
    custody = Custody(INTL, KeyFile(folder / "root", INTL), SqlKeyring(folder / "keyring.db"))
    row, services = custody.first_epoch()
    custody.keyring.add_epoch(row, services)
    custody.refresh()
    return custody


def audited(workspace: Workspace) -> Audit:
    """Audit the whole ledger against the checkpoint on the shelf."""
    note = workspace.shelf.get()
    signed = [] if note is None else [("shelf", workspace.head.open(note))]
    return workspace.data.read(lambda records: audit(records.ledger, signed))
