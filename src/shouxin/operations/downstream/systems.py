"""The lender's own databases, ready for one person: who they are is relayed to them and shown to nobody (law 1)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.operations.downstream.across import Downstream
from shouxin.operations.downstream.databases import OpenDatabase, StandingDatabase, connect
from shouxin.operations.downstream.report import Report
from shouxin.operations.downstream.walk import Trail
from shouxin.operations.opening.permit import Wish
from shouxin.operations.opening.relay import RELAYED, Relayed, relay
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card

__all__ = ["Systems"]

_MOBILE: Final = ItemCode("contact.mobile")
_CONTACT: Final = ItemCode("emergency.mobile")
# A contact's number is kept as another item and is a mobile all the same.
_AS: Final = {_MOBILE: (_MOBILE, _CONTACT)}


@dataclass(frozen=True, slots=True)
class Systems:
    """The databases that an operation reaches, and the purpose for which it tells them who somebody is.

    ``allowed`` are the items of the purpose's card.
    """

    opened: tuple[Downstream, ...]
    purpose: str
    allowed: frozenset[ItemCode]

    @classmethod
    def of(
        cls,
        standing: Collection[StandingDatabase],
        open_database: OpenDatabase,
        card: Card,
        left: Collection[str] = (),
    ) -> Systems:
        """Return the databases ready to be used, without those that are ``left`` to somebody."""
        wanted = [one for one in standing if one.name not in left]
        return cls(tuple(connect(wanted, open_database)), card.purpose, frozenset(card.items))

    def items(self) -> frozenset[ItemCode]:
        """Return the items by which any of the databases knows people."""
        named = {kind.item for one in self.opened for kind in one.dataset.identities.values() if kind.item}
        return frozenset(item for one in named for item in _AS.get(one, (one,)) if item in self.allowed)

    def tell(
        self, workspace: Workspace, token: Token, subject: SubjectId, work: Callable[[Trail], list[Report]]
    ) -> list[Report]:
        """Run ``work`` with what identifies a person; a disclosure in the form ``relayed``, recorded before.

        Every report says which of the items by which its database knows people the person disputes: what was found by
        these may be somebody else's (征信业管理条例 25(2)).

        Raises:
            Refused: the card lets nobody relay it. NotFound: the person is unknown or erased. As ``work`` raises.
        """

        def send(told: Relayed) -> list[Report]:
            own, disputed = told.values.get(subject, {}), told.disputed.get(subject, frozenset())
            known: dict[str, list[str]] = {}
            for one in self.opened:
                for name, kind in one.dataset.identities.items():
                    for item in _AS.get(kind.item or ItemCode(""), (kind.item,)):
                        if item is not None and item in own:
                            known.setdefault(name, []).append(own[item].text())
            reports = work(Trail.of({name: dict.fromkeys(found) for name, found in known.items()}))
            return [replace(one, disputed=self._known_by(one.dataset, disputed & own.keys())) for one in reports]

        return relay(workspace, token, Wish(self.purpose, self.items(), (subject,), RELAYED), send)

    def _known_by(self, name: str, items: Collection[ItemCode]) -> tuple[ItemCode, ...]:
        """Return those of ``items`` by which a database knows people."""
        kinds = [kind for one in self.opened if one.dataset.name == name for kind in one.dataset.identities.values()]
        known = {item for kind in kinds if kind.item for item in _AS.get(kind.item, (kind.item,))}
        return tuple(sorted(known & set(items)))
