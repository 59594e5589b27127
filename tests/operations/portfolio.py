"""A small lender's portfolio: customers under a ten-year floor, declined applicants, contacts whom they named, videos.

Every value carries ``MARK`` or a number that nothing else has, so that a test can search everything written for it.
"""

from __future__ import annotations

import atexit
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from shouxin.actors.account import ROLES, Token
from shouxin.bootstrap import open_workspace
from shouxin.domain.clock import HOUR, Clock, Instant, SystemClock
from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, NotInThisState, Refused
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Collected, Intake, Person, Plan
from shouxin.operations.consenting.choose import Choice, give_consent
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.look_up import look_up
from shouxin.operations.opening.permit import Wish
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Form
from tests import workspaces

MARK: Final = "鹿鸣"
NAME: Final = ItemCode("identity.name")
ID_NUMBER: Final = ItemCode("identity.id_number")
MOBILE: Final = ItemCode("contact.mobile")
CARD_NUMBER: Final = ItemCode("account.card_number")
JOB: Final = ItemCode("employment.job")
VIDEO: Final = ItemCode("interview.video")
CONTACT_NAME: Final = ItemCode("emergency.name")
CONTACT_MOBILE: Final = ItemCode("emergency.mobile")
RELATION: Final = ItemCode("emergency.relation")
WHO: Final = frozenset({NAME, ID_NUMBER, MOBILE})
BEGAN: Final = date(2024, 3, 1)
ENDS: Final = date(2027, 3, 1)

_HEAD: Final = """\
purpose = "{purpose}"
version = {version}
title_zh = "用途 {purpose}"
title_en = "{purpose}"
explanation_zh = "为了{purpose}。"
explanation_en = "For {purpose}."
basis_article = "PIPL 13(1)"
assessment = "pia-1"
"""
_BODIES: Final = {
    "customer.file": """\
lawful_basis = "contract"
items = ["identity.name", "identity.id_number", "contact.mobile"]
look_ups_an_hour = 1000
[roles]
masked = ["analyst", "credit_officer"]
raw = ["analyst"]
pseudonymous = ["model"]
sealed = ["collector"]
[retention.identity]
items = ["identity.name", "identity.id_number", "contact.mobile"]
floors = ["CN-AML-34-3-IDENTITY"]
starts = "end_of_relationship"
ceiling_days = 3653
[approval.raw]
levels = [{ role = "approver" }, { role = "dpo" }]
grant_minutes = 60
""",
    "loan.file": """\
lawful_basis = "contract"
items = ["account.card_number", "employment.job"]
[roles]
masked = ["analyst"]
raw = ["credit_officer"]
sealed = ["collector"]
[retention.contract]
items = ["account.card_number"]
floors = ["CN-AML-34-3-TRANSACTION"]
starts = "end_of_relationship"
ceiling_days = 3653
[retention.file]
items = ["employment.job"]
ceiling_days = 180
""",
    "interview.video": """\
lawful_basis = "consent"
separate_consent = true
items = ["interview.video"]
[roles]
raw = ["credit_officer"]
sealed = ["collector"]
[retention.video]
items = ["interview.video"]
ceiling_days = 180
""",
    "emergency.contact": """\
lawful_basis = "consent"
items = ["emergency.name", "emergency.mobile"]
look_ups_an_hour = 1000
[roles]
masked = ["analyst"]
sealed = ["collector"]
[retention.contact]
items = ["emergency.name", "emergency.mobile"]
ceiling_days = 365
""",
    "emergency.link": """\
lawful_basis = "contract"
items = ["emergency.relation"]
[roles]
masked = ["analyst"]
sealed = ["collector"]
[retention.link]
items = ["emergency.relation"]
{link_floors}
ceiling_days = 3653
""",
    "rights.answer": """\
lawful_basis = "statutory_duty"
statutory = true
draws_on = ["customer.file", "loan.file"]
items = ["identity.name", "identity.id_number", "contact.mobile", "account.card_number", "employment.job"]
look_ups_an_hour = 1000
[roles]
masked = ["rights_desk", "dpo"]
[retention.copy]
items = ["identity.name", "identity.id_number", "contact.mobile", "account.card_number", "employment.job"]
ceiling_days = 1
""",
}
PURPOSES: Final = tuple(_BODIES)
PLAN: Final = Plan("core", ("customer.file", "loan.file"), ("emergency.contact",), "emergency.link")


def card(purpose: str, version: int = 1, *, link_floors: str = "") -> str:
    """Return the card of ``purpose`` as TOML."""
    body = _BODIES[purpose].replace("{link_floors}", link_floors)
    return _HEAD.format(purpose=purpose, version=version) + body


def told(*agreed: str) -> tuple[Choice, ...]:
    """Return what everybody is told here, with consent to ``agreed``."""
    return tuple(Choice(purpose, "zh", agreed=purpose in agreed) for purpose in ("customer.file", "loan.file", *agreed))


def values_of(number: int) -> dict[ItemCode, Plaintext]:
    """Return what applicant ``number`` (0 to 9999) says of themselves."""
    texts = {
        NAME: f"{MARK}{number:04}",
        ID_NUMBER: f"44030619880213{number:04}",
        MOBILE: f"1367777{number:04}",
        CARD_NUMBER: f"622848000011{number:04}",
        JOB: f"{MARK}养蜂{number:04}",
    }
    return {item: Plaintext.of(text) for item, text in texts.items()}


def contact_of(number: int) -> tuple[Person, Mapping[ItemCode, Plaintext]]:
    """Return the person whom applicant ``number`` names, and what joins the two."""
    values = {
        CONTACT_NAME: Plaintext.of(f"{MARK}母{number:04}"),
        CONTACT_MOBILE: Plaintext.of(f"1398888{number:04}"),
    }
    agreed = (Choice("emergency.contact", "zh", agreed=True), Choice("emergency.link", "zh", agreed=False))
    return Person(values, agreed), {RELATION: Plaintext.of(f"{MARK}亲{number:04}")}


def record(line: int, number: int, *, customer: bool = True, contact: bool = False) -> Intake:
    """Return applicant ``number`` as the source's line ``line`` describes them."""
    choices = told("emergency.link") if contact else told()
    person = Person(values_of(number), choices)
    if customer:
        return Intake(line, person, (contact_of(number),) if contact else (), BEGAN, ENDS)
    return Intake(line, person, (contact_of(number),) if contact else ())


class Hands:
    """A clock that a test sets; it begins an hour from now, after everything that the template's ledger has seen."""

    def __init__(self) -> None:
        self.at = SystemClock().now() + HOUR

    def now(self) -> Instant:
        """Return the time that was set."""
        return Instant(self.at)

    def on(self, **by: float) -> None:
        """Move on by so many ``minutes``, ``hours`` or ``days`` (back, when negative)."""
        units = {"minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}
        self.at += int(sum(units[name] * count for name, count in by.items()))


@dataclass
class Lender:
    """A workspace with every card adopted, a token for every role, and who was collected, by number."""

    workspace: Workspace
    tokens: dict[str, Token]
    home: Path
    people: dict[int, SubjectId] = field(default_factory=dict)

    def take(
        self, numbers: Iterable[int], *, customer: bool = True, contact: bool = False, place: bytes | None = None
    ) -> Collected:
        """Collect applicants, as a file that nobody saw before unless ``place`` names one; note who they became."""
        wanted = list(numbers)
        records = [record(line, number, customer=customer, contact=contact) for line, number in enumerate(wanted, 1)]
        at = place or source_digest("core", secrets.token_bytes(16))
        done = collect(self.workspace, self.tokens["collector"], PLAN, records, place=at)
        for number in wanted:
            (self.people[number],) = self.find(number)
        return done

    def find(self, number: int, item: ItemCode = ID_NUMBER, *, purpose: str = "customer.file") -> list[SubjectId]:
        """Look applicant ``number`` up by ``item``."""
        return self.look_up(item, values_of(number)[item], purpose=purpose)

    def find_contact(self, number: int) -> list[SubjectId]:
        """Look up whom applicant ``number`` named."""
        value = contact_of(number)[0].values[CONTACT_MOBILE]
        return self.look_up(CONTACT_MOBILE, value, purpose="emergency.contact")

    def look_up(self, item: ItemCode, value: Plaintext, *, purpose: str = "customer.file") -> list[SubjectId]:
        """Look somebody up as an analyst."""
        return look_up(self.workspace, self.tokens["analyst"], purpose, item, value)

    def wish(
        self,
        *subjects: SubjectId,
        purpose: str = "customer.file",
        items: Collection[ItemCode] = WHO,
        form: str = "masked",
    ) -> Wish:
        """Return a wish about ``subjects``."""
        return Wish(purpose, frozenset(items), subjects, Form(form))

    def masked(self, *subjects: SubjectId) -> dict[SubjectId, dict[ItemCode, str]]:
        """Return who ``subjects`` are, masked, as an analyst sees it."""
        seen = disclose(self.workspace, self.tokens["analyst"], self.wish(*subjects)).values
        return {subject: {item: str(value) for item, value in values.items()} for subject, values in seen.items()}

    def raw(self, subject: SubjectId) -> dict[ItemCode, str]:
        """Return the card number and job of ``subject`` in the clear, as a credit officer needs them."""
        wish = self.wish(subject, purpose="loan.file", items={CARD_NUMBER, JOB}, form="raw")
        seen = disclose(self.workspace, self.tokens["credit_officer"], wish).values
        return {item: value.text() for item, value in seen.get(subject, {}).items() if isinstance(value, Plaintext)}

    def is_gone(self, subject: SubjectId) -> bool:
        """Say whether nothing of ``subject`` can be disclosed any more."""
        try:
            return not self.masked(subject).get(subject)
        except (NotFound, Refused):
            return True

    def film(self, subject: SubjectId, content: bytes = b"", *, depicts: tuple[SubjectId, ...] = ()) -> ObjectId:
        """Keep an interview video of ``subject``, who consented to it separately."""
        with suppress(NotInThisState):  # they agreed to an earlier film
            give_consent(
                self.workspace, self.tokens["collector"], subject, Choice("interview.video", "zh", agreed=True)
            )
        parts = [content or f"{MARK}影像".encode() * 40]
        return keep_object(
            self.workspace, self.tokens["collector"], subject, "interview.video", VIDEO, parts, depicts=depicts
        )

    def reopened(self, clock: Clock | None = None) -> Lender:
        """Return the same lender as another process would see it: stores opened anew, the same sign-ins."""
        again = open_workspace(self.home, clock=clock or self.workspace.clock)
        return Lender(again, self.tokens, self.home, dict(self.people))


@cache
def _template(link_floors: str) -> tuple[Path, dict[str, Token]]:
    """Make the lender that all others are copies of; it goes when the process does."""
    folder = Path(tempfile.mkdtemp(prefix="shouxin-lender-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    workspace = workspaces.fresh(folder)
    tokens = {role: workspaces.signed_in(workspace, role) for role in sorted(ROLES)}
    tokens |= {name: workspaces.signed_in(workspace, name) for name in ("analyst.2", "approver.2", "dpo.2")}
    for purpose in PURPOSES:
        workspaces.adopt(workspace, tokens["dpo"], card(purpose, link_floors=link_floors))
    workspaces.close(workspace)
    return workspaces.home_of(folder), tokens


def lender(tmp_path: Path, clock: Clock | None = None, *, link_floors: str = "") -> Lender:
    """Return a lender below ``tmp_path`` whom nobody has applied to yet."""
    template, tokens = _template(link_floors)
    home = workspaces.home_of(tmp_path)
    shutil.copytree(template, home)
    return Lender(open_workspace(home, clock=clock), dict(tokens), home)
