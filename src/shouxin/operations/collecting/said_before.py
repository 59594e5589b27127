"""What known people answered elsewhere, for a source that has no word about it.

A consent that was given at the desk carries what tonight's file brings, if the file is silent. A no in the file stays a
no. So does a no at the desk: ``operations.collecting.collect`` leaves out what a known person refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid
from shouxin.operations.acting import Act
from shouxin.operations.collecting.intake import Aside, Intake, Person
from shouxin.operations.consenting.carried import carried
from shouxin.operations.consenting.choose import Choice
from shouxin.operations.index_age import check_index
from shouxin.operations.opening.look_up import standing
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.policy.engine import Engine
from shouxin.vault.records import Records

__all__ = ["IDENTIFYING", "known_people", "with_answers"]

# The one identifier that says who somebody is; a mobile alone never merges two people.
IDENTIFYING: Final = ItemCode("identity.id_number")


def known_people(workspace: Workspace, seen: Records, inner: Iterable[bytes]) -> dict[bytes, SubjectId]:
    """Return who is known by which of the tags ``inner``; one question for all.

    Raises:
        RolledBack: the index is an old copy: who came since would be taken in twice.
    """
    asked = list(inner)
    found: dict[bytes, list[tuple[SubjectId, CellId]]] = {}
    for epoch, cipher in workspace.generations() if asked else []:
        outer = dict(zip(workspace.tagger.outer(cipher, asked), asked, strict=True))
        for tag, places in workspace.index.find_all(epoch, list(outer)).items():
            found.setdefault(outer[tag], []).extend(places)
    if asked:
        check_index(workspace, seen)
    return {tag: people[0] for tag, places in found.items() if (people := standing(workspace, seen, places))}


def with_answers(
    workspace: Workspace,
    seen: Records,
    act: Act,
    engine: Engine,
    cards: Sequence[Card],
    fresh: Sequence[Intake | Aside],
) -> list[Intake | Aside]:
    """Return ``fresh`` with the consents that stand of known people, for those of ``cards`` on which it is silent."""
    asking = [card for card in cards if card.lawful_basis == "consent"]
    wanted: dict[bytes, list[int]] = {}
    for at, record in enumerate(fresh):
        if isinstance(record, Intake) and _unsaid(record.person, asking):
            number = record.person.values.get(IDENTIFYING)
            try:
                tag = None if number is None else workspace.tagger.inner(IDENTIFYING, number.text())
            except Invalid:  # said of the record when it is taken
                continue
            if tag is not None:
                wanted.setdefault(tag, []).append(at)
    answered = list(fresh)
    for tag, subject in known_people(workspace, seen, wanted).items():
        for at in wanted[tag]:
            record = answered[at]
            if isinstance(record, Intake):
                yes = [
                    card.purpose
                    for card in _unsaid(record.person, asking)
                    if carried(workspace, seen, act, engine, card, subject).consented
                ]
                answered[at] = replace(record, person=_agreeing(record.person, yes))
    return answered


def _unsaid(person: Person, asking: Iterable[Card]) -> list[Card]:
    said = {choice.purpose for choice in person.choices if not choice.silent}
    return [card for card in asking if card.purpose not in said]


def _agreeing(person: Person, purposes: Sequence[str]) -> Person:
    """Return ``person`` with the yes that stands for each of ``purposes``; it was recorded where it was given."""
    if not purposes:
        return person
    others = tuple(choice for choice in person.choices if choice.purpose not in purposes)
    language = others[0].language if others else "zh"
    return replace(person, choices=(*others, *(Choice(one, language, agreed=True, silent=True) for one in purposes)))
