"""No return: a keyed tag of whoever was erased, so that tonight's sync does not bring them back.

A tag is the blind tag of an identifier under a further keyed function: it says 'this number was erased here' to nobody
who lacks the institution's key, and it is the one thing about an erased person that is kept to keep the promise. It
stands under a card and for a term of its own; when the term is over it counts no more and is removed by the next run.

Somebody who comes back by themselves is let in again (``readmit``), by the rights desk and on record.

**Source:** PIPL 47(1): what was deleted is not to be processed; 13(1)(3), 19 (basis and term of the card).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import DAY, Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.authentic import Authenticator
from shouxin.operations.rekeying import Barred
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.policy.engine import Engine
from shouxin.vault.records import CellRow, Records

__all__ = [
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


def _tag_of(workspace: Workspace, inner: bytes) -> bytes:
    """Return the suppression tag (16 bytes) of a blind tag."""
    suite = workspace.custody.suite
    return suite.prf(workspace.custody.service("index.prf"), _DOMAIN + inner)[:16]


def barred_from(card: Card, now: Instant) -> Instant:
    """Return when a tag that is set now under ``card`` ends."""
    return Instant(now + max((term.ceiling_days for term in card.retention.values()), default=0) * DAY)


def suppress(workspace: Workspace, records: Records, act: Act, card: Card, inner: Iterable[bytes]) -> int:
    """Keep whoever has these blind tags out from now on, within a transaction; return how many tags were set.

    A tag that stands is given the later end.
    """
    until = barred_from(card, act.now)
    done = 0
    for tag in dict.fromkeys(_tag_of(workspace, one) for one in inner):
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


def barred_by(workspace: Workspace, records: Records, inner: Iterable[bytes]) -> Barred:
    """Return the tags that stand for these blind tags, each with its end, for the journal."""
    rows = (records.authority.get(AuthorityKind.SUPPRESSION, _tag_of(workspace, one)) for one in dict.fromkeys(inner))
    return tuple((row.identifier, workspace.notary.read(row, Suppression).until) for row in rows if row is not None)


def bar_again(workspace: Workspace, records: Records, act: Act, purpose: str, barred: Barred) -> int:
    """Set tags again that a restore has lost, as the journal has them; return how many."""
    lost = [(tag, until) for tag, until in barred if records.authority.get(AuthorityKind.SUPPRESSION, tag) is None]
    for tag, until in lost:
        row = workspace.notary.write(AuthorityKind.SUPPRESSION, tag, 1, Suppression(purpose, act.now, until))
        records.authority.put(row)
        records.record(act.event(EventKind.SUPPRESSION_CHANGED, purpose=purpose, change="set", **row_facts(row)))
    return len(lost)


def suppressed(workspace: Workspace, records: Records, now: Instant, inner: Collection[bytes]) -> set[bytes]:
    """Return those blind tags whose people are kept out now."""
    found: set[bytes] = set()
    for one in inner:
        row = records.authority.get(AuthorityKind.SUPPRESSION, _tag_of(workspace, one))
        if row is not None and workspace.notary.read(row, Suppression).holds(now):
            found.add(one)
    return found


def readmit(workspace: Workspace, token: Token, item: ItemCode, value: Plaintext) -> None:
    """Let somebody in again who was erased and now comes by themselves; durable on return.

    Raises:
        NotFound: nobody of this number is kept out. Refused, NotSignedIn: the caller may not.
        Invalid: the item is not one by which people are found.
    """
    tag = _tag_of(workspace, workspace.tagger.inner(item, value.text()))

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("rights_desk", "dpo")
        before = records.authority.get(AuthorityKind.SUPPRESSION, tag)
        said = None if before is None else workspace.notary.read(before, Suppression)
        if before is None or said is None or not said.holds(act.now):
            raise NotFound("nobody of this number is kept out")
        row = workspace.notary.write(AuthorityKind.SUPPRESSION, tag, before.version + 1, replace(said, lifted=act.now))
        records.authority.put(row)
        facts = row_facts(row, before)
        records.record(act.event(EventKind.SUPPRESSION_CHANGED, purpose=said.purpose, change="lifted", **facts))

    workspace.data.transact(work)
