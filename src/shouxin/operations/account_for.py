"""Account for what was done with a person's data: every opening, each with its proof (PIPL 44, 45, 50).

What is handed out opens exactly the entries about this person: for each, the blinding of that one event, the list
position of their commitment, and the inclusion proof under a checkpoint. It can be checked without us, and it says
nothing about anybody else in the same event.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from shouxin.actors.account import Token
from shouxin.domain.clock import Instant
from shouxin.domain.event import Event
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import NotFound, Tampered
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.commitment import MemberProof, blinding, commit_to, member_proof, verify_member
from shouxin.ledger.entry import decode
from shouxin.ledger.proof import ProofFile, inclusion_proof, verify_inclusion
from shouxin.ledger.tree import leaf_hash
from shouxin.operations.acting import begin
from shouxin.operations.subjects import resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["Covering", "Opening", "account_for", "evidence_of", "opening_row"]


@dataclass(frozen=True, slots=True)
class Opening:
    """One entry about a person, with all that a stranger needs to check it.

    ``proof`` is a C2SP tlog-proof file, ``hashes`` are those in it. ``member`` is there for a disclosure (many people,
    one root) and not for an event about this person alone. ``subject`` is what the commitment commits to.
    """

    leaf: int
    entry: bytes
    event: Event
    subject: SubjectId
    blinding: bytes
    member: MemberProof | None
    proof: str
    hashes: tuple[bytes, ...] = ()

    @property
    def at(self) -> Instant:
        """When it happened."""
        return self.event.at


def _position(event: Event, members: bytes, commitment: bytes) -> MemberProof | None:
    """Return where ``commitment`` stands in the event; nothing if it is the event's only subject.

    Raises:
        Tampered: it does not stand there.
    """
    if "subject" in event.facts:
        if event.facts["subject"] != commitment.hex():
            raise Tampered("an entry that should be about this person is about another")
        return None
    listed = [members[at : at + 32] for at in range(0, len(members), 32)]
    proof = member_proof(listed, commitment)
    root, count = event.facts["members"], event.facts["count"]
    if not isinstance(root, str) or not isinstance(count, int):
        raise Tampered("a disclosure in the log has no members")
    verify_member(commitment, proof, bytes.fromhex(root), count)
    return proof


class Covering:
    """The signed checkpoints, read and checked once, and the tiles of one snapshot: for proofs of many people.

    Neighbouring entries share almost all of their tiles.
    """

    def __init__(self, workspace: Workspace, records: Records) -> None:
        notes = (workspace.publication.checkpoint(), workspace.shelf.get())
        self._heads = [(note, workspace.head.open(note)) for note in notes if note is not None]
        self.tile = cache(records.ledger.tile)

    def over(self, leaves: list[int]) -> tuple[str, Checkpoint]:
        """Return a signed checkpoint that covers ``leaves``, and what it says; the cosigned one if it does."""
        for note, head in self._heads:
            if head.size > max(leaves, default=0):
                return note, head
        raise Tampered("an entry is not covered by any signed checkpoint")


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
    note, head = covering.over(leaves)
    size, root = head.size, head.root
    chain = workspace.custody.keyring.get([subject]).get(subject)
    pepper = None if chain is None else workspace.custody.open(chain).pepper()
    if pepper is None:
        raise NotFound("the accountability for this person has ended")
    openings: list[Opening] = []
    for leaf in leaves:
        entry = records.ledger.entry(leaf)
        event = decode(entry)
        blind = blinding(pepper[1], event.event_id)
        member = _position(event, records.cells.members_of(leaf), commit_to(blind, subject))
        hashes = inclusion_proof(leaf, size, covering.tile)
        verify_inclusion(leaf_hash(entry), leaf, size, hashes, root)
        openings.append(Opening(leaf, entry, event, subject, blind, member, str(ProofFile(leaf, hashes, note)), hashes))
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
        NotFound: no such person. Refused, NotSignedIn: the caller may not.
    """

    def note_it(records: Records) -> None:
        begin(workspace, records, token).need("dpo", "rights_desk", "auditor")

    workspace.data.transact(note_it, covered=True)

    def work(records: Records) -> list[Opening]:
        resolve_subject(workspace, records, subject)
        return evidence_of(workspace, records, subject, records.cells.openings_of(subject))

    return workspace.data.read(work)
