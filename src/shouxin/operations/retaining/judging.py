"""Hold what is kept of a person against cards, law pack, holds and consents: one ``Judge`` a transaction.

The pure answer is ``retention.outlook``; here its facts are read. What an erasure keeps and what the schedule says are
both asked here, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shouxin.consent.consent import Consent
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Tampered
from shouxin.ledger.entry import decode
from shouxin.operations.consenting.carried import said_no
from shouxin.operations.consenting.choose import consents_for
from shouxin.operations.subjects import person_of, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode, Term
from shouxin.policy.engine import Engine
from shouxin.retention.hold import Hold, held
from shouxin.retention.outlook import ASKED, WITHDRAWN, Cause, Ceiling, Outlook, judge
from shouxin.retention.resolve import COMPLETION, Floor, Kept, Relationship, resolve
from shouxin.retention.shortened import days_of, term_name
from shouxin.vault.records import CellRow, ObjectRow, Records, Subject

__all__ = ["Judge", "ceilings_of", "floors_of", "holds_on", "relationship_of"]


def relationship_of(workspace: Workspace, records: Records, subject: SubjectId) -> Relationship | None:
    """Return the business relationship with ``subject``, or nothing: they never became a customer."""
    row = records.authority.get(AuthorityKind.SUBJECT, subject)
    return None if row is None else workspace.notary.read(row, Subject).relationship


def holds_on(workspace: Workspace, records: Records, subject: SubjectId) -> list[Hold]:
    """Return every hold that was ever set on ``subject``, lifted ones too.

    Raises:
        Tampered: those that stand are not those that the person's own row names: one was deleted or put back.
    """
    rows = records.authority.find(AuthorityKind.HOLD, subject=subject)
    holds = workspace.notary.read_all(rows, Hold)
    own = records.authority.get(AuthorityKind.SUBJECT, subject)
    standing = {row.identifier for row, hold in zip(rows, holds, strict=True) if hold.lifted is None}
    if own is not None and standing != set(workspace.notary.read(own, Subject).on_hold):
        raise Tampered("the holds on a person are not those that were set: one was deleted or put back")
    return holds


def _terms(engine: Engine, purpose: str, term: str) -> list[Term]:
    """Return a retention term as every version of the card had it."""
    name = term_name(term)
    known = [card.retention[name] for card in engine.versions.get(PurposeCode(purpose), ()) if name in card.retention]
    if not known:
        raise Tampered("something is kept for a purpose or term that no adopted card knows")
    return known


def floors_of(engine: Engine, purpose: str, term: str) -> list[Floor]:
    """Return the statutory floors of one retention term, from the law pack; only rules that may decide bind.

    A floor that any version of the card gave the term stays: what was kept under that version was kept for it, and a
    later version cannot take away what the law demanded. A term of another name begins anew.
    """
    known = _terms(engine, purpose, term)
    rules = [engine.pack.rule(name) for name in dict.fromkeys(floor for one in known for floor in one.floors)]
    return [
        Floor(str(rule.id), rule.cites, rule.n or 0, rule.unit, rule.clock_start)
        for rule in rules
        if rule.may_decide and engine.may_apply(rule)
    ]


def ceilings_of(engine: Engine, purpose: str, term: str) -> list[Ceiling]:
    """Return the longest times of one retention term, as every version of the card promised them."""
    most = days_of(term)
    return [
        Ceiling(min(one.ceiling_days, most or one.ceiling_days), one.starts) for one in _terms(engine, purpose, term)
    ]


class Judge:
    """Says of each cell and object what keeps it and when it must go, on the facts of one transaction."""

    def __init__(self, workspace: Workspace, records: Records, engine: Engine, today: date) -> None:
        self._workspace = workspace
        self._records = records
        self._engine = engine
        self._today = today
        self._floors: dict[tuple[str, str], list[Floor]] = {}
        self._ceilings: dict[tuple[str, str], list[Ceiling]] = {}
        self._people: dict[SubjectId, tuple[Subject | None, list[Hold]]] = {}
        self._consents: dict[SubjectId, list[Consent]] = {}
        self._days: dict[int, date] = {}

    def foresee(self, standing: Mapping[bytes, AuthorityRow]) -> None:
        """Take people's rows as read; where nobody was ever held, no hold is looked for."""
        if self._records.authority.page(AuthorityKind.HOLD, b"", 1):
            return  # what is held of one record is held of all records of that person: that is asked one by one
        for row in standing.values():
            said = self._workspace.notary.read(row, Subject)
            if not said.on_hold:  # else it is asked for, and missed
                self._people[said.subject] = (said, [])

    def _person(self, subject: SubjectId) -> tuple[Subject | None, list[Hold]]:
        if subject not in self._people:
            row = self._records.authority.get(AuthorityKind.SUBJECT, subject)
            said = None if row is None else self._workspace.notary.read(row, Subject)
            holds = [
                hold for one in self._one_person(subject) for hold in holds_on(self._workspace, self._records, one)
            ]
            self._people[subject] = (said, holds)
        return self._people[subject]

    def _one_person(self, subject: SubjectId) -> list[SubjectId]:
        """Return every record of the person to whom a record belongs: what is held of one is held of all."""
        if self._records.authority.get(AuthorityKind.SUBJECT, subject) is None:
            return [subject]
        root = person_of(self._workspace, self._records, subject)[-1].subject
        return list(dict.fromkeys((subject, *with_merged(self._workspace, self._records, [root]))))

    def holds_now(self, subject: SubjectId) -> list[Hold]:
        """Return the holds that stand on a person, on any of their records."""
        return [hold for hold in self._person(subject)[1] if hold.lifted is None]

    def _chose(self, subject: SubjectId) -> list[Consent]:
        if subject not in self._consents:
            self._consents[subject] = consents_for(self._workspace, self._records, subject)
        return self._consents[subject]

    def subject(self, subject: SubjectId) -> Subject | None:
        """Return what a person's row says, checked; nothing for somebody unknown."""
        return self._person(subject)[0]

    def keeps(self, row: CellRow | ObjectRow) -> Kept | None:
        """Return the floor or hold that keeps ``row`` today, or nothing: it may be erased.

        Of what one person states about another, a hold on either keeps it; of an object, one on whoever it shows.
        """
        place = (row.purpose, row.term)
        if place not in self._floors:
            self._floors[place] = floors_of(self._engine, *place)
        said, holds = self._person(row.subject)
        if isinstance(row, CellRow):
            others = [] if row.other is None else [row.other]
        else:
            others = self._records.cells.depicted_in(row.object_id)
        also = [hold for other in others for hold in self._person(other)[1]]
        relationship = None if said is None else said.relationship
        counted = any(floor.clock_start == COMPLETION for floor in self._floors[place])
        made = self._collected(row.leaf) if counted else None
        return held((*holds, *also), row.purpose) or resolve(self._floors[place], relationship, self._today, made)

    def outlook(self, row: CellRow | ObjectRow) -> Outlook:
        """Return what becomes of ``row`` today and when next."""
        place = (row.purpose, row.term)
        if place not in self._ceilings:
            self._ceilings[place] = ceilings_of(self._engine, *place)
        said = self._person(row.subject)[0]
        return judge(
            self._collected(row.leaf),
            self._ceilings[place],
            self.keeps(row),
            None if said is None else said.relationship,
            self._today,
            self._wanted(row),
        )

    def _collected(self, leaf: int) -> date:
        """Return the day on which something was sealed, as the log says it."""
        if leaf not in self._days:
            self._days[leaf] = local_date(decode(self._records.ledger.entry(leaf)).at)
        return self._days[leaf]

    def _wanted(self, row: CellRow | ObjectRow) -> Cause | None:
        """Return why ``row`` must go before its ceiling, or nothing."""
        said = self._person(row.subject)[0]
        identifier = row.cell if isinstance(row, CellRow) else row.object_id
        if said is not None and identifier in said.kept_only:
            return ASKED
        rested = [card.lawful_basis for card in self._engine.versions.get(PurposeCode(row.purpose), ())][-1:]
        if rested == ["consent"] and said_no(self._chose(row.subject), row.purpose):
            return WITHDRAWN
        return None
