"""The one door opens what was recorded, for whom it was recorded, and nothing else (law 1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from shouxin.domain.identifiers import CellId, EventId, InstitutionId, ObjectId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.domain.transaction import Committed
from shouxin.errors import NotFound, Refused, Tampered
from shouxin.keys.chain import LinkKind
from shouxin.keys.custody import Custody
from shouxin.keys.suite import INTL
from shouxin.ledger.commitment import blinding, commit_to, member_root
from shouxin.policy.card import Form, PurposeCode
from shouxin.policy.decision import Decision, Reason
from shouxin.storage.object_store import ObstoreObjects
from shouxin.vault.cell import seal_cell
from shouxin.vault.door import Door, Proposed, Recorded
from shouxin.vault.object import seal_object
from shouxin.vault.records import CellKind, CellRow, ObjectRow
from tests.workspaces import new_custody

INSTITUTION = InstitutionId(b"i" * 16)
NAME, MOBILE, VIDEO = ItemCode("identity.name"), ItemCode("contact.mobile"), ItemCode("interview.video")
PURPOSE = "credit.review"


@dataclass(frozen=True, slots=True)
class Vault:
    """A door with one person behind it: a cell, a video, and the way to their keys."""

    door: Door
    custody: Custody
    subject: SubjectId
    cell: CellRow
    video: ObjectRow

    def permit(self, form: str = "raw", *, permitted: bool = True, leaf: int = 4) -> Proposed:
        decision = Decision(
            permitted=permitted,
            reasons=(Reason("R-1", "PIPL 6(1)"),),
            purpose=PurposeCode(PURPOSE),
            version=1,
            items=frozenset({NAME, VIDEO}),
            form=Form(form),
        )
        return Proposed(decision, frozenset({self.subject}), frozenset({PURPOSE}), leaf)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """One person, sealed."""
    custody = new_custody(tmp_path)
    objects = ObstoreObjects.local(tmp_path / "objects")
    subject, cell, video, pepper = new(SubjectId), new(CellId), new(ObjectId), new(CellId)
    wanted = [(LinkKind.PEPPER, pepper, None), (LinkKind.CELL, cell, None), (LinkKind.OBJECT, video, None)]
    ((chain, keys),) = custody.mint_with([subject], [wanted])
    custody.keyring.add([chain], fence=custody.current)
    values = {NAME: Plaintext.of("张三"), MOBILE: Plaintext.of("13800138000")}
    cell_row = CellRow(cell, subject, PURPOSE, "file", CellKind.OWN, None, 0, b"")
    sealed = seal_cell(INTL, keys[1], cell_row.binding(INSTITUTION), values)
    video_row = ObjectRow(video, subject, PURPOSE, "file", VIDEO, 5, b"", 0)
    digest = objects.put(video, seal_object(INTL, keys[2], video_row.binding(INSTITUTION), [b"frame"]))
    yield Vault(
        Door(INSTITUTION, custody, objects),
        custody,
        subject,
        replace(cell_row, sealed=sealed),
        replace(video_row, digest=digest),
    )
    custody.keyring.close()  # type: ignore[attr-defined]  # the port does not promise it


def _frames(vault: Vault, recorded: Recorded, row: ObjectRow) -> bytes:
    return b"".join(part.reveal() for part in vault.door.open_object(recorded, row))


def test_a_recorded_permit_opens_its_items(vault: Vault) -> None:
    """The items that the decision names come out, the other stays closed."""
    recorded = Recorded(vault.permit(), size=5, covered=5)
    assert vault.door.open(recorded, [vault.cell]).values == {vault.subject: {NAME: Plaintext.of("张三")}}
    assert _frames(vault, recorded, vault.video) == b"frame"
    assert not vault.door.open(recorded, []).values


def test_a_chain_that_was_opened_for_the_record_serves_only_while_its_row_stands(vault: Vault) -> None:
    """Erased in part or whole between record and opening: what was opened before does not open the cell."""
    recorded = Recorded(vault.permit(), size=5, covered=5)
    named = vault.door.witness([vault.subject], new(EventId))
    before = dict(named.chains)
    assert vault.door.open(recorded, [vault.cell], before).values[vault.subject]
    keyring, fence = vault.custody.keyring, vault.custody.current
    (chain,) = keyring.get([vault.subject]).values()
    less = vault.custody.rekey(vault.custody.open(chain), {vault.video.object_id})
    keyring.replace([chain], [less], fence=fence)
    with pytest.raises(NotFound):
        vault.door.open(recorded, [vault.cell], before)
    keyring.remove([less], fence=fence)
    with pytest.raises(NotFound):
        vault.door.open(recorded, [vault.cell], before)


def test_a_permit_is_confirmed_by_the_commit_only() -> None:
    """A proposal whose leaf lies beyond what was committed is a claim, not a record."""
    decision = Decision(
        permitted=True,
        reasons=(Reason("r", "a"),),
        purpose=PurposeCode(PURPOSE),
        version=1,
        items=frozenset(),
        form=Form("masked"),
    )
    proposed = Proposed(decision, frozenset(), frozenset(), leaf=4)
    assert Recorded.confirm(Committed(proposed, size=5, covered=3)) == Recorded(proposed, 5, 3)
    for size in (0, 4):
        with pytest.raises(Tampered):
            Recorded.confirm(Committed(proposed, size=size, covered=0))


def test_a_denial_on_record_opens_nothing(vault: Vault) -> None:
    """A recorded decision that denies is refused with its reasons."""
    recorded = Recorded(vault.permit(permitted=False), size=5, covered=5)
    with pytest.raises(Refused) as caught:
        vault.door.open(recorded, [vault.cell])
    assert caught.value.reasons == (("R-1", "PIPL 6(1)"),)
    with pytest.raises(Refused):
        _frames(vault, recorded, vault.video)


@pytest.mark.parametrize("covered", [0, 3, 4])
def test_raw_values_wait_for_a_signed_checkpoint(vault: Vault, covered: int) -> None:
    """Leaf 4 is covered by a checkpoint of size 5, and by none below."""
    proposed = vault.permit("raw")
    with pytest.raises(Refused, match="checkpoint"):
        vault.door.open(Recorded(proposed, size=5, covered=covered), [vault.cell])
    with pytest.raises(Refused, match="checkpoint"):
        _frames(vault, Recorded(proposed, size=5, covered=covered), vault.video)
    assert vault.door.open(Recorded(proposed, size=5, covered=5), [vault.cell]).values[vault.subject]


def test_another_person_purpose_or_item_is_refused(vault: Vault) -> None:
    """What the record does not name stays closed, and one such row closes the whole call."""
    recorded = Recorded(vault.permit(), size=5, covered=5)
    for row in (replace(vault.cell, subject=new(SubjectId)), replace(vault.cell, purpose="marketing")):
        with pytest.raises(Refused):
            vault.door.open(recorded, [vault.cell, row])
    for video in (
        replace(vault.video, subject=new(SubjectId)),
        replace(vault.video, purpose="marketing"),
        replace(vault.video, item="identity.id_photo"),
    ):
        with pytest.raises(Refused):
            _frames(vault, recorded, video)


def test_a_row_that_was_relabelled_does_not_open(vault: Vault) -> None:
    """A row whose purpose was edited to one that the record names is seen as moved."""
    proposed = replace(vault.permit(), purposes=frozenset({PURPOSE, "marketing"}))
    recorded = Recorded(proposed, size=5, covered=5)
    with pytest.raises(Tampered):
        vault.door.open(recorded, [replace(vault.cell, purpose="marketing")])
    with pytest.raises(Tampered):
        _frames(vault, recorded, replace(vault.video, purpose="marketing"))


def test_a_person_erased_between_record_and_door_is_not_found(vault: Vault) -> None:
    """When the key is gone the record opens nothing: first the cell's alone, then the whole chain."""
    recorded = Recorded(vault.permit(), size=5, covered=5)
    keyring = vault.custody.keyring
    chain = keyring.get([vault.subject])[vault.subject]
    left = vault.custody.rekey(vault.custody.open(chain), ())
    keyring.replace([chain], [left], fence=vault.custody.current)
    with pytest.raises(NotFound):
        vault.door.open(recorded, [vault.cell])
    with pytest.raises(NotFound):
        _frames(vault, recorded, vault.video)
    keyring.remove([left], fence=vault.custody.current)
    with pytest.raises(NotFound):
        vault.door.open(recorded, [vault.cell])
    with pytest.raises(NotFound):
        _frames(vault, recorded, vault.video)


def test_witnessing_commits_to_everybody_once(vault: Vault) -> None:
    """The commitments are those of peppers and event, sorted; naming somebody twice names them once."""
    event_id = EventId(b"e" * 16)
    chain = vault.custody.open(vault.custody.keyring.get([vault.subject])[vault.subject])
    pepper = chain.pepper()
    assert pepper is not None
    commitment = commit_to(blinding(pepper[1], event_id), vault.subject)
    for named in ([vault.subject], [vault.subject, vault.subject]):
        witnessed = vault.door.witness(named, event_id)
        assert witnessed.members == (commitment,)
        assert witnessed.root == member_root([commitment])[0]
        assert witnessed.joined == commitment
        assert witnessed.subjects == (vault.subject,)


def test_commitments_of_two_events_have_nothing_in_common(vault: Vault) -> None:
    """The same person in another event has another commitment."""
    first, second = (vault.door.witness([vault.subject], new(EventId)) for _ in range(2))
    assert first.members != second.members


def test_nobody_unknown_or_forgotten_is_witnessed(vault: Vault) -> None:
    """Somebody without a key chain, or without a pepper, is not found, also beside somebody known."""
    with pytest.raises(NotFound):
        vault.door.witness([vault.subject, new(SubjectId)], new(EventId))
    forgotten = vault.custody.mint(new(SubjectId)).chain
    vault.custody.keyring.add([forgotten], fence=vault.custody.current)
    with pytest.raises(NotFound):
        vault.door.witness([forgotten.subject], new(EventId))


def test_an_edge_opens_with_both_people_and_dies_with_either(vault: Vault) -> None:
    """Who named whom is opened with both keys; once the named person is gone it is not found."""
    custody, named, namer, cell = vault.custody, new(SubjectId), new(SubjectId), new(CellId)
    made = custody.mint_with([named, namer], [[], [(LinkKind.EDGE, cell, named)]])
    custody.keyring.add([chain for chain, _ in made], fence=custody.current)
    row = CellRow(cell, namer, PURPOSE, "file", CellKind.EDGE, named, 0, b"")
    values = {NAME: Plaintext.of("朋友")}
    row = replace(row, sealed=seal_cell(INTL, made[1][1][0], row.binding(INSTITUTION), values))
    recorded = Recorded(replace(vault.permit(), subjects=frozenset({namer})), size=5, covered=5)
    with pytest.raises(Refused, match="does not name"):
        vault.door.open(recorded, [row])
    recorded = Recorded(replace(vault.permit(), subjects=frozenset({namer, row.other, vault.subject})), 5, 5)
    assert vault.door.open(recorded, [row]).statements == {(namer, row.other): values}
    with pytest.raises(Tampered):
        vault.door.open(recorded, [replace(row, other=vault.subject)])
    custody.keyring.remove([made[0][0]], fence=custody.current)
    with pytest.raises(NotFound):
        vault.door.open(recorded, [row])


@pytest.mark.parametrize("change", [{"term": "other"}, {"kind": CellKind.EDGE}, {"cell": CellId(b"?" * 16)}])
def test_a_row_whose_other_columns_were_edited_does_not_open(vault: Vault, change: dict[str, Any]) -> None:
    """Another term, kind or cell in the row is seen: it would change how long the data is kept."""
    recorded = Recorded(vault.permit(), size=5, covered=5)
    with pytest.raises((Tampered, NotFound)):
        vault.door.open(recorded, [replace(vault.cell, **change)])
