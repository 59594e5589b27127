"""Scenes one and two: cards are adopted, the portfolio comes in sealed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from shouxin.bootstrap import CsvSource
from shouxin.demo.applications import Application, Defect, applications, write_csv
from shouxin.demo.cast import PLAN, adopt_cards, intake_of
from shouxin.demo.scene import Scene, Stage
from shouxin.demo.search import find
from shouxin.domain.clock import local_date
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Refused
from shouxin.operations.choose import Choice, give_consent
from shouxin.operations.collect import collect, source_digest
from shouxin.operations.keep import keep_object
from shouxin.operations.look_up import look_up

__all__ = ["adopted", "collected"]

_SPOILT: Final = {11: Defect.WRONG_CHECK_DIGIT, 42: Defect.BROKEN_ENCODING, 97: Defect.TOO_FEW_FIELDS}
_ID_NUMBER: Final = ItemCode("identity.id_number")
_VIDEO: Final = ItemCode("interview.video")
_PART: Final = 1 << 18


def adopted(stage: Stage) -> Scene:
    """Adopt the purpose cards under the law pack."""
    scene = Scene("adopted", "Eight purposes, each on a card; nothing else may be done", "shouxin purpose show")
    cards = adopt_cards(stage.workspace, stage.cast.dpo)
    pack = stage.workspace.pack
    deciding = len(pack.deciding(local_date(stage.workspace.clock.now())))
    scene.figures = {"cards": cards, "rules": len(pack.rules), "deciding": deciding}
    scene.check(cards == 8, f"{cards} cards adopted by the data-protection officer and recorded in the ledger")
    scene.check(deciding > 0, f"{len(pack.rules)} rules of Chinese law loaded, {deciding} of them may decide")
    return scene


def _source(stage: Stage, rows: list[Application]) -> Path:
    path = stage.scratch / "loan-applications.csv"
    write_csv(path, rows, {line: defect for line, defect in _SPOILT.items() if line < len(rows)})
    return path


def collected(stage: Stage) -> Scene:
    """Collect the loan applications and one interview video."""
    scene = Scene("collected", "The portfolio comes in, sealed under one key a person", "shouxin subject find")
    workspace = stage.workspace
    rows = list(applications(stage.rows))
    path = _source(stage, rows)
    today = local_date(workspace.clock.now())
    source = CsvSource(path, lambda number, values: intake_of(workspace, today, number, values))
    done = collect(
        workspace,
        stage.cast.intake,
        PLAN,
        source.records(),
        place=source_digest(PLAN.source, source.content()),
        step=lambda line: (
            stage.say(f"      … {line - 1:,} of {len(rows):,} applications") if line % 2000 == 1 else None
        ),
    )
    good = [row for row in rows if row.line not in _SPOILT]
    scene.figures = {"taken": done.taken, "subjects": done.subjects, "aside": len(done.aside)}
    scene.check(done.taken == len(good), f"{done.taken:,} applications of {done.subjects:,} people sealed")
    for aside in done.aside:
        scene.lines.append(f"line {aside.line} set aside: {aside.reason}")
    scene.check(len(done.aside) == len(rows) - len(good), "every bad line is reported with its number; none is lost")
    _choose_cast(stage, good, today)
    plain = [row.values["identity.id_number"].encode() for row in good[:50]]
    leaked = find(stage.home, {str(number): value for number, value in enumerate(plain)})
    scene.check(
        not any(leaked.values()), "50 identity numbers looked for in every file of the workspace: none is there"
    )
    _film(stage, scene)
    stage.figures |= {"applications": done.taken, "subjects": done.subjects}
    return scene


def _choose_cast(stage: Stage, rows: list[Application], _today: date) -> None:
    """Remember one approved borrower with an address book, one declined applicant, and everybody for scoring."""
    borrower = next(row for row in rows if not row.declined and row.address_book)
    declined = next(row for row in rows if row.declined and row.address_book)
    stage.borrower_number = Plaintext.of(borrower.values["identity.id_number"])
    stage.declined_number = Plaintext.of(declined.values["identity.id_number"])
    desk = stage.cast.rights
    stage.borrower = look_up(stage.workspace, desk, "rights.answer", _ID_NUMBER, stage.borrower_number)[0]
    stage.declined = look_up(stage.workspace, desk, "rights.answer", _ID_NUMBER, stage.declined_number)[0]


def _film(stage: Stage, scene: Scene) -> None:
    """Record the borrower's interview: first without consent, which is refused, then with it."""
    from shouxin.demo.video import PORTRAIT, make_interview, read_facts

    path = stage.scratch / "interview.mp4"
    facts = make_interview(PORTRAIT, path)
    content = path.read_bytes()
    parts = [content[at : at + _PART] for at in range(0, len(content), _PART)]
    workspace, collector = stage.workspace, stage.cast.intake
    try:
        keep_object(workspace, collector, stage.borrower, "interview.video", _VIDEO, parts)
        refused = "nothing"
    except Refused as refusal:
        refused = refusal.reasons[0][1]
    scene.check(refused.startswith("PIPL"), f"the interview video without consent: refused ({refused})")
    give_consent(workspace, collector, stage.borrower, Choice("interview.video", "zh", agreed=True))
    stage.video = keep_object(workspace, collector, stage.borrower, "interview.video", _VIDEO, parts)
    scene.figures |= {"video_bytes": len(content), "video_frames": read_facts(path).frames}
    scene.check(facts.frames > 0, f"with separate consent: {facts.seconds:.0f} s of video sealed in chunks")
    path.unlink()
