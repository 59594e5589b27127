"""A person's own copy, among very many: disclosed through the door, gathered, sealed and noted."""

from __future__ import annotations

import hashlib
import random
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.figure import at_most, figure
from bench.house import card
from bench.million import PURPOSE, build
from bench.people import person
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.adopting.cards import adopt_card
from shouxin.operations.rights.access_package import make_package, open_package
from shouxin.operations.rights.handle import identify_filer, take_on
from shouxin.operations.rights.receive import RightFiling, as_pieces, receive
from shouxin.rights.kinds import Assurance, RightKind

# The copy of the document that showed who they are, named as the desk names it.
_PAPER = hashlib.sha256(b"a copy of an identity document").digest()
_EVIDENCE = """
purpose = "rights.evidence"
version = 1
title_zh = "受理权利请求"
title_en = "Taking requests in"
explanation_zh = "保存请求和答复"
explanation_en = "We keep requests and answers"
lawful_basis = "statutory_duty"
basis_article = "PIPL 50(1), 69(1)"
statutory = true
assessment = "pia-1"
items = ["rights.statement"]
[roles]
sealed = ["dpo"]
[retention.evidence]
items = ["rights.statement"]
floors = ["CN-PIPL-56-2-KEEP"]
ceiling_days = 1096
"""


def _access() -> str:
    """Return the card under which a copy is made: what the other two keep."""
    text = card("rights.access", [*person(0), "rights.statement"], statutory=True)  # type: ignore[list-item]
    head = text.partition("[roles]")[0].rstrip()
    return f'{head}\ndraws_on = ["{PURPOSE}", "rights.evidence"]\n[roles]\nraw = ["dpo"]\n'


def run(*, quick: bool) -> dict[str, Any]:
    """Make copies for people drawn at random; each is a request of its own, handled before the clock starts."""
    people, count = (2_000, 5) if quick else (1_000_000, 40)
    with tempfile.TemporaryDirectory(prefix="shouxin-rights-") as folder:
        house, subjects = build(Path(folder) / "workspace", people)
        workspace, dpo = house.workspace, house.tokens["dpo"]
        for text in (_EVIDENCE, _access()):
            adopt_card(workspace, dpo, text)
        took, size = [], 0
        for subject in random.Random(7).sample(subjects, count):
            filing = RightFiling(RightKind.COPY, subject, "branch", as_pieces(Plaintext.of("请给我一份副本")))
            right = receive(workspace, dpo, filing).right
            identify_filer(workspace, dpo, right, Assurance.PROVEN, ["id-document"], _PAPER)
            take_on(workspace, dpo, right)
            start = time.perf_counter()
            made = make_package(workspace, dpo, right)
            took.append(time.perf_counter() - start)
            size = len(made.file)
            assert open_package(made.file, made.passphrase).files
        workspace.close()
    return {
        "title": "Rights",
        "figures": [figure(f"access package, one person among {people:,}", median(took), "s", goal=at_most(1.0))],
        "notes": [
            f"{count} people at random; slowest {max(took):.2f} s; file {size:,} bytes; with 600,000 rounds of PBKDF2"
        ],
    }
