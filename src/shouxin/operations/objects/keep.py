"""Keep an object: seal a video, image or document in chunks under a key of its own (law 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from shouxin.actors.account import Token
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, ObjectId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.errors import CallerError, Invalid, NotInThisState, RolledBack, StoreUnavailable
from shouxin.keys.chain import LinkKind
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.consenting.carried import carried
from shouxin.operations.keyring_age import check_keyring_now
from shouxin.operations.rekeying import settle_clean, still_held
from shouxin.operations.subjects import resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card, Form
from shouxin.policy.decision import Question
from shouxin.vault.object import ObjectBinding, seal_object
from shouxin.vault.records import ObjectRow, Records, SubjectState
from shouxin.vault.tags import Origin, format_of

__all__ = ["keep_object"]


def _permit(workspace: Workspace, records: Records, act: Act, place: tuple[SubjectId, str, ItemCode]) -> Card:
    """Decide whether this object may be taken in, on the facts of this transaction.

    Raises:
        Refused: the policy denies. NotInThisState: the person is frozen or erased.
    """
    subject, purpose, item = place
    engine = current_engine(workspace, records, purpose, act.now)
    card = engine.card(purpose)
    _, standing = resolve_subject(workspace, records, subject)
    if standing.state is not SubjectState.ACTIVE:
        raise NotInThisState(f"a subject that is {standing.state} takes nothing in")
    said = carried(workspace, records, act, engine, card, subject)
    engine.decide(
        Question(
            roles=act.actor.roles,
            purpose=purpose,
            items=frozenset({item}),
            form=Form("sealed"),
            consented=said.consented,
            separate_consent=said.separate,
            notified=said.notified,
            minor_under_14=said.minor,
            guardian_consent=said.guardian,
            agreed=said.agreed,
        )
    ).enforce()
    return card


def keep_object(
    workspace: Workspace,
    token: Token,
    subject: SubjectId,
    purpose: str,
    item: ItemCode,
    parts: Iterable[bytes],
    *,
    depicts: Sequence[SubjectId] = (),
    source: str = "",
) -> ObjectId:
    """Seal ``parts`` as one object of ``subject``; memory stays within a few chunks whatever its size.

    Durable on return: key, object, row and event. Killed in between, there is a key or an object without a row: it
    answers nothing and the reaper removes it. A retried upload is a new object under a new key.

    ``source`` is the code of where it came from, for its tags (``vault.tags``).

    Raises:
        Refused: the policy denies (no separate consent, for example). Invalid: the object is empty; no such code.
    """
    place = (subject, purpose, item)
    stream = iter(parts)
    first = next((part for part in stream if part), b"")
    if not first:
        raise Invalid("an object has at least one byte", "parts")
    origin = Origin(source, format_of(first))
    card = workspace.data.read(lambda records: _permit(workspace, records, begin(workspace, records, token), place))
    object_id = new(ObjectId)
    with workspace.custody.keyring.at_work():
        key = _draw(workspace, subject, object_id)
        counted = _Counted(chain((first,), stream))
        institution = workspace.institution.institution_id
        binding = ObjectBinding(institution, subject, purpose, item, object_id, card.term_of(item))
        digest = workspace.objects.put(object_id, seal_object(workspace.custody.suite, key, binding, counted))
        if not workspace.objects.exists(object_id):
            raise StoreUnavailable("the object store does not have what it said it took")
        made = _Made(object_id, counted.size, digest, card.term_of(item), origin)
        try:
            _record(workspace, token, place, made, depicts)
        except CallerError:  # refused at the last moment: what was put there belongs to nobody
            workspace.objects.remove([object_id])
            raise
        settle_clean(workspace, [subject])
    return object_id


def _draw(workspace: Workspace, subject: SubjectId, object_id: ObjectId) -> bytes:
    """Add a key for the object to the person's chain; durable on return."""
    check_keyring_now(workspace)
    custody = workspace.custody
    fence = custody.refresh()
    held = custody.keyring.get([subject]).get(subject)
    if held is None:
        raise RolledBack("somebody who is kept has no key chain: this keyring is older than the data store")
    opened, key = custody.open(held), custody.suite.new_key()
    links = [opened.wrap(LinkKind.OBJECT, object_id, key)]
    custody.keyring.replace([held], [opened.with_links(links)], fence=fence, pending=True)
    return key


class _Counted:
    """Parts that count their bytes as they pass."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self.size += len(part)
            yield part


@dataclass(frozen=True, slots=True)
class _Made:
    """A sealed object that stands in the object store and has no row yet."""

    object_id: ObjectId
    size: int
    digest: bytes
    term: str
    origin: Origin


def _record(
    workspace: Workspace,
    token: Token,
    place: tuple[SubjectId, str, ItemCode],
    made: _Made,
    depicts: Sequence[SubjectId],
) -> None:
    """Decide once more, write the row and record it, in one transaction."""
    subject, purpose, item = place

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        _permit(workspace, records, act, place)
        still_held(workspace, subject, [made.object_id])
        salt = new(EventId)
        leaf = records.record(
            act.event(
                EventKind.OBJECT_SEALED,
                salt,
                subject=workspace.door.witness([subject], salt).members[0].hex(),
                purpose=purpose,
                item=item,
                bytes=made.size,
                sealed=made.digest.hex(),
            )
        )
        row = ObjectRow(made.object_id, subject, purpose, made.term, item, made.size, made.digest, leaf)
        records.cells.add_object(row, sorted({subject, *depicts}))
        records.cells.add_origin(made.object_id, made.origin)

    workspace.data.transact(work)
