"""Keep an object: seal a video, image or document in chunks under a key of its own (law 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event import EventKind
from shouxin.domain.identifiers import EventId, ObjectId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, NotInThisState
from shouxin.keys.chain import LinkKind
from shouxin.operations.acting import Act, begin
from shouxin.operations.cards import current_engine
from shouxin.operations.subjects import resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card, Form
from shouxin.policy.decision import Question
from shouxin.vault.object import ObjectBinding, seal_object
from shouxin.vault.records import ObjectRow, Records, SubjectState

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
    rows = records.authority.find(AuthorityKind.CONSENT, name=purpose, subject=subject)
    given = workspace.notary.read_all(rows, Consent)
    standing_consents = [consent for consent in given if consent.stands]
    engine.decide(
        Question(
            roles=act.actor.roles,
            purpose=purpose,
            items=frozenset({item}),
            form=Form("sealed"),
            consented=bool(standing_consents),
            separate_consent=any(consent.separate for consent in standing_consents),
            notified=bool(given),
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
) -> ObjectId:
    """Seal ``parts`` as one object of ``subject``; memory stays within a few chunks whatever its size.

    Durable on return: key, object, row and event. Killed in between, there is a key or an object without a row: it
    answers nothing and the reaper removes it. A retried upload is a new object under a new key.

    Raises:
        Refused: the policy denies (no separate consent, for example). Invalid: the object is empty.
    """
    place = (subject, purpose, item)
    workspace.data.read(lambda records: _permit(workspace, records, begin(workspace, records, token), place))
    custody = workspace.custody
    fence = custody.refresh()
    chain = custody.keyring.get([subject])[subject]
    opened = custody.open(chain)
    object_id, key = new(ObjectId), custody.suite.new_key()
    custody.keyring.replace([chain], [opened.with_links([opened.wrap(LinkKind.OBJECT, object_id, key)])], fence=fence)
    size = 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for part in parts:
            size += len(part)
            yield part

    binding = ObjectBinding(workspace.institution.institution_id, subject, purpose, item, object_id)
    digest = workspace.objects.put(object_id, seal_object(custody.suite, key, binding, counted()))

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        card = _permit(workspace, records, act, place)
        salt = new(EventId)
        leaf = records.record(
            act.event(
                EventKind.OBJECT_SEALED,
                salt,
                subject=workspace.door.witness([subject], salt).members[0].hex(),
                purpose=purpose,
                item=item,
                bytes=size,
                sealed=digest.hex(),
            )
        )
        row = ObjectRow(object_id, subject, purpose, card.term_of(item), item, size, digest, leaf)
        records.cells.add_object(row, sorted({subject, *depicts}))

    if not size:
        raise Invalid("an object has at least one byte", "parts")
    workspace.data.transact(work)
    return object_id
