"""What a run has to look at: what was set aside before, then what is new, no more of it than the plan's volume.

Laws. A record that arrived before is not taken twice. What is asked for again keeps the line under which it was set
aside, and was counted then; every other record counts once, whatever else its source counts: a header, a blank line and
a repetition are no records, so that exactly the volume passes, after a kill as before it.

Called by: ``operations.collecting.run_plan``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, TypeAlias, TypeVar

from shouxin.detection.checksums import id_number_is_valid
from shouxin.domain.clock import Clock
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import PlainFields
from shouxin.errors import Invalid, ShouxinError, StoreUnavailable
from shouxin.operations.collecting.arrivals import Arrivals
from shouxin.operations.collecting.asides import AtPlace, SetAside
from shouxin.operations.collecting.intake import Aside, Collected, Intake
from shouxin.operations.collecting.intake_source import GONE, SourceRecord, Unfit
from shouxin.operations.collecting.pieces import in_pieces
from shouxin.operations.collecting.plan_file import IntakeBuilder

__all__ = ["Came", "NewRecords", "intakes", "until_broken"]

_PIECE: Final = 500
_PATIENCE: Final = 20_000  # repetitions before a source that brings nothing new is given up
_ID_NUMBER: Final = ItemCode("identity.id_number")
_NOTHING_PLANNED: Final = "nothing-planned"
_UNNAMED: Final = SourceRecord(0, PlainFields({}))

_Yielded = TypeVar("_Yielded")
_Record: TypeAlias = SourceRecord | Unfit
# With its digest, where its source names it.
Came: TypeAlias = tuple[_Record, bytes]


@dataclass(slots=True)
class NewRecords:
    """Reads on from ``standing``; ``done`` is what the collection that takes the records has done so far.

    What reading showed: ``over`` (more than ``left`` of the volume), how many were ``repeated``, by what the source was
    ``broken``, and what was set aside before and is still ``waiting``, by line, because nobody handed it out. By
    ``clock`` what a slow source hands out goes on before a piece is full.
    """

    arrivals: Arrivals
    standing: AtPlace
    done: Collected
    lines_stand: bool
    over: bool = False
    repeated: int = 0
    broken: ShouxinError | None = None
    waiting: dict[int, SetAside] = field(default_factory=dict)
    clock: Clock | None = None

    def __post_init__(self) -> None:
        """All that can be asked for again waits, until it is met."""
        self.waiting = self.standing.asked_again()

    def of(self, asked: Iterator[_Record], read: Iterator[_Record]) -> Iterator[Came]:
        """Yield what was ``asked`` for again, each under its line, then what of ``read`` has not arrived before.

        What its source marks with a place is not looked up here: the source goes on behind the last place, and
        ``collect`` looks once more. A source that does nothing but repeat itself comes to an end too.
        """
        while piece := list(islice(asked, _PIECE)):
            for one in piece:
                del self.waiting[one.line]
            yield from zip(piece, self._digests(piece), strict=True)
        if self.broken is not None:
            return
        line, unfit = self.standing.reached.line, Counter[str]()
        heads = {row.digest[:8]: row for row in self.waiting.values() if row.digest}
        aside, told = {*self.standing.rows}, 0
        for piece in in_pieces(read, lambda: _PIECE, self.clock):
            digests = self._digests(piece, unfit)
            known = self._known(piece, digests)
            aside.update(one.arrival for one in self.done.aside[told:])
            told = len(self.done.aside)
            fresh: list[Came] = []
            for one, digest in zip(piece, digests, strict=True):
                row = heads.pop(digest[:8], None) if digest else None
                if row is not None:
                    del self.waiting[row.line]
                    fresh.append((replace(one, line=row.line), digest))
                elif digest and (digest in known or digest in aside):
                    self.repeated += 1
                    # Where the source goes on is said by what came last, also when that is nothing new.
                    fresh[-1:] = [(replace(fresh[-1][0], cursor=one.cursor), fresh[-1][1])] if fresh else []
                elif digest:
                    known.add(digest)
                    line += 1
                    fresh.append((one if one.line == line else replace(one, line=line), digest))
                else:
                    fresh.append((one, b""))
            yield from fresh
            if self.repeated > _PATIENCE and not fresh:
                self.broken = StoreUnavailable("the source hands out the same records again and again")
                return

    def within(self, came: Iterator[Came], left: int) -> Iterator[Came]:
        """Yield as many as are ``left`` of the volume; one more ends the reading. What was set aside counted before."""
        before = self.standing.reached.line
        for one in came:
            if one[0].line > before:
                if left <= 0:
                    self.over = True
                    return
                left -= 1
            yield one

    def _digests(self, piece: list[_Record], unfit: Counter[str] | None = None) -> list[bytes]:
        """Return the digest of each record; of what does not read, in a stream, that of its reason and number.

        It has no name there and its line is another each time: the third one of its kind is the third one of its kind.
        """
        digests = self.arrivals.of_all(one if isinstance(one, SourceRecord) else _UNNAMED for one in piece)
        if unfit is not None and not self.lines_stand:
            for at, one in enumerate(piece):
                if isinstance(one, Unfit):
                    unfit[one.reason] += 1
                    digests[at] = self.arrivals.of_unfit(one.reason, unfit[one.reason])
        return digests

    def _known(self, piece: list[_Record], digests: list[bytes]) -> set[bytes]:
        asked = zip(piece, digests, strict=True)
        return self.arrivals.known(
            [each for one, each in asked if each and isinstance(one, SourceRecord) and not one.mark]
        )


def until_broken(read: Iterator[_Yielded], reading: NewRecords) -> Iterator[_Yielded]:
    """Yield what comes until the source breaks: what came before that is good, and is taken."""
    try:
        yield from read
    except ShouxinError as error:
        reading.broken = error


def intakes(read: Iterator[Came], build: IntakeBuilder, *, lines_stand: bool = False) -> Iterator[Intake | Aside]:
    """Make intakes of records; what does not fit, or holds nothing planned, is set aside with its line.

    Where ``lines_stand``, what is wrong with a record itself is so for good.
    """
    for one, arrival in read:
        if isinstance(one, Unfit):
            yield Aside(one.line, one.reason, one.cursor, arrival, lines_stand and one.reason != GONE)
            continue
        try:
            made = build(one.line, one.fields.reveal())
        except Invalid as error:
            yield Aside(one.line, error.place or "invalid", one.cursor, arrival)
            continue
        number = made.person.values.get(_ID_NUMBER)
        if number is not None and not id_number_is_valid(number.text()):
            yield Aside(one.line, "id-number-check-digit", one.cursor, arrival, lines_stand)
        elif not made.person.values and not made.contacts:
            yield Aside(one.line, _NOTHING_PLANNED, one.cursor, arrival)
        else:
            yield Intake(made.line, made.person, made.contacts, made.began, made.expected_end, one.cursor, arrival)
