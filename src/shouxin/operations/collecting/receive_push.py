"""Receive what a partner pushes: signed by the partner's key, once, under the approved plan.

Laws of this file. Nothing is read of a delivery before its signature, its time and its nonce are good; whoever is not
the partner learns only that they are not let in. A nonce is taken once within its window; a delivery that is sent again
after its answer was lost brings nothing twice, because records are known by key and content. A delivery is one run of
the plan: its volume, its fields and its purposes are the plan's. A record may be sealed by an edge (``edge.gather``):
the signature says who sent it, the seal that nobody on the way has read it; it is opened here.

What is signed: the five lines of ``edge.signed_delivery``. Called by the HTTP driver in ``connectors``.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar, Final

from shouxin.actors.account import Token
from shouxin.domain.clock import MINUTE, Instant
from shouxin.domain.plaintext import PlainFields
from shouxin.edge.signed_delivery import MOST_RECORDS, signed_words
from shouxin.errors import Invalid, NotInThisState, Refused
from shouxin.keys.signing import is_signed
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import NO_TEXT, Looked, Recall, SourceRecord, Unfit, Yielded
from shouxin.operations.collecting.invite_edge import edge_key
from shouxin.operations.collecting.plans import source_of_plan
from shouxin.operations.collecting.run_plan import Ran, run_plan
from shouxin.operations.collecting.sealed_record import EdgeOpener
from shouxin.operations.workspace import Workspace
from shouxin.policy.source import SourceKind

__all__ = ["Delivery", "PushDoor"]

WINDOW: Final = 5 * MINUTE
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}")
_STRANGER: Final = [("push-signature", "PIPL 51(1)(3)")]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery as a source: records that are there already, and go nowhere else."""

    records: tuple[object, ...] = field(repr=False)
    opener: EdgeOpener | None = field(default=None, repr=False)
    kind: ClassVar = SourceKind.PUSH
    lines_stand: ClassVar = False

    def identity(self) -> bytes:
        """Return what all deliveries have in common: they are one stream."""
        return b"push"

    def locator(self) -> bytes:
        """Return the same: a partner's system lies where nobody can look."""
        return b"push"

    def describe(self) -> tuple[str, ...]:
        """Return nothing: each record says for itself what it holds."""
        return ()

    def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
        """Yield every record."""
        del wanted  # it was sent; what was not planned is dropped by the run
        for line, record in enumerate(self.records, reached.line + 1):
            if isinstance(record, dict) and "sealed" in record:
                yield self._opened(line, record)
                continue
            fields = record.get("fields") if isinstance(record, dict) else None
            key = record.get("key") if isinstance(record, dict) else None
            if not isinstance(key, str) or not 0 < len(key) <= 200 or not isinstance(fields, dict):
                yield Unfit(line, "no-key-and-fields")
            elif not all(isinstance(value, str) for value in fields.values()):
                yield Unfit(line, "fields-are-text")
            elif not PlainFields({key: "", **fields}).is_text():
                yield Unfit(line, NO_TEXT)
            else:
                yield SourceRecord(line, PlainFields(fields), (), key)

    def _opened(self, line: int, record: dict[str, object]) -> Yielded:
        """Return what an edge sealed; beside the seal stands nothing that could say otherwise."""
        sealed = record["sealed"]
        if self.opener is None or len(record) != 1 or not isinstance(sealed, str) or not sealed.isascii():
            return Unfit(line, "not-sealed-to-this-plan")
        return self.opener.record(line, sealed.encode())

    def again(self, places: Sequence[Reached], wanted: Collection[str]) -> Iterator[SourceRecord | Unfit]:
        """Yield nothing: whoever pushes sends it again."""
        del places, wanted
        return iter(())

    def erase(self, reached: Reached, wanted: Collection[str], recall: Recall) -> int:
        """A partner's system is erased by the partner."""
        del reached, wanted, recall
        raise NotInThisState("what a partner pushed is not erased there from here: ask them")

    def verify(self, reached: Reached, wanted: Collection[str], recall: Recall) -> Looked:
        """Nobody can look there."""
        del reached, wanted, recall
        raise NotInThisState("nobody can look from here whether a partner still has what they pushed")

    def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class PushDoor:
    """Lets deliveries for one plan in, one after another.

    Nonces are remembered by this process for as long as their timestamps are good; after a restart a replay within that
    window finds that all of its records have arrived.
    """

    workspace: Workspace
    token: Token
    plan: str
    _nonces: dict[str, Instant] = field(default_factory=dict)
    _one: threading.Lock = field(default_factory=threading.Lock)

    def receive(self, timestamp: str, nonce: str, signature: str, body: bytes) -> Ran:
        """Take one delivery in; on return it is durable, and may be sent again without harm.

        Raises:
            Refused: not signed by the partner's key, too old or too new, or a nonce that was used.
            Invalid: signed, and no JSON object with ``records``, or too many. NotInThisState: the plan may not run.
        """
        with self._one:
            self._let_in(timestamp, nonce, signature, body)
            records = _records(body)
            opener = EdgeOpener(edge_key(self.workspace, self.plan), self.workspace.institution.origin, self.plan)
            return run_plan(self.workspace, self.token, self.plan, Delivery(records, opener))

    def _let_in(self, timestamp: str, nonce: str, signature: str, body: bytes) -> None:
        source = source_of_plan(self.workspace, self.token, self.plan)
        now = self.workspace.clock.now()
        well_formed = (
            timestamp.isascii()
            and timestamp.isdigit()
            and len(timestamp) <= 15
            and _NONCE.fullmatch(nonce)
            and _SIGNATURE.fullmatch(signature)
        )
        # The key of the register is read for each delivery: a partner whose source was ended is a stranger at once.
        if source.ended or not source.source.push_key or not well_formed:
            raise Refused("this delivery is not let in", _STRANGER)
        words = signed_words(self.plan, int(timestamp), nonce, body)
        if not is_signed(bytes.fromhex(source.source.push_key), bytes.fromhex(signature), words):
            raise Refused("this delivery is not let in", _STRANGER)
        if abs(now - int(timestamp)) > WINDOW:
            raise Refused("this delivery is not let in: its time is not ours", _STRANGER)
        self._nonces = {one: until for one, until in self._nonces.items() if until > now}
        if nonce in self._nonces:
            raise Refused("this delivery is not let in: its nonce was used", _STRANGER)
        self._nonces[nonce] = Instant(int(timestamp) + 2 * WINDOW)


def _records(body: bytes) -> tuple[object, ...]:
    said: object = None
    with suppress(ValueError, RecursionError):  # the reader's error holds the whole delivery: let go before ours
        said = json.loads(body)
    if not isinstance(said, dict):
        raise Invalid("a delivery is a JSON object with records", "body")
    records = said.get("records")
    if not isinstance(records, list) or len(records) > MOST_RECORDS:
        raise Invalid(f"a delivery has a list of at most {MOST_RECORDS} records", "records")
    return tuple(records)
