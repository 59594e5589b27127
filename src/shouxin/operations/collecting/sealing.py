"""From what is to be kept to sealed rows: keys first, then tags, then cells with their events.

The order is what makes a crash harmless. Keys are durable before what they seal; index rows before the cells to which
they lead; cells, authority rows and events in one transaction. What a crash leaves behind is a key without a cell or
a tag without a subject: both open and answer nothing, and the reaper removes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, EventId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.errors import Fenced
from shouxin.keys.chain import Chain, LinkKind
from shouxin.keys.custody import OpenChain, Wanted
from shouxin.ledger.commitment import blinding, commit_to
from shouxin.operations.acting import Act, row_facts
from shouxin.operations.collecting.intake import Portion
from shouxin.operations.consenting.choose import Asking, Choice, consents_for
from shouxin.operations.index_age import check_index, note_index
from shouxin.operations.keyring_age import check_keyring_now
from shouxin.operations.rekeying import still_held
from shouxin.operations.subjects import change_subject
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.retention.resolve import Relationship, longer
from shouxin.vault.cell import Binding, seal_cell
from shouxin.vault.index import INDEXED
from shouxin.vault.records import CellKind, CellRow, Records, Subject, SubjectState

__all__ = ["Draft", "Drawn", "draw_keys", "tags_of", "write_drafts"]


@dataclass(slots=True)
class Draft:
    """One person about to be kept.

    ``existing`` is their chain if they are known already; ``leads`` counts the lines of a source that led here;
    ``tag`` is the blind tag of their identity number; ``edges`` are statements about another of the same batch.
    """

    subject: SubjectId
    portions: list[Portion]
    choices: list[Choice] = field(default_factory=list)
    relationship: Relationship | None = None
    edges: list[tuple[SubjectId, Portion]] = field(default_factory=list)
    existing: Chain | None = None
    leads: int = 0
    tag: bytes | None = None
    tags: dict[int, list[bytes]] = field(default_factory=dict)
    cells: list[CellId] = field(default_factory=list)
    edge_cells: list[CellId] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The keys drawn for one draft: its pepper, and its cells' and edges' keys by cell."""

    pepper: bytes
    keys: Mapping[CellId, bytes]


def draw_keys(workspace: Workspace, drafts: Sequence[Draft]) -> list[Drawn]:
    """Make chains for new people, extend those of known ones; durable on return, index rows too.

    Raises:
        Fenced: the epoch moved on; draw again. RolledBack: index or keyring is an old copy; nothing was drawn.
    """
    workspace.data.read(partial(check_index, workspace))
    check_keyring_now(workspace)
    custody = workspace.custody
    fence = custody.refresh()
    for draft in drafts:
        draft.cells = [new(CellId) for _ in draft.portions]
        draft.edge_cells = [new(CellId) for _ in draft.edges]
    fresh = [draft for draft in drafts if draft.existing is None]
    known = {draft.subject: custody.open(draft.existing) for draft in drafts if draft.existing is not None}
    peppers = [new(CellId) for _ in fresh]
    minted = custody.mint_with(
        [draft.subject for draft in fresh],
        [_wanted(draft, pepper) for draft, pepper in zip(fresh, peppers, strict=True)],
        known,
    )
    drawn: dict[SubjectId, Drawn] = {}
    for draft, (_, keys) in zip(fresh, minted, strict=True):
        drawn[draft.subject] = Drawn(keys[0], dict(zip((*draft.cells, *draft.edge_cells), keys[1:], strict=True)))
    custody.keyring.add([chain for chain, _ in minted], fence=fence, pending=True)
    named = _named(drafts)
    known |= {chain.subject: custody.open(chain) for chain, _ in minted if chain.subject in named}
    for draft in drafts:
        if draft.existing is not None:
            drawn[draft.subject] = _extend(workspace, draft, draft.existing, known)
    _index(workspace, drafts)
    return [drawn[draft.subject] for draft in drafts]


def _named(drafts: Iterable[Draft]) -> set[SubjectId]:
    """Return whom people who are known already name."""
    return {other for draft in drafts if draft.existing is not None for other, _ in draft.edges}


def _wanted(draft: Draft, pepper: CellId) -> list[Wanted]:
    cells: list[Wanted] = [(LinkKind.CELL, cell, None) for cell in draft.cells]
    named = zip(draft.edge_cells, draft.edges, strict=True)
    edges: list[Wanted] = [(LinkKind.EDGE, cell, other) for cell, (other, _) in named]
    return [(LinkKind.PEPPER, pepper, None), *cells, *edges]


def _extend(workspace: Workspace, draft: Draft, existing: Chain, open_: Mapping[SubjectId, OpenChain]) -> Drawn:
    """Add keys to the chain of somebody who is known already."""
    custody = workspace.custody
    opened = open_[draft.subject]
    identifiers = (*draft.cells, *draft.edge_cells)
    keys = dict(zip(identifiers, custody.suite.new_keys(len(identifiers)), strict=True))
    links = [opened.wrap(LinkKind.CELL, cell, keys[cell]) for cell in draft.cells]
    for cell, (other, _) in zip(draft.edge_cells, draft.edges, strict=True):
        links.append(opened.wrap_edge(cell, keys[cell], open_[other]))
    custody.keyring.replace([existing], [opened.with_links(links)], fence=custody.current, pending=True)
    pepper = opened.pepper()
    return Drawn(pepper[1] if pepper else custody.suite.new_key(), keys)


def tags_of(workspace: Workspace, portion: Portion) -> dict[ItemCode, bytes]:
    """Return the tags of the values of a portion by which their person can be found, by item.

    Raises:
        Invalid: a value cannot be indexed; its place is the item.
    """
    inner, values = workspace.tagger.inner, portion.values
    return {item: inner(item, values[item].text()) for item in INDEXED if item in values}


def _index(workspace: Workspace, drafts: Iterable[Draft]) -> None:
    """Write the tags by which these people can be found; into every generation that is open."""
    inner: list[bytes] = []
    places: list[tuple[SubjectId, CellId]] = []
    for draft in drafts:
        for cell, portion in zip(draft.cells, draft.portions, strict=True):
            known = draft.tags.get(id(portion))
            tags = list(tags_of(workspace, portion).values()) if known is None else known
            inner += tags
            places += [(draft.subject, cell)] * len(tags)
    for epoch, cipher in workspace.generations():
        tags = workspace.tagger.outer(cipher, inner)
        workspace.index.add(epoch, ((tag, *place) for tag, place in zip(tags, places, strict=True)))


def _seal(workspace: Workspace, draft: Draft, drawn: Drawn, leaf: int) -> tuple[list[CellRow], bytes]:
    """Seal all cells of one draft; return the rows and one digest over their sealed bytes."""
    institution, suite = workspace.institution.institution_id, workspace.custody.suite
    digest = hashlib.sha256()
    rows: list[CellRow] = []
    own = [(cell, portion, None) for cell, portion in zip(draft.cells, draft.portions, strict=True)]
    named = [(cell, portion, other) for cell, (other, portion) in zip(draft.edge_cells, draft.edges, strict=True)]
    for cell, portion, other in (*own, *named):
        kind = CellKind.OWN if other is None else CellKind.EDGE
        binding = Binding(institution, draft.subject, portion.purpose, cell, portion.term, kind.value, other)
        sealed = seal_cell(suite, drawn.keys[cell], binding, portion.values)
        digest.update(sealed)
        rows.append(CellRow(cell, draft.subject, portion.purpose, portion.term, kind, other, leaf, sealed))
    return rows, digest.digest()


def write_drafts(
    workspace: Workspace,
    records: Records,
    act: Act,
    cards: Mapping[str, Card],
    drafts: Sequence[tuple[Draft, Drawn]],
    *,
    role: str = "collector",
    into: Collection[SubjectState] = (SubjectState.ACTIVE,),
) -> None:
    """Seal and store everything of ``drafts`` and record it: one leaf a person, one more a choice or relationship.

    ``role`` is in which the actor does it; ``into`` the states in which somebody who is known takes something in.
    """
    notary = workspace.notary
    askings = {purpose: (card, Asking(workspace, records, act, card)) for purpose, card in cards.items()}
    cells: list[CellRow] = []
    rows: dict[AuthorityKind, list[AuthorityRow]] = {}
    for draft, drawn in drafts:
        salt = new(EventId)
        if draft.existing is None:
            value = Subject(draft.subject, SubjectState.ACTIVE, act.now, relationship=draft.relationship)
            row = notary.write(AuthorityKind.SUBJECT, draft.subject, 1, value, subject=draft.subject)
            rows.setdefault(AuthorityKind.SUBJECT, []).append(row)
        else:
            known = records.authority.get(AuthorityKind.SUBJECT, draft.subject)
            if known is None or notary.read(known, Subject).state not in into:
                raise Fenced("somebody in this batch was erased or frozen meanwhile: collect again")
            still_held(workspace, draft.subject, [*draft.cells, *draft.edge_cells])
            row = _related(workspace, records, act, draft, known)
        sealed, digest = _seal(workspace, draft, drawn, records.ledger.size)
        cells += sealed
        records.record(
            act.event(
                EventKind.CELLS_SEALED,
                salt,
                role=role,
                subject=commit_to(blinding(drawn.pepper, salt), draft.subject).hex(),
                purposes=sorted({portion.purpose for portion in draft.portions}),
                items=sum(len(portion.values) for portion in draft.portions),
                sealed=digest.hex(),
                **row_facts(row),
            )
        )
        for kind, made in _told(workspace, records, askings, draft, drawn):
            rows.setdefault(kind, []).append(made)
    records.cells.add_cells(cells)
    for batch in rows.values():
        records.authority.add(batch)
    note_index(workspace, records)


def _told(
    workspace: Workspace,
    records: Records,
    askings: Mapping[str, tuple[Card, Asking]],
    draft: Draft,
    drawn: Drawn,
) -> Iterable[tuple[AuthorityKind, AuthorityRow]]:
    """Record what the person was told and chose; yield the rows."""
    for choice in draft.choices:
        if choice.purpose not in askings:  # told of a purpose that this plan does not collect for
            continue
        card, asking = askings[choice.purpose]
        if choice.silent and choice.agreed:  # said elsewhere, and recorded there
            continue
        known = draft.existing is not None
        if known and _told_already(workspace, records, card, draft.subject, choice):
            continue
        names = _names(draft.subject, drawn.pepper)
        row = asking.record(draft.subject, choice, names, known=known)
        yield AuthorityKind.CONSENT, row


def _names(subject: SubjectId, pepper: bytes) -> Iterator[tuple[EventId, str]]:
    """Yield, for one event after another, its salt and the commitment to the person."""
    while True:
        salt = new(EventId)
        yield salt, commit_to(blinding(pepper, salt), subject).hex()


def _told_already(workspace: Workspace, records: Records, card: Card, subject: SubjectId, choice: Choice) -> bool:
    """Say whether a person has been told of this version, and has agreed if they do now: nothing new is said then."""
    told = [one for one in consents_for(workspace, records, subject) if one.purpose == card.purpose]
    return any(one.version == card.version and (one.stands or not choice.agreed) for one in told)


def _related(workspace: Workspace, records: Records, act: Act, draft: Draft, known: AuthorityRow) -> AuthorityRow:
    """Return the row of a known person, with the relationship that this draft adds; the longer one counts."""
    value = workspace.notary.read(known, Subject)
    longest = longer(value.relationship, draft.relationship)
    if longest == value.relationship:
        return known
    return change_subject(workspace, records, act, known, replace(value, relationship=longest), "relationship")
