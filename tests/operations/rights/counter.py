"""The lender of the portfolio, with a counter where people exercise their rights, and a program that scores them."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from shouxin.actors.account import Token
from shouxin.bootstrap import open_workspace
from shouxin.domain.clock import Clock
from shouxin.domain.identifiers import RightId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.consenting.choose import serve_notice
from shouxin.operations.opening.disclose import Disclosed, disclose
from shouxin.operations.rights.handle import identify_filer, take_on
from shouxin.operations.rights.receive import RightFiling, as_pieces, receive
from shouxin.rights.kinds import Assurance, Capacity, RightKind
from tests import workspaces
from tests.operations.portfolio import MARK, Lender, lender

SCORE: Final = "credit.scoring"
SHOWN: Final = bytes(range(32))  # SHA-256 of the copy of a document
WROTE: Final = f"{MARK}：这笔逾期不是我的"

CARDS: Final = (
    """\
purpose = "credit.scoring"
version = 1
title_zh = "自动评分"
title_en = "Scoring"
explanation_zh = "程序计算评分。"
explanation_en = "A program computes a score."
automated_explanation_zh = "由职业加总得出。"
automated_explanation_en = "A sum over the job."
lawful_basis = "contract"
basis_article = "PIPL 13(1)(2)"
automated = true
human_review = "credit_officer"
assessment = "pia-2"
draws_on = ["loan.file"]
items = ["employment.job"]
[roles]
masked = ["model"]
""",
    """\
purpose = "rights.evidence"
version = 1
title_zh = "受理权利请求"
title_en = "Taking requests in"
explanation_zh = "保存请求和答复。"
explanation_en = "We keep requests and answers."
lawful_basis = "statutory_duty"
basis_article = "PIPL 13(1)(3), 50(1), 69(1)"
statutory = true
assessment = "pia-3"
items = ["rights.statement", "rights.evidence", "rights.reply", "contact.mobile"]
[roles]
raw = ["rights_desk", "dpo"]
masked = ["rights_desk", "dpo"]
sealed = ["rights_desk", "dpo"]
[retention.evidence]
items = ["rights.statement", "rights.evidence", "rights.reply"]
floors = ["CN-PIPL-56-2-KEEP"]
ceiling_days = 1096
[retention.reply-to]
items = ["contact.mobile"]
ceiling_days = 365
""",
    """\
purpose = "rights.answer"
version = 2
title_zh = "答复权利请求"
title_en = "Answering"
explanation_zh = "答复您。"
explanation_en = "To answer you."
lawful_basis = "statutory_duty"
basis_article = "PIPL 13(1)(3)"
statutory = true
assessment = "pia-1"
draws_on = ["customer.file", "loan.file", "emergency.contact", "emergency.link", "rights.evidence"]
items = [
  "identity.name", "identity.id_number", "contact.mobile", "account.card_number", "employment.job",
  "emergency.name", "emergency.mobile", "emergency.relation",
]
look_ups_an_hour = 1000
[roles]
masked = ["rights_desk", "dpo"]
""",
    """\
purpose = "rights.access"
version = 1
title_zh = "提供副本"
title_en = "A copy for you"
explanation_zh = "把保存的信息交给您。"
explanation_en = "We hand you what we keep."
lawful_basis = "statutory_duty"
basis_article = "PIPL 45(1)"
statutory = true
assessment = "pia-4"
draws_on = ["customer.file", "loan.file", "emergency.contact", "emergency.link", "interview.video", "rights.evidence"]
items = [
  "identity.name", "identity.id_number", "contact.mobile", "account.card_number", "employment.job",
  "emergency.name", "emergency.mobile", "emergency.relation", "interview.video",
  "rights.statement", "rights.evidence", "rights.reply",
]
[roles]
raw = ["rights_desk", "dpo"]
""",
)  # fmt: skip


@cache
def _template() -> tuple[Path, dict[str, Token]]:
    folder = Path(tempfile.mkdtemp(prefix="shouxin-counter-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    bank = lender(folder)
    for text in CARDS:
        workspaces.adopt(bank.workspace, bank.tokens["dpo"], text)
    workspaces.close(bank.workspace)
    return workspaces.home_of(folder), bank.tokens


def counter(tmp_path: Path, clock: Clock | None = None) -> Lender:
    """Return the lender with its counter open, and nobody at it yet."""
    template, tokens = _template()
    home = workspaces.home_of(tmp_path)
    shutil.copytree(template, home)
    return Lender(open_workspace(home, clock=clock), dict(tokens), home)


def files(
    bank: Lender,
    kind: RightKind,
    subject: SubjectId | None,
    *about: str,
    wrote: str = WROTE,
    capacity: Capacity = Capacity.SELF,
    evidence: tuple[bytes, ...] = (),
    is_complex: bool = False,
    right: RightId | None = None,
) -> RightId:
    """File something at the counter; return under what it is known."""
    pieces = as_pieces(Plaintext.of(wrote) if wrote else None, [Plaintext(one) for one in evidence])
    filing = RightFiling(kind, subject, "branch", pieces, about, capacity, is_complex, right)
    return receive(bank.workspace, bank.tokens["rights_desk"], filing).right


def handled(bank: Lender, right: RightId, *means: str) -> RightId:
    """Identify whoever filed beyond doubt and take the matter on."""
    desk = bank.tokens["rights_desk"]
    identify_filer(bank.workspace, desk, right, Assurance.PROVEN, ("id-document", *means), SHOWN)
    take_on(bank.workspace, desk, right)
    return right


def told_of_scoring(bank: Lender, subject: SubjectId) -> None:
    """Serve somebody the notice of the scoring."""
    serve_notice(bank.workspace, bank.tokens["collector"], subject, SCORE, "zh")


def score(bank: Lender, subject: SubjectId) -> Disclosed:
    """Have the program use what it scores by."""
    wish = bank.wish(subject, purpose=SCORE, items={ItemCode("employment.job")})
    return disclose(bank.workspace, bank.tokens["model"], wish)


def again(bank: Lender, role: str) -> Token:
    """Sign somebody in again, because a sign-in lasts hours and a deadline days."""
    return workspaces.signed_in(bank.workspace, role)
