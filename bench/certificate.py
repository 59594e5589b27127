"""Certificates of people who were looked at 10 and 200 times: issue, and check by package and stand-alone file."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.figure import at_most, figure
from bench.house import House, card, open_house
from bench.people import ID_NUMBER, MOBILE, NAME, person, wrapped
from bench.timing import each, milliseconds, percentile
from shouxin.documents.certificate_page import certificate_pdf
from shouxin.domain.identifiers import SubjectId
from shouxin.operations.auditing.publish import publish
from shouxin.operations.certifying.certify import certificate, certificate_bytes
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Intake, Person, Plan
from shouxin.operations.consenting.choose import Choice
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.policy.card import Form
from shouxin.vault.certificate import check, read_certificate

SCRIPT = Path(__file__).resolve().parents[1] / "verify_certificate.py"
PURPOSE = "loan.review"
ITEMS = (NAME, ID_NUMBER, MOBILE)


def _lender(folder: Path, others: int, uses: tuple[int, ...]) -> tuple[House, list[SubjectId]]:
    """Return a workspace with a log of some size, in which person ``n`` was used ``uses[n]`` times among 20 others."""
    house = open_house(folder, [card(PURPOSE, ITEMS, statutory=False)])
    told = (Choice(PURPOSE, "zh", agreed=False),)
    intakes = [
        Intake(number + 1, Person(wrapped({item: person(number)[item] for item in ITEMS}), told))
        for number in range(others)
    ]
    plan = Plan("csv", (PURPOSE,))
    done = collect(house.workspace, house.tokens["collector"], plan, intakes, place=source_digest("csv", b""))
    assert done.taken == others, done.aside[:3]
    people = list(house.workspace.custody.keyring.all_subjects())
    for one, count in zip(people, uses, strict=False):
        crowd = (one, *people[len(uses) : len(uses) + 20])
        for _ in range(count):
            disclose(house.workspace, house.tokens["analyst"], Wish(PURPOSE, frozenset(ITEMS), crowd, Form("masked")))
    return house, people[: len(uses)]


def _started(*words: str) -> None:
    subprocess.run([sys.executable, "-I", *words], check=True, capture_output=True)


def _certificate(
    house: House, subject: SubjectId, folder: Path, count: int, rounds: int, start: float
) -> tuple[list[dict[str, Any]], str]:
    """Erase somebody and return the figures of their certificate, and a note; ``start`` is the interpreter's, in ms."""
    workspace, dpo = house.workspace, house.tokens["dpo"]
    operation, _ = erase(workspace, dpo, subject)
    publish(workspace, house.tokens["operator"])
    document = certificate(workspace, dpo, operation)
    assert len(document["openings"]) == count
    content, verifier = certificate_bytes(document), workspace.head.verifier
    paper, key = folder / f"{count}.json", folder / "lender" / "public" / "log.vkey"
    paper.write_bytes(content)
    issue = each(lambda: certificate(workspace, dpo, operation), rounds)
    ours = each(lambda: check(read_certificate(content), verifier), rounds)
    alone = each(lambda: _started(str(SCRIPT), str(paper), "--key", str(key)), rounds)
    page = each(lambda: certificate_pdf(document, "zh", {}, workspace.clock.now()), max(3, rounds // 8))
    figures = [
        figure(f"certificate issue, {count} openings", milliseconds(issue), "ms", goal=at_most(50)),
        figure(
            f"stand-alone verify beyond interpreter start, {count} openings",
            milliseconds(alone) - start,
            "ms",
            goal=at_most(50),
        ),
        figure(f"verify within the package, {count} openings", milliseconds(ours), "ms"),
        figure(f"its page as PDF, {count} openings", milliseconds(page), "ms"),
    ]
    late = f"issue {percentile(issue, 0.99) * 1000:.1f} ms, stand-alone {percentile(alone, 0.99) * 1000:.1f} ms"
    return figures, f"{count} openings: {len(content):,} bytes; p99 {late} with the interpreter's start."


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; see the module."""
    others, uses, rounds = (100, (5, 20), 5) if quick else (2_000, (10, 200), 40)
    figures: list[dict[str, Any]] = []
    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="shouxin-bench-") as name:
        folder = Path(name)
        house, people = _lender(folder / "lender", others, uses)
        start = milliseconds(each(lambda: _started("-c", "pass"), rounds))
        for subject, count in zip(people, uses, strict=True):
            found, note = _certificate(house, subject, folder, count, rounds, start)
            figures += found
            notes.append(note)
        size = house.workspace.data.read(lambda records: records.ledger.size)
    notes += [
        f"A log of {size:,} entries on disk; each opening names 21 people. Issue signs a covering checkpoint (fsync).",
        f"Interpreter start alone: {start:.1f} ms (python -I -c pass); medians of {rounds}.",
    ]
    return {"title": "Certificates of deletion", "figures": figures, "notes": notes}
