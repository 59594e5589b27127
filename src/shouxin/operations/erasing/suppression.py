"""No return: a keyed tag of whoever was erased, so that tonight's sync does not bring them back.

A tag is the blind tag of an identifier under a further keyed function: it says 'this number was erased here' to nobody
who lacks the institution's key, and it is the one thing about an erased person that is kept to keep the promise. Who
is erased whole is kept out whole; of whom a part was erased, what was kept for that purpose and term is kept out, and
everything else goes on. A tag stands under a card and for a term of its own; when the term is over it counts no more
and is removed by the next run (``operations.deletion.expire``).

Somebody who comes back by themselves is let in again (``readmit``), by the rights desk and on record.

**Source:** PIPL 47(1): what was deleted is not to be processed; 13(1)(3), 19 (basis and term of the card).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import DAY, Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, RolledBack
from shouxin.ledger.entry import decode
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.authentic import Authenticator
from shouxin.operations.rekeying import Barred, let_in_again
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.policy.engine import Engine
from shouxin.vault.records import CellRow, Records

__all__ = [
    "EVERYTHING",
    "Place",
    "Suppression",
    "bar_again",
    "barred_by",
    "barred_from",
    "readmit",
    "suppress",
    "suppressed",
    "suppression_card",
    "tags_of",
]

_DOMAIN: Final = b"shouxin/suppression/v1\0"
_OF_A_PART: Final = b"shouxin/suppression/part/v1\0"

# What somebody is kept out of: a purpose and a term of its card, or everything.
Place = tuple[str, str]
EVERYTHING: Final[Place] = ("", "")
_PAGE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Suppression:
    """One tag: under which card, since and until when; ``lifted`` once its person came back by themselves."""

    purpose: str
    since: Instant
    until: Instant
    lifted: Instant | None = None

    def holds(self, now: Instant) -> bool:
        """Say whether whoever has this tag is kept out now."""
        return self.lifted is None and now < self.until


def suppression_card(engine: Engine) -> Card | None:
    """Return the card under which erased people are kept out, or nothing: this institution does not."""
    for card in engine.cards.values():
        if card.deletion is not None and card.deletion.suppression:
            return engine.card(card.deletion.suppression)
    return None


def _tag_of(workspace: Workspace, inner: bytes, place: Place = EVERYTHING) -> bytes:
    """Return the suppression tag (16 bytes) of a blind tag, for one place."""
    suite = workspace.custody.suite
    said = _DOMAIN if place == EVERYTHING else _OF_A_PART + "\0".join((*place, "")).encode()
    return suite.prf(workspace.custody.service("index.prf"), said + inner)[:16]


def _tags_at(workspace: Workspace, inner: Iterable[bytes], places: Iterable[Place]) -> list[bytes]:
    wanted = list(dict.fromkeys(places))
    return [_tag_of(workspace, one, place) for one in dict.fromkeys(inner) for place in wanted]


def barred_from(card: Card, now: Instant) -> Instant:
    """Return when a tag that is set now under ``card`` ends."""
    return Instant(now + max((term.ceiling_days for term in card.retention.values()), default=0) * DAY)


def suppress(
    workspace: Workspace,
    records: Records,
    act: Act,
    card: Card,
    inner: Iterable[bytes],
    places: Iterable[Place] = (EVERYTHING,),
) -> int:
    """Keep whoever has these blind tags out of ``places`` from now on, within a transaction; return how many were set.

    A tag that stands is given the later end.
    """
    until = barred_from(card, act.now)
    done = 0
    for tag in _tags_at(workspace, inner, places):
        before = records.authority.get(AuthorityKind.SUPPRESSION, tag)
        version = 1 if before is None else before.version + 1
        row = workspace.notary.write(AuthorityKind.SUPPRESSION, tag, version, Suppression(card.purpose, act.now, until))
        records.authority.put(row)
        facts = row_facts(row, before)
        records.record(act.event(EventKind.SUPPRESSION_CHANGED, purpose=card.purpose, change="set", **facts))
        done += 1
    return done


def tags_of(chains: Authenticator, rows: Iterable[CellRow], cells: Collection[bytes]) -> list[bytes]:
    """Return the blind tags of what some of a person's cells say (``rows`` are all of them), of those that open."""
    wanted = [row for row in rows if row.cell in cells and row.other is None]
    return [tag for row in wanted if chains.opens(row.subject, row.cell) for tag in chains.tags(row)]


def barred_by(
    workspace: Workspace, records: Records, inner: Iterable[bytes], places: Iterable[Place] = (EVERYTHING,)
) -> Barred:
    """Return the tags that stand for these blind tags and places, each with its end, for the journal."""
    rows = (records.authority.get(AuthorityKind.SUPPRESSION, tag) for tag in _tags_at(workspace, inner, places))
    return tuple((row.identifier, workspace.notary.read(row, Suppression).until) for row in rows if row is not None)


def bar_again(workspace: Workspace, records: Records, act: Act) -> int:
    """Set tags again that a restore has lost, as the journal has them; return how many.

    Of several entries about one tag the last counts: who was let in again since stays in. They stand under the card of
    today, or, where that was lost too, under the one that the log names.
    """
    ends: dict[bytes, Instant] = {}
    for entry in workspace.journal.entries():
        ends.update(entry.barred)
    running = {tag: until for tag, until in ends.items() if act.now < until}
    standing = records.authority.among(AuthorityKind.SUPPRESSION, list(running)) if running else {}
    lost = [(tag, until) for tag, until in running.items() if tag not in standing]
    if not lost:
        return 0
    card = suppression_card(current_engine(workspace, records, "", act.now))
    purpose = card.purpose if card is not None else _named_in_the_log(records)
    for tag, until in lost:
        row = workspace.notary.write(AuthorityKind.SUPPRESSION, tag, 1, Suppression(purpose, act.now, until))
        records.authority.put(row)
        records.record(act.event(EventKind.SUPPRESSION_CHANGED, purpose=purpose, change="set", **row_facts(row)))
    return len(lost)


def _named_in_the_log(records: Records) -> str:
    """Return the purpose under which a tag was set last.

    Raises:
        RolledBack: the log knows of none, and the journal has one: this log is older than the journal.
    """
    for end in range(records.ledger.size, 0, -_PAGE):
        for _, body in reversed(list(records.ledger.entries(max(0, end - _PAGE), end))):
            event = decode(body)
            if event.kind is EventKind.SUPPRESSION_CHANGED:
                return str(event.facts["purpose"])
    raise RolledBack("the journal keeps somebody out of whom the log does not know")


def suppressed(
    workspace: Workspace, records: Records, now: Instant, inner: Collection[bytes], places: Collection[Place] = ()
) -> set[tuple[bytes, Place]]:
    """Return from what people are kept out now: their blind tag, and ``EVERYTHING`` or one of ``places``."""
    tags = {_tag_of(workspace, one, place): (one, place) for one in inner for place in (EVERYTHING, *places)}
    rows = records.authority.among(AuthorityKind.SUPPRESSION, list(tags))
    return {tags[tag] for tag, row in rows.items() if workspace.notary.read(row, Suppression).holds(now)}


def readmit(workspace: Workspace, token: Token, item: ItemCode, value: Plaintext) -> None:
    """Let somebody in again who was erased, whole or in part, and now comes by themselves; durable on return.

    Raises:
        NotFound: nobody of this number is kept out. Refused, NotSignedIn: the caller may not.
        Invalid: the item is not one by which people are found.
    """
    inner = workspace.tagger.every_inner(item, value.text())

    def work(records: Records) -> list[bytes]:
        act = begin(workspace, records, token)
        act.need("rights_desk", "dpo")
        engine = current_engine(workspace, records, "", act.now)
        places = {
            (str(card.purpose), term) for every in engine.versions.values() for card in every for term in card.retention
        }
        tags = _tags_at(workspace, inner, [EVERYTHING, *sorted(places)])
        standing = records.authority.among(AuthorityKind.SUPPRESSION, tags)
        lifted = [tag for tag, row in standing.items() if _lift(workspace, records, act, row)]
        if not lifted:
            raise NotFound("nobody of this number is kept out")
        return lifted

    let_in_again(workspace, workspace.data.transact(work).value)


def _lift(workspace: Workspace, records: Records, act: Act, before: AuthorityRow) -> bool:
    """Lift one tag if it holds; say whether it did."""
    said = workspace.notary.read(before, Suppression)
    if not said.holds(act.now):
        return False
    lifted = replace(said, lifted=act.now)
    row = workspace.notary.write(AuthorityKind.SUPPRESSION, before.identifier, before.version + 1, lifted)
    records.authority.put(row)
    facts = row_facts(row, before)
    records.record(act.event(EventKind.SUPPRESSION_CHANGED, purpose=said.purpose, change="lifted", **facts))
    return True
