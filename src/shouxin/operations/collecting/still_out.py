"""Whether the people of records that were set aside as suppressed are kept out still, before their source is purged.

Nothing of such a record was kept: not the record, but a keyed digest says that it came. It goes from the source with
the copy's plaintext, as long as whoever it is about is kept out. Who was let in again meanwhile comes in by that very
record: then it is not deleted, and counts as one that never came.

Called by: ``operations.collecting.purge``.

**Source:** PIPL 47(1): what was deleted is not to be processed, storing it at a source of ours included.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shouxin.actors.account import Token
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import SubjectId, new
from shouxin.errors import Invalid, Refused
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.collecting.arrivals import Arrivals
from shouxin.operations.collecting.intake import Intake, Person, Router
from shouxin.operations.collecting.intake_source import Met, SourceRecord
from shouxin.operations.collecting.kept_out import kept_out, kept_out_at
from shouxin.operations.collecting.plan_file import IntakeBuilder
from shouxin.operations.collecting.plans import plan_in
from shouxin.operations.collecting.said_before import with_answers
from shouxin.operations.collecting.sealing import Draft
from shouxin.operations.collecting.sort_out import cards_of, tag_draft
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["StillOut"]


@dataclass(frozen=True, slots=True)
class StillOut:
    """The records of ``place`` that were set aside as suppressed under the plan ``code``, as they are met again."""

    workspace: Workspace
    token: Token
    code: str
    place: bytes

    def recall(
        self, records: Sequence[SourceRecord], met: Sequence[Met], asked: Collection[Collection[str]]
    ) -> list[Met]:
        """Return ``met``, in which a record counts as met as it was set aside if its person is kept out still.

        ``asked`` is as for ``Arrivals.recall``, whose answer ``met`` is.

        Raises:
            Invalid: the plan names a purpose that was not adopted.
        """
        found = list(met)
        open_ = [at for at, one in enumerate(met) if one is not Met.SAME]
        noted = Arrivals(self.workspace, self.place, kept_out_at(self.place))
        aside = noted.recall([records[at] for at in open_], asked) if open_ else []
        came = {at: one for at, one in zip(open_, aside, strict=True) if one is not Met.NEW}
        if not came:
            return found
        lines = {at: records[at] for at in came}
        still = self.workspace.data.read(lambda seen: self._still(seen, lines))
        return [came[at] if at in still else one for at, one in enumerate(found)]

    def _still(self, seen: Records, lines: dict[int, SourceRecord]) -> set[int]:
        """Return which of ``lines`` are of somebody who is kept out now, under the plan as it stands."""
        act = begin(self.workspace, seen, self.token)
        engine = current_engine(self.workspace, seen, "", act.now)
        plan = plan_in(self.workspace, seen, self.code)[1].file()
        named = cards_of(engine, plan.plan())
        cards = [named[purpose] for purpose in plan.purposes]
        build = IntakeBuilder(plan, self.workspace.tagger, local_date(act.now))
        made: list[Intake] = []
        for at, record in lines.items():
            try:
                made.append(build(at, record.fields.reveal()))
            except Invalid:  # under the plan of today it is nobody's that can be told
                continue
        router = Router(cards, plan.retention_days)
        answered = with_answers(self.workspace, seen, act, engine, cards, made)
        return {one.line for one in answered if isinstance(one, Intake) and self._is_out(seen, act, router, one.person)}

    def _is_out(self, seen: Records, act: Act, router: Router, person: Person) -> bool:
        draft = Draft(new(SubjectId), router.portions(person)[0])
        try:
            tag_draft(self.workspace, draft)
            kept_out(self.workspace, seen, act, [draft], [])
        except Refused:
            return True
        except Invalid:  # a number that is none
            return False
        return False
