"""Scenes one and two: cards are adopted, the portfolio comes in sealed."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

from shouxin.bootstrap import CsvSource
from shouxin.consent.transitions import ConsentState
from shouxin.demo.applications import Application, Defect, applications, write_csv
from shouxin.demo.cast import adopt_cards, approve_applications
from shouxin.demo.scene import DemoStage, Scene
from shouxin.demo.search import find
from shouxin.domain.clock import local_date
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import SubjectId, show
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, Refused, Tampered
from shouxin.ledger.note import parse_verifier
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.consenting.choose import answer_notice, serve_notice
from shouxin.operations.consenting.receipts import issue_receipt
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.opening.look_up import look_up
from shouxin.policy.plan_transitions import PlanState
from shouxin.vault.receipt import check_receipt

__all__ = ["adopted", "collected"]

# Lines of the set that come in spoilt at first; of them no scene needs anybody.
_SPOILT: Final = {11: Defect.WRONG_CHECK_DIGIT, 42: Defect.BROKEN_ENCODING, 97: Defect.TOO_FEW_FIELDS}
_ID_NUMBER: Final = ItemCode("identity.id_number")
_VIDEO: Final = ItemCode("interview.video")
_PART: Final = 1 << 18
_PLAN: Final = "loan-applications"


def adopted(stage: DemoStage) -> Scene:
    """Adopt the purpose cards under the law pack."""
    again = stage.command("purpose", "show", acting="chen.dpo")
    scene = Scene("adopted", "Thirteen purposes, each on a card; nothing else may be done", again)
    cards = adopt_cards(stage.workspace, stage.cast.dpo)
    pack = stage.workspace.pack
    deciding = len(pack.deciding(local_date(stage.workspace.clock.now())))
    scene.figures = {"cards": cards, "rules": len(pack.rules), "deciding": deciding}
    scene.check(cards == 13, f"{cards} cards adopted by the data-protection officer and recorded in the ledger")
    scene.check(deciding > 0, f"{len(pack.rules)} rules of Chinese law loaded, {deciding} of them may decide")
    return scene


def _source(stage: DemoStage, rows: list[Application], spoilt: dict[int, Defect]) -> Path:
    path = stage.scratch / "loan-applications.csv"
    write_csv(path, rows, spoilt)
    return path


def collected(stage: DemoStage) -> Scene:
    """Collect the loan applications and one interview video."""
    scene = Scene("collected", "The portfolio comes in, sealed under one key a person", "")
    workspace = stage.workspace
    rows = list(applications(stage.rows))
    spoilt = {line: defect for line, defect in _SPOILT.items() if line <= len(rows)}
    path = _source(stage, rows, spoilt)
    try:
        run_plan(workspace, stage.cast.intake, _PLAN, CsvSource(path))
        refused = False
    except NotFound:
        refused = True
    scene.check(refused, "without an approved plan nothing is read from the source")
    plan = approve_applications(workspace, stage.cast)
    scene.check(plan.state is PlanState.APPROVED, "the plan is approved by two who did not propose it")
    ran = run_plan(
        workspace,
        stage.cast.intake,
        _PLAN,
        CsvSource(path),
        step=_progress(stage, len(rows)),
    )
    good = [row for row in rows if row.line not in spoilt]
    done = ran.run
    scene.figures = {"taken": done.taken, "subjects": done.subjects, "aside": done.aside}
    scene.check(
        done.taken == len(good), f"{counted(done.taken, 'application')} of {counted(done.subjects, 'person')} sealed"
    )
    for aside in ran.aside:
        scene.lines.append(f"line {aside.line} set aside: {aside.reason}")
    scene.check(done.aside == len(spoilt), "every bad line is reported with its number; none is lost")
    _mended(stage, scene, [row for row in rows if row.line in spoilt])
    _choose_cast(stage, good)
    plain = [row.values["identity.id_number"].encode() for row in good[:50]]
    leaked = find(stage.home, {str(number): value for number, value in enumerate(plain)})
    scene.check(
        not any(leaked.values()),
        f"{len(plain)} identity numbers looked for in every file of the workspace: none is there",
    )
    _film(stage, scene)
    scene.command = stage.command("subject", "standing", show(SubjectId, stage.customer), acting="sun.rights")
    stage.figures |= {"applications": scene.figures["taken"], "subjects": scene.figures["subjects"]}
    return scene


def _mended(stage: DemoStage, scene: Scene, rows: list[Application]) -> None:
    """Take in what was set aside, as the branch sends it again."""
    if not rows:
        return
    path = stage.scratch / "loan-applications-mended.csv"
    write_csv(path, rows)
    again = run_plan(stage.workspace, stage.cast.intake, _PLAN, CsvSource(path)).run
    scene.figures["taken"] += again.taken
    scene.figures["subjects"] += again.subjects
    scene.check(
        (again.taken, again.aside) == (len(rows), 0),
        f"the branch mends what was set aside and sends it again: {scene.figures['taken']:,} applications of"
        f" {scene.figures['subjects']:,} people now",
    )


def _progress(stage: DemoStage, rows: int) -> Callable[[int], None]:
    """Return what says how far taking in has come, ten times at most."""
    told = 0

    def step(line: int) -> None:
        nonlocal told
        if line - told > rows // 10:
            told = line
            stage.say(f"      … {min(line - 1, rows):,} of {rows:,} applications")

    return step


def _choose_cast(stage: DemoStage, rows: list[Application]) -> None:
    """Remember a borrower and a declined applicant who will be erased, and a borrower who stays."""
    borrower, customer = [row for row in rows if not row.declined and row.address_book][:2]
    declined = next(row for row in rows if row.declined and row.address_book)
    stage.known = [declined, borrower, customer]
    stage.customer_number = Plaintext.of(customer.values[_ID_NUMBER])

    def found(row: Application) -> SubjectId:
        number = Plaintext.of(row.values[_ID_NUMBER])
        return look_up(stage.workspace, stage.cast.rights, "rights.answer", _ID_NUMBER, number)[0]

    stage.borrower, stage.customer, stage.declined = found(borrower), found(customer), found(declined)


def _agree(stage: DemoStage, scene: Scene) -> None:
    """Show the borrower the notice, record what they choose, and let them check the receipt without us."""
    workspace, collector = stage.workspace, stage.cast.intake
    served = serve_notice(workspace, collector, stage.borrower, "interview.video", "zh")
    answer_notice(workspace, collector, served.consent, agreed=True)
    receipt = issue_receipt(workspace, collector, served.consent)
    key = parse_verifier(workspace.head.vkey)
    verdict = check_receipt(receipt, key)
    scene.check(
        verdict.state is ConsentState.AGREED and "served-before-chosen" in verdict.proved,
        "the notice was served before the choice; the borrower's receipt proves it"
        f" ({counted(len(verdict.proved), 'proof')})",
    )
    (notice,) = receipt["dpv:hasNotice"]
    notice["shouxin:text"] += "以及其他一切用途"
    try:
        check_receipt(receipt, key)
        caught = False
    except Tampered:
        caught = True
    scene.check(caught, "a receipt with one clause added is not genuine")


def _film(stage: DemoStage, scene: Scene) -> None:
    """Record the borrower's interview: first without consent, which is refused, then with it."""
    from shouxin.demo.video import PORTRAIT, make_interview, read_facts  # noqa: PLC0415 - needs the extra ``demo``

    path = stage.scratch / "interview.mp4"
    stage.say("      … filming an interview")
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
    _agree(stage, scene)
    stage.video = keep_object(workspace, collector, stage.borrower, "interview.video", _VIDEO, parts)
    stage.film = sha256(content).hexdigest()
    scene.figures |= {"video_bytes": len(content), "video_frames": read_facts(path).frames}
    scene.check(facts.frames > 0, f"with separate consent: {facts.seconds:.0f} s of video sealed in chunks")
    path.unlink()
