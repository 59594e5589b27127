"""Account for what was done with a person's data: every opening, each with its proof (PIPL 44, 45, 50).

What is handed out opens exactly the entries about this person: for each, the blinding of that one event, the list
position of their commitment, and the inclusion proof under a checkpoint. It can be checked without us, and it says
nothing about anybody else in the same event.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

from shouxin.actors.account import Token
from shouxin.domain.clock import Instant
from shouxin.domain.event import Event
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import NotFound, Tampered
from shouxin.keys.chain import Chain
from shouxin.ledger.commitment import MemberProof, blinding, commit_to, member_proof, verify_member
from shouxin.ledger.entry import decode
from shouxin.ledger.proof import ProofFile
from shouxin.ledger.prover import Prover
from shouxin.ledger.tree import leaf_hash
from shouxin.operations.acting import begin
from shouxin.operations.keyring_age import check_has_chain
from shouxin.operations.subjects import resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["Covering", "Opening", "account_for", "evidence_of", "opening_row"]

# So many entries that nobody asked for are read sooner than another query is made.
_GAP: Final = 4


@dataclass(frozen=True, slots=True)
class Opening:
    """One entry about a person, with all that a stranger needs to check it.

    ``hashes`` prove it under ``checkpoint``. ``member`` is there for a disclosure (many people, one root) and not for
    an event about this person alone. ``subject`` is what the commitment commits to.
    """

    leaf: int
    entry: bytes
    event: Event
    subject: SubjectId
    blinding: bytes
    member: MemberProof | None
    hashes: tuple[bytes, ...]
    checkpoint: str

    @property
    def proof(self) -> str:
        """The proof as a file that other people's tools read (C2SP tlog-proof)."""
        return str(ProofFile(self.leaf, self.hashes, self.checkpoint))

    @property
    def at(self) -> Instant:
        """When it happened."""
        return self.event.at


def _position(event: Event, list_members: Callable[[], bytes], commitment: bytes) -> MemberProof | None:
    """Return where ``commitment`` stands in the event; nothing if it is the event's only subject.

    Raises:
        Tampered: it does not stand there.
    """
    if "subject" in event.facts:
        if event.facts["subject"] != commitment.hex():
            raise Tampered("an entry that should be about this person is about another")
        return None
    members = list_members()
    listed = [members[at : at + 32] for at in range(0, len(members), 32)]
    proof = member_proof(listed, commitment)
    root, count = event.facts["members"], event.facts["count"]
    if not isinstance(root, str) or not isinstance(count, int):
        raise Tampered("a disclosure in the log has no members")
    verify_member(commitment, proof, bytes.fromhex(root), count)
    return proof


class Covering:
    """The signed checkpoints, read and checked once, and what was proved under each: for proofs of many people.

    The chains of ``subjects`` and the entries at ``leaves`` are read in one go; any other is read alone.
    """

    def __init__(
        self,
        workspace: Workspace,
        records: Records,
        subjects: Collection[SubjectId] = (),
        leaves: Iterable[int] = (),
    ) -> None:
        notes = (workspace.publication.checkpoint(), workspace.shelf.get())
        tile = cache(records.ledger.tile)
        heads = [(note, workspace.head.open(note)) for note in notes if note is not None]
        self._heads = [(note, head.size, Prover(head.size, head.root, tile)) for note, head in heads]
        self._keyring = workspace.custody.keyring
        self._chains = self._keyring.get(list(subjects)) if subjects else {}
        self._ledger = records.ledger
        self._entries = {leaf: body for run in _runs(leaves) for leaf, body in self._ledger.entries(*run)}

    def over(self, leaves: list[int]) -> tuple[str, Prover]:
        """Return a signed checkpoint that covers ``leaves``, and who proves under it; the cosigned one if it does."""
        for note, size, prover in self._heads:
            if size > max(leaves, default=0):
                return note, prover
        raise Tampered("an entry is not covered by any signed checkpoint")

    def chain_of(self, subject: SubjectId) -> Chain | None:
        """Return a person's chain as the keyring holds it."""
        return self._chains.get(subject) or self._keyring.get([subject]).get(subject)

    def entry(self, leaf: int) -> bytes:
        """Return the bytes of one leaf. Raises ``Tampered`` when it is missing."""
        return self._entries.get(leaf) or self._ledger.entry(leaf)


def _runs(leaves: Iterable[int]) -> list[tuple[int, int]]:
    """Return ranges that hold all of ``leaves``, and few others: what was recorded together stands together."""
    runs: list[tuple[int, int]] = []
    for leaf in sorted(leaves):
        start, end = runs[-1] if runs else (leaf, leaf)
        if leaf <= end + _GAP and runs:
            runs[-1] = (start, leaf + 1)
        else:
            runs.append((leaf, leaf + 1))
    return runs


def evidence_of(
    workspace: Workspace,
    records: Records,
    subject: SubjectId,
    leaves: list[int],
    covering: Covering | None = None,
) -> list[Opening]:
    """Return the proof of each of ``leaves`` for ``subject``, under a checkpoint that witnesses saw where there is one.

    ``covering`` is shared by whoever proves something to many.

    Raises:
        NotFound: the person's accountability has ended. Tampered: a list or an entry is not what was recorded.
    """
    covering = covering or Covering(workspace, records)
    note, prover = covering.over(leaves)
    chain = covering.chain_of(subject)
    pepper = None if chain is None else workspace.custody.open(chain).pepper()
    if pepper is None:
        raise NotFound("the accountability for this person has ended")
    openings: list[Opening] = []
    for leaf in leaves:
        entry = covering.entry(leaf)
        event = decode(entry)
        blind = blinding(pepper[1], event.event_id)
        member = _position(event, partial(records.cells.members_of, leaf), commit_to(blind, subject))
        openings.append(Opening(leaf, entry, event, subject, blind, member, prover.prove(leaf, leaf_hash(entry)), note))
    return openings


def opening_row(opening: Opening) -> dict[str, Any]:
    """Return one entry as certificates and receipts hold it; what leads to the checkpoint is theirs to add."""
    member = opening.member
    return {
        "leaf": opening.leaf,
        "entry": opening.entry.decode(),
        "blinding": opening.blinding.hex(),
        "member": None
        if member is None
        else {
            "position": member.position,
            "count": member.count,
            "hashes": [one.hex() for one in member.hashes],
        },
    }


def account_for(workspace: Workspace, token: Token, subject: SubjectId) -> list[Opening]:
    """Return every disclosure and look-up of ``subject``, oldest first, each with its proof.

    Raises:
        NotFound: no such person. Refused, NotSignedIn: the caller may not. RolledBack: the keyring is an old copy.
    """

    def note_it(records: Records) -> None:
        begin(workspace, records, token).need("dpo", "rights_desk", "auditor")

    workspace.data.transact(note_it, covered=True)

    def work(records: Records) -> list[Opening]:
        resolve_subject(workspace, records, subject)
        check_has_chain(workspace, subject)
        return evidence_of(workspace, records, subject, records.cells.openings_of(subject))

    return workspace.data.read(work)
