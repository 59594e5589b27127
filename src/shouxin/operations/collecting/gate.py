"""The gate of a collection: the policy's decision on each person of a batch, and where what may be kept goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from shouxin.operations.acting import Act
from shouxin.operations.collecting.intake import Person, Router
from shouxin.policy.card import Card, Form
from shouxin.policy.decision import Question
from shouxin.policy.engine import Engine

__all__ = ["SEALED", "Gate"]

SEALED: Final = Form("sealed")


class Gate:
    """Decides for the people of one batch, and routes what may be kept; remembers, because records look alike."""

    def __init__(self, engine: Engine, act: Act, cards: Sequence[Card], days: int) -> None:
        self._engine = engine
        self._roles = act.actor.roles
        self._cards = cards
        self._permitted: set[tuple[object, ...]] = set()
        self.days = days
        self.portions = Router(cards, days).portions

    def permit(self, person: Person) -> None:
        """Ask the policy once for every purpose that will hold something of this person.

        Raises:
            Refused: with the rule and article; the record is set aside.
        """
        alike = (tuple(person.values), person.choices)
        if alike in self._permitted:
            return
        told = {choice.purpose: choice for choice in person.choices}
        for card in self._cards:
            items = frozenset(item for item in person.values if item in card.items)
            choice = told.get(card.purpose)
            agreed = choice is not None and choice.agreed
            if not items or (card.lawful_basis == "consent" and not agreed):
                continue
            question = Question(
                roles=self._roles,
                purpose=card.purpose,
                items=items,
                form=SEALED,
                consented=agreed,
                separate_consent=agreed and card.separate_consent,
                notified=choice is not None or card.delivers_notice,
            )
            self._engine.decide(question).enforce()
        self._permitted.add(alike)
