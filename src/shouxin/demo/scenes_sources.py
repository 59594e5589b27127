"""Scenes one to five of the second story: plans are approved, an API, a page and a database are collected from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from shouxin.actors.account import Token
from shouxin.bootstrap import forbidden_pages, open_intake_source, open_replaceable
from shouxin.demo.around import Around
from shouxin.demo.cast import adopt_cards, plan_text
from shouxin.demo.identities import FabricatedIdentity
from shouxin.demo.neighbours import FORBIDDEN, UNPLANNED
from shouxin.demo.scene import DemoStage, Scene
from shouxin.demo.scenes_find import identifiers_in
from shouxin.demo.search import find
from shouxin.detection.checksums import id_number_is_valid
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import SubjectId, show
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotInThisState, Refused
from shouxin.operations.collecting.plan_file import read_plan
from shouxin.operations.collecting.plans import approve_plan, propose_plan, source_of_plan
from shouxin.operations.collecting.replace_columns import confirm_replacement, replace_columns
from shouxin.operations.collecting.run_plan import Ran, run_plan
from shouxin.operations.collecting.sources import register_source, seal_secret
from shouxin.operations.opening.look_up import look_up
from shouxin.policy.plan_transitions import PlanState
from shouxin.policy.source import read_source

__all__ = ["from_api", "from_database", "from_page", "planned", "tokens"]

# Adopted in this order: what is drawn on comes before what draws on it.
_CARDS: Final = (
    "identity.verification",
    "credit.application",
    "emergency.contact",
    "rights.evidence",
    "rights.answer",
    "employer.check",
)
_PLANS: Final = ("partner-leads", "employer-register", "loan-system")
_MOBILE: Final = ItemCode("contact.mobile")
_ANSWER: Final = "rights.answer"


def _again(stage: DemoStage, plan: str) -> str:
    return stage.command("plan", "report", plan, acting="chen.dpo")


def planned(stage: DemoStage, around: Around) -> Scene:
    """Register three sources, seal what lets us in, and have their plans approved by two others."""
    scene = Scene("planned", "Three sources, three plans; nobody approves their own", "")
    scene.command = stage.command("plan", "list", acting="chen.dpo")
    workspace, cast = stage.workspace, stage.cast
    cards = adopt_cards(workspace, cast.dpo, _CARDS)
    for code in _PLANS:
        text = plan_text(f"{code}.source.toml")
        for place, where in around.places().items():
            text = text.replace(place, where)
        register_source(workspace, cast.dpo, read_source(text))
    seal_secret(workspace, cast.operator, "partner-leads", Plaintext.of(around.neighbours.token))
    _too_much(stage, scene)
    states = []
    for code in _PLANS:
        text = plan_text(f"{code}.toml")
        forbidden = forbidden_pages(workspace, cast.intake, read_plan(text, code))
        proposed = propose_plan(workspace, cast.intake, text, code, forbidden)
        approve_plan(workspace, cast.approver, code, proposed.digest())
        states.append(approve_plan(workspace, cast.dpo, code, proposed.digest()).state)
    scene.check(
        states == [PlanState.APPROVED] * len(_PLANS),
        f"{len(states)} plans are approved by two who did not propose them, to the letter of their text",
    )
    scene.check(cards == len(_CARDS), f"{cards} purpose cards say what they may be for")
    scene.figures = {"plans": len(states), "cards": cards}
    return scene


def _too_much(stage: DemoStage, scene: Scene) -> None:
    """A plan that wants more than its purpose needs, a plan of one's own, and a run before the approval."""
    workspace, cast = stage.workspace, stage.cast
    greedy = plan_text("partner-leads.toml").replace('"contact.email"]', '"contact.email", "family.status"]')
    try:
        propose_plan(workspace, cast.intake, greedy, "partner-leads.toml")
        why = ""
    except Invalid as refusal:
        why = str(refusal)
    scene.check("PIPL 6(2)" in why, "a plan with a field that no purpose needs is refused (PIPL 6(2))")
    own = propose_plan(workspace, cast.dpo, plan_text("partner-leads.toml"))
    try:
        approve_plan(workspace, cast.approver, own.code, own.digest())
        approve_plan(workspace, cast.dpo, own.code, own.digest())
        alone = False
    except Refused:
        alone = True
    scene.check(alone, "who proposed a plan cannot approve it")
    try:
        _ran(stage, cast.intake, own.code)
        early = False
    except NotInThisState:
        early = True
    scene.check(early, "before its approval nothing is read from a source")


def _ran(stage: DemoStage, token: Token, code: str) -> Ran:
    source = open_intake_source(stage.workspace, source_of_plan(stage.workspace, token, code))
    try:
        return run_plan(stage.workspace, token, code, source)
    finally:
        source.close()


def _in_the_clear(stage: DemoStage, people: Sequence[FabricatedIdentity]) -> dict[str, int]:
    """Return which identifiers of ``people`` stand in files of the workspace, each with in how many."""
    needles = {f"{at} {name}": getattr(one, name) for at, one in enumerate(people) for name in ("id_number", "mobile")}
    return {
        name: count for name, count in find(stage.home, {k: v.encode() for k, v in needles.items()}).items() if count
    }


def from_api(stage: DemoStage, around: Around) -> Scene:
    """Ask the partner's API page by page; what nobody planned is dropped before storage and told by its name."""
    scene = Scene("from_api", "A partner's REST API: what was not planned is dropped, and named", "")
    leads = around.neighbours.leads
    scene.command = _again(stage, "partner-leads")
    done = _ran(stage, stage.cast.intake, "partner-leads").run
    pages = sum(path.startswith("/v1/leads") for path in around.neighbours.asked)
    scene.check(
        done.taken == len(leads),
        f"{counted(done.taken, 'person')} sealed from {pages} pages, asked with a sealed token",
    )
    dropped = set(UNPLANNED) <= set(done.unplanned)
    scene.check(dropped, f"dropped before storage, told by name only: {', '.join(done.unplanned)}")
    unwanted = {
        f"{name} {at}": f"{begins}{one.mobile[-6:]}"
        for name, begins in UNPLANNED.items()
        for at, one in enumerate(leads)
    }
    found = find(stage.home, {name: value.encode() for name, value in unwanted.items()})
    sent = around.neighbours.api("/v1/leads", f"Bearer {around.neighbours.token}")[2].decode()
    scene.check(
        not any(found.values()) and unwanted["wechat 0"] in sent,
        f"{len(found)} values of theirs, which the partner did send, looked for in every file: none is there",
    )
    scene.check(not _in_the_clear(stage, leads), "nor is an identity number or a mobile of anybody in the clear")
    again = _ran(stage, stage.cast.intake, "partner-leads").run
    scene.check(again.taken == 0, "asked again, it brings nothing twice")
    scene.figures = {"taken": done.taken, "pages": pages, "unplanned": list(done.unplanned)}
    return scene


def from_page(stage: DemoStage, around: Around) -> Scene:
    """Crawl the public page, as its robots file and its terms allow."""
    scene = Scene("from_page", "A public page: within its robots file, and still personal information", "")
    scene.command = _again(stage, "employer-register")
    done = _ran(stage, stage.cast.intake, "employer-register").run
    contacts, asked = around.neighbours.contacts, around.neighbours.asked
    scene.check(
        done.taken == len(contacts), f"{done.taken} people of two pages sealed under a plan that says public (PIPL 27)"
    )
    obeyed = "/robots.txt" in asked and not any(path.startswith(FORBIDDEN) for path in asked)
    scene.check(
        obeyed, f"the pages link to {FORBIDDEN}, which the robots file forbids: it was never asked for (NDSR 18)"
    )
    scene.check(not _in_the_clear(stage, contacts), "none of their mobiles stands in a file of the workspace")
    scene.figures = {"taken": done.taken}
    return scene


def from_database(stage: DemoStage, around: Around) -> Scene:
    """Read the lender's own PostgreSQL and seal what the plan names; other columns are not even asked for."""
    scene = Scene("from_database", "The lender's own PostgreSQL is sealed, row by row", "")
    scene.command = _again(stage, "loan-system")
    around.before = around.database.rows()
    around.held = identifiers_in(around.database.dsn)
    done = _ran(stage, stage.cast.intake, "loan-system").run
    people = around.applicants
    scene.check(
        done.taken == len(people), f"{counted(done.taken, 'row')} of PostgreSQL {around.database.version()} sealed"
    )
    left_out = {"remark", "amount"} <= set(around.database.columns()) and {"remark", "amount"} <= set(done.unplanned)
    remarks = {str(at): f"remark-{one.mobile[-6:]}".encode() for at, one in enumerate(people)}
    kept = find(stage.home, remarks)
    scene.check(left_out and not any(kept.values()), "columns that no plan names are not asked for: amount, remark")
    scene.check(not _in_the_clear(stage, people), "no number of anybody in the clear")
    scene.figures = {"taken": done.taken}
    return scene


def tokens(stage: DemoStage, around: Around) -> Scene:
    """Turn the table's columns into tokens, find a person by one, and take the values away for good."""
    scene = Scene("tokens", "Its columns become tokens; whoever needs a value goes through the door", "")
    workspace, cast = stage.workspace, stage.cast
    table = open_replaceable(workspace, source_of_plan(workspace, cast.intake, "loan-system"))
    try:
        done = replace_columns(workspace, cast.intake, "loan-system", table)
        after = around.database.rows()
        scene.check(
            (done.rows, done.kept) == (len(after), 0),
            f"{counted(done.rows, 'row', 'hold')} tokens; no value was left behind",
        )
        fresh = all(
            old != new for row, now in zip(around.before, after, strict=True) for old, new in zip(row, now, strict=True)
        )
        nobody = not any(
            id_number_is_valid(number) or mobile[:2] not in {"10", "11", "12"} for _, number, mobile in after
        )
        shaped = all(len(row[1]) == 18 and len(row[2]) == 11 for row in after)
        scene.check(fresh and nobody and shaped, f"of the same shape and nobody's: {after[0][1]}, {after[0][2]}")
        who = look_up(workspace, cast.rights, _ANSWER, _MOBILE, Plaintext.of(after[0][2]))
        same = look_up(workspace, cast.rights, _ANSWER, _MOBILE, Plaintext.of(around.before[0][2]))
        scene.check(
            len(who) == 1 and who == same, "the token leads to the person whom the mobile leads to, and is recorded"
        )
        confirm_replacement(workspace, cast.intake, "loan-system", table)
    finally:
        table.close()
    beside = [name for name in around.database.columns() if name.startswith("shouxin")]
    scene.check(not beside and around.database.rows() == after, "confirmed: the values that stood beside are gone")
    left = identifiers_in(around.database.dsn)
    scene.check(
        around.held >= 2 * done.rows and not left,
        f"a scan of the table found {around.held} identity numbers and mobiles before, and finds {left} now",
    )
    scene.command = stage.command(
        "subject", "find", "--purpose", _ANSWER, "--item", _MOBILE, "--value-file", "-", acting="sun.rights"
    )
    scene.figures = {"rows": done.rows, "token": after[0][2], "found": [show(SubjectId, one) for one in who]}
    return scene
