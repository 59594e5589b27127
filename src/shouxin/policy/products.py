"""The kinds of product that a card may serve, and what each needs and never needs: data, and a closed list.

No wording of a card and no other basis makes an item necessary that no loan needs: somebody's belief, health,
whereabouts, calls, address book. Such an item is asked for on consent, on a card of its own, so that refusing it costs
nothing else (PIPL 6(2), 16).

Called by: ``lint``. **Source:** ``products.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from shouxin.domain.items import ItemCode, taxonomy
from shouxin.policy.card import Card, Form
from shouxin.policy.declared_toml import from_toml

__all__ = ["Product", "product_faults", "products"]

_BOOK: Final = "address_book"
_SEALED: Final = Form("sealed")


class Product(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of product. ``necessary``: what a list of the law says it needs, the only one that has such a list.

    ``usual``: items or whole kinds that such a loan is taken to need where no list of the law is known: a default of
    this product, from which nothing follows but advice. ``never``: codes or kinds beside those of all.
    """

    title_zh: str
    title_en: str
    necessary: tuple[ItemCode, ...] = ()
    usual: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    source: str = ""


# Of these no kind of loan shows a need: codes, or whole kinds.
_NEVER: Final = frozenset(
    {
        "identity.religion",
        "identity.ethnicity",
        "identity.health",
        "insurance.medical_record",
        "location.gps",
        "location.track",
        "communication.call_log",
        "communication.content",
        "device.apps",
        "behaviour.browsing",
        _BOOK,
    }
)


@cache
def products() -> Mapping[str, Product]:
    """Return every kind of product by its code."""
    text = (files("shouxin.policy") / "products.toml").read_text("utf-8")
    return from_toml(text, dict[str, Product], "products.toml")


def product_faults(card: Card) -> Iterator[tuple[str, str, str]]:
    """Yield what the kinds of product say against a card: the code of a remark, its field, and what it is about.

    A purpose that a law imposes may read whatever is kept of a person, to answer them or an authority. It is left out
    unless it takes data in itself, for products that it names or for all: no duty makes an item part of a loan.
    """
    unknown = [one for one in card.products if one not in products()]
    yield from (("product-unknown", "products", one) for one in unknown)
    keeps = card.retention or card.roles.get(_SEALED)
    if card.statutory and not keeps:
        return
    served = [products()[one] for one in card.products or products() if one in products()]
    never = _NEVER.union(*(one.never for one in served))
    unneeded = [code for code in card.items if code in never or taxonomy().item(code).kind in never]
    if unneeded and card.lawful_basis != "consent":
        book = [code for code in unneeded if taxonomy().item(code).kind == _BOOK]
        other = [code for code in unneeded if code not in book]
        yield from (("address-book-basis", "lawful_basis", ", ".join(book)) for _ in book[:1])
        yield from (("item-unneeded", "items", ", ".join(other)) for _ in other[:1])
    elif unneeded and len(unneeded) < len(card.items):
        yield "item-bundled", "items", ", ".join(unneeded)
    for one in (products()[code] for code in card.products if code in products()):
        listed = one.necessary or one.usual
        more = [code for code in card.items if not {code, taxonomy().item(code).kind} & {*listed, *unneeded}]
        if listed and more and card.lawful_basis == "contract":
            yield ("item-not-listed" if one.necessary else "item-beyond-usual"), "items", ", ".join(more)
