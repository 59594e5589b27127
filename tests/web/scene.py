"""A lender with requests that wait, an order about one person, a bulk order, and somebody erased: what pages show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shouxin.domain.identifiers import OrderId, RequestId
from shouxin.operations.deletion.decide import submit_order
from shouxin.operations.opening.approve import request_access
from tests.operations.deletion.house import House, house
from tests.web.served import Visitor
from tests.workspaces import PASSPHRASE


@dataclass
class Scene:
    """What stands in the inbox: ``request`` by an analyst, ``one`` and ``bulk`` by the rights desk."""

    house: House
    request: RequestId
    one: OrderId
    bulk: OrderId


def scene(tmp_path: Path) -> Scene:
    """Return the lender; person 5 is erased, persons 1 to 4 are to be."""
    place = house(tmp_path)
    bank = place.bank
    bank.take([1, 2, 3, 4, 5])
    bank.masked(bank.people[1], bank.people[5])
    request = request_access(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1], form="raw"))
    place.executed(place.cooled(place.wanted(bank.people[5])))
    one = place.drafted(place.wanted(bank.people[1]))
    bulk = place.drafted(place.wanted(*(bank.people[number] for number in (2, 3, 4))))
    for order in (one, bulk):
        submit_order(bank.workspace, place.desk, order)
    return Scene(place, request, one, bulk)


@dataclass
class Place:
    """A scene that is served, and its port."""

    scene: Scene
    port: int

    def visitor(self, name: str = "", language: str = "en") -> Visitor:
        """Somebody at a browser, signed in as ``name``."""
        visitor = Visitor(self.port, language=language)
        if name:
            assert visitor.sign_in(name, PASSPHRASE).status == 303
        return visitor
