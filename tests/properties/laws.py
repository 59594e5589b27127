"""The five laws, held after a step or at the end of a story; files are searched without the code that wrote them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import CallerError, NotFound, Tampered
from shouxin.keys.chain import LinkKind
from shouxin.ledger.commitment import blinding, commit_to, member_root
from shouxin.ledger.entry import decode
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.policy.rule import Verified
from shouxin.vault.cell import open_cell
from shouxin.vault.erasure import NOT_IN_SCOPE, Outcome
from shouxin.vault.records import CellRow
from tests import recorded
from tests.operations.portfolio import MARK, WHO, contact_of
from tests.properties.story import CONTRACT, CUSTOMERS, Story

# Reasons for which a part is retained that are no rule of law: nobody asked, or it is another person's object.
NOT_LAW: Final = {NOT_IN_SCOPE, "depicted-with-another"}


def state_of(home: Path) -> list[Any]:
    """Return everything that the data store holds beside its log, read without the code that wrote it."""
    with sqlite3.connect(home / "data" / "data.db") as rows:
        names = [name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = sorted(set(names) - {"entries", "tiles", "log"})
        found = [(name, rows.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()) for name in kept]
    rows.close()
    assert {"cells", "subjects", "consents", "openings"} <= set(kept)
    return found


def law_one(story: Story, leaf: int, wish: Wish, named: set[SubjectId]) -> None:
    """What came out stands at ``leaf``: these people and nobody else, these items, this form; covered when raw."""
    workspace = story.bank.workspace
    event = decode(workspace.data.read(lambda records: records.ledger.entry(leaf)))
    assert event.kind is EventKind.DISCLOSURE_MADE
    facts = event.facts
    assert (facts["purpose"], facts["form"], facts["items"]) == (wish.purpose, str(wish.form), sorted(wish.items))
    members = []
    for subject, chain in workspace.custody.keyring.get(sorted(named)).items():
        pepper = workspace.custody.open(chain).pepper()
        assert pepper is not None
        members.append(commit_to(blinding(pepper[1], event.event_id), subject))
    assert (facts["count"], facts["members"]) == (len(named), member_root(sorted(members))[0].hex())
    if wish.form == "raw":
        note = workspace.shelf.get()
        assert note is not None
        assert workspace.head.open(note).size > leaf


def law_five(story: Story, reasons: Iterable[tuple[str, str]]) -> None:
    """Every reason is a rule of the pack that was read in its text, or a card's own; with the article it cites."""
    found = list(reasons)
    assert found
    for rule, article in found:
        if rule.startswith("card:"):
            _, purpose, form = rule.split(":")
            card = story.bank.workspace.engine.card(purpose)
            assert form in card.roles
            assert article == card.basis_article
            continue
        law = story.bank.workspace.pack.rule(rule)
        assert (law.verified, bool(law.quote), law.may_decide) == (Verified.TEXT, True, True)
        assert law.effective_from is not None
        assert law.effective_from <= date.today()  # noqa: DTZ011 - a statute begins on a day of the calendar
        assert article == law.cites


def law_four(story: Story, before: dict[bytes, CellRow], parts: Iterable[Any], outcome: str) -> None:
    """Each outcome agrees with what stands in the files: rows, keys, tags, objects."""
    home, custody = story.bank.home, story.bank.workspace.custody
    with sqlite3.connect(home / "data" / "data.db") as rows:
        held = {row[0] for row in rows.execute("SELECT cell FROM cells UNION SELECT object_id FROM objects")}
    rows.close()
    tagged: set[bytes] = set()
    for file in (home / "index").glob("*.db"):
        with sqlite3.connect(file) as tags:
            tagged |= {cell for (cell,) in tags.execute("SELECT cell FROM tags")}
        tags.close()
    keys = {link.identifier for chain in custody.keyring.all_chains() for link in custody.open(chain).links}
    stored = {bytes.fromhex(path.name) for path in (home / "data" / "objects").rglob("*") if path.is_file()}
    parts = list(parts)
    for part in parts:
        stands = part.identifier in held
        if part.outcome is Outcome.ERASED:
            assert not stands
            assert part.identifier not in keys | tagged | stored
            if part.identifier in before:
                story.gone.append(before[part.identifier])
                story.pieces.add(before[part.identifier].sealed[-40:])
        else:
            assert part.outcome is Outcome.RETAINED
            assert stands
            assert part.identifier in keys
            if part.rule not in NOT_LAW:
                law_five(story, [(part.rule, part.article)])
    asked = [part for part in parts if part.rule != NOT_IN_SCOPE]
    erased = [part for part in asked if part.outcome is Outcome.ERASED]
    everything = len(erased) == len(parts)
    expected = "nothing-found" if not asked else "retained" if not erased else "erased" if everything else ""
    assert outcome == (expected or "erased-in-part")


def opens(story: Story, row: CellRow, key: bytes) -> bool:
    """Say whether ``key`` opens a cell."""
    workspace = story.bank.workspace
    try:
        open_cell(workspace.custody.suite, key, row.binding(workspace.institution.institution_id), row.sealed)
    except Tampered:
        return False
    return True


def law_two(story: Story) -> None:
    """No key of today's keyring opens an old copy of what was erased; what was not erased opens to what is right."""
    workspace, bank = story.bank.workspace, story.bank
    chains = {chain.subject: workspace.custody.open(chain) for chain in workspace.custody.keyring.all_chains()}
    keys: dict[bytes, bytes] = {}
    for chain in chains.values():
        keys |= {link.identifier: chain.key(link.identifier) for link in chain.links if link.kind is not LinkKind.EDGE}
    rows = workspace.data.read(lambda records: records.cells.cells_of(list(chains)))
    for row in rows:
        if row.other is not None:
            edge = chains[row.subject].edge_key(row.cell, chains[row.other])
            keys[row.cell] = edge
        assert opens(story, row, keys[row.cell])
    for row in story.gone:
        assert not any(opens(story, row, key) for key in keys.values())
    for one in story.people.values():
        law = bank.wish(one.subject, purpose="rights.answer", items=WHO | CONTRACT)
        if any(known.erased for known in story.path(one.number)):
            with_error = attempt(lambda law=law: disclose(workspace, bank.tokens["rights_desk"], law))
            assert isinstance(with_error, NotFound)
            continue
        seen = disclose(workspace, bank.tokens["rights_desk"], law)
        assert set(seen.values.get(one.subject, {})) == set(one.values)
        held: dict[ItemCode, str] = {}
        for row in rows:
            if row.subject == one.subject and row.other is None:
                institution = workspace.institution.institution_id
                found = open_cell(workspace.custody.suite, keys[row.cell], row.binding(institution), row.sealed)
                held |= {item: value.text() for item, value in found.items()}
        assert held == one.values


def law_three(story: Story, audited: bool = True) -> None:
    """The audit is clean, and no leaf has a value or the identifier of a person, request, grant, cell or object."""
    workspace = story.bank.workspace
    if audited:
        assert verify_ledger(workspace).flaws == []
    leaves = recorded.bodies(workspace)
    log = b"\n".join(leaves).decode("ascii")
    with sqlite3.connect(story.bank.home / "data" / "data.db") as rows:
        tables = ("subjects", "requests", "grants", "consents", "accounts", "sign_ins", "erasures")
        named = {row[0].hex() for table in tables for row in rows.execute(f"SELECT identifier FROM {table}")}
        named |= {row[0].hex() for row in rows.execute("SELECT cell FROM cells UNION SELECT object_id FROM objects")}
        operations = {row[0].hex() for row in rows.execute("SELECT identifier FROM erasures")}
    rows.close()
    named |= {one.subject.hex() for one in story.people.values()}
    said = {text for one in story.people.values() for text in one.values.values()}
    said |= {value.text() for number in CUSTOMERS for value in contact_of(number)[0].values.values()} | {MARK}
    words = set(re.findall(r"[0-9a-f]{32,}", log))
    assert words, "the search must be able to find something"
    # An erasure is filed under its operation, which ties its intent to its outcome: that alone stands in both.
    assert operations <= words or not operations
    assert not [one for one in named - operations if one in log]
    assert not [text for text in said if text in log]
    for body in leaves:
        event = decode(body)
        rules = event.facts.get("rules", [])
        for rule in rules if isinstance(rules, list) else []:
            assert rule in NOT_LAW or rule.startswith("card:") or workspace.pack.rule(rule).may_decide


def attempt(act: Callable[[], object]) -> object:
    """Return what came of an act: its value, or the caller's error."""
    try:
        return act()
    except CallerError as error:
        return error
