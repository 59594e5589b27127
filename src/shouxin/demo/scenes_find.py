"""Scenes six and seven of the second story: what is personal is found and graded; what was started is deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from shouxin.bootstrap import open_source
from shouxin.demo.around import Around
from shouxin.demo.mixed_folder import write_mixed_folder
from shouxin.demo.scene import DemoStage, Scene
from shouxin.detection.finding import FindingKind
from shouxin.detection.media.media_finding import MediaKind
from shouxin.detection.survey.evidence import ScanReport
from shouxin.detection.survey.grading import SurveyVerdict, judge_report
from shouxin.detection.survey.words import title
from shouxin.domain.clock import SystemClock
from shouxin.domain.items import ItemCode
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.scanning.scan_advice import next_steps
from shouxin.operations.scanning.scan_source import scan_source, written

__all__ = ["gone", "graded", "identifiers_in"]

_IDENTIFIERS: Final = (FindingKind.RESIDENT_ID, FindingKind.MOBILE)
_SHOWN: Final = 4  # items a line
# What must be found where, by whoever wrote the folder; the minutes hold nobody.
_EXPECTED: Final = {
    "export.csv": {"identity.name", "identity.id_number", "contact.mobile", "account.card_number"},
    "customers.xlsx": {"identity.name", "contact.mobile", "contact.email", "contact.address"},
    "chats.txt": {"identity.id_number", "contact.mobile"},
    "id-card.png": {"identity.id_number"},
    "bank-card.jpg": {"account.card_number"},
    "interview.mp4": {"identity.id_number"},
    "minutes.txt": set[str](),
}


def _looked(where: str) -> tuple[ScanReport, SurveyVerdict]:
    report = scan_source(open_source(where), SystemClock(), names=True)
    return report, judge_report(report)


def identifiers_in(where: str) -> int:
    """Return how many identity numbers and mobiles a scan finds in the columns of ``where``."""
    report, _ = _looked(where)
    columns = [column for one in report.places for column in one.columns]
    return sum(column.whole.get(kind.value, 0) for column in columns for kind in _IDENTIFIERS)


def graded(stage: DemoStage, _around: Around) -> Scene:
    """Scan a folder of mixed files and say what each holds, how grave it is, and what to do first."""
    scene = Scene("graded", "A folder of mixed files: what is personal, how grave, what to do first", "")
    folder = stage.scratch / "mixed"
    names = write_mixed_folder(folder, _around.applicants)
    report, verdict = _looked(str(folder))
    held: dict[str, set[str]] = {name: set() for name in names}
    for one in verdict.places:
        name = next((name for name in names if one.place.startswith(name)), "")
        held.setdefault(name, set()).update(one.items)
        if one.grade:
            items = [title(ItemCode(code), "en") for code in one.items]
            more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
            grave = f"{one.grade.level} {one.grade.klass}{'!' if one.grade.sensitive else ''}"
            scene.lines.append(f"{grave:6} {one.place}: {', '.join(items[:_SHOWN])}{more}")
    missed = {name: sorted(items - held[name]) for name, items in _EXPECTED.items() if items - held[name]}
    scene.check(not missed and not held["minutes.txt"], f"{len(names)} files, each found to hold what was put into it")
    seen = {finding.kind for one in report.places if one.media for finding in one.media.findings}
    wanted = {MediaKind.FACE, MediaKind.ID_FRONT, MediaKind.BANK_CARD_IMAGE}
    scene.check(wanted <= seen, "in pictures and video: a face, an identity card, a bank card")
    (film,) = [one for one in verdict.places if one.place == "interview.mp4"]
    top = film.grade is not None and film.grade.level == verdict.level
    scene.check(top, f"the filmed interview has the highest grade of all, {verdict.level} {verdict.klass}")
    steps = next_steps(verdict, report, stage.workspace.pack)
    scene.check(steps, f"what to do first: {steps[0].title_en.lower() if steps else 'nothing'}")
    (stage.home / "scan.json").write_bytes(written(report))
    clear = written(report).decode()
    told = [one for one in _around.applicants if one.id_number in clear or one.mobile in clear]
    scene.check(not told, "the report holds counts, places and moments, and no value")
    scene.command = stage.command("source", "scan", "--regrade", stage.place("scan.json"))
    scene.figures = {"files": len(names), "level": verdict.level, "places": len(verdict.places)}
    return scene


def gone(stage: DemoStage, around: Around, stop: Callable[[], object]) -> Scene:
    """Stop and delete everything that was started, and look at the record."""
    scene = Scene("gone", "What was started is deleted; the record stays, and names nobody", "")
    answered = around.database.answers()
    stop()
    scene.check(
        answered and not around.database.answers(), "the PostgreSQL answered until now; server and files are gone"
    )
    checked = verify_ledger(stage.workspace)
    scene.check(not checked.flaws, f"the ledger of {checked.size} events is intact")
    scene.command = stage.command("ledger", "verify")
    scene.figures = {"events": checked.size}
    return scene
