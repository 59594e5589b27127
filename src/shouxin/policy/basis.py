"""The article that a card rests on: whether it reads, stands in a text, and fits the basis that the card names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from shouxin.errors import Invalid, NotFound
from shouxin.policy.card import Card
from shouxin.policy.lawpack import REGIONS, LawPack, load_pack
from shouxin.policy.statutes import statute

__all__ = ["basis_faults"]

_CITED: Final = re.compile(r"(?:(?P<instrument>[A-Z][A-Z0-9-]*) )?(?P<article>\d{1,4}(?:\([0-9a-z]{1,2}\)){0,2})")
# The bases in the order of PIPL 13(1).
_ITEMS: Final = {
    "consent": 1,
    "contract": 2,
    "statutory_duty": 3,
    "emergency": 4,
    "public_interest": 5,
    "public": 6,
    "other_law": 7,
}
# A duty, and what another law provides, may be cited by the article that says so instead.
_BY_ANOTHER: Final = frozenset({"statutory_duty", "other_law"})
_WHERE: Final = "PIPL"
_REGION: Final = "cn"


def basis_faults(card: Card, pack: LawPack) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with ``basis_article``: the code of a remark, and the words that it is about.

    **Source:** PIPL 13(1), 17(1)(2) (people are told the basis).
    """
    cited = _cited(card.basis_article)
    if not cited:
        yield "basis-unreadable", card.basis_article[:60]
        return
    if _WHERE not in pack.instruments:  # another region's law is no ground to find fault with this one's articles
        return
    for instrument, article in cited:
        yield from _standing(instrument, article, pack)
    if pack.region == _REGION:
        yield from _fitting(card.lawful_basis, cited)


def _cited(written: str) -> list[tuple[str, str]]:
    """Return instrument and article of each citation (``PIPL 45(1), 45(3)``); nothing if one does not read."""
    found: list[tuple[str, str]] = []
    for one in re.split(r"[,、]\s*", written.strip()):
        read = _CITED.fullmatch(one)
        instrument = read and (read["instrument"] or (found[-1][0] if found else ""))
        if read is None or not instrument:
            return []
        found.append((instrument, read["article"]))
    return found


def _standing(instrument: str, article: str, pack: LawPack) -> Iterator[tuple[str, str]]:
    cites = f"{instrument} {article}"
    if instrument not in pack.instruments:
        yield "basis-unknown", cites
    elif not pack.instruments[instrument].text:
        yield "basis-unheld", cites
    else:
        try:
            statute(instrument, next(one for one in REGIONS if instrument in load_pack(one).instruments)).passage(
                article
            )
        except (NotFound, Invalid):
            yield "basis-unknown", cites


def _fitting(basis: str, cited: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    wanted = f"13(1)({_ITEMS[basis]})"
    of_bases = [article for instrument, article in cited if instrument == _WHERE and re.match(r"13(\(|$)", article)]
    if not of_bases:
        if basis not in _BY_ANOTHER:
            yield "basis-misfit", f"{_WHERE} {wanted}"
    elif not any(wanted.startswith(article) for article in of_bases):
        yield "basis-misfit", f"{_WHERE} {wanted}"
    elif wanted not in of_bases:
        yield "basis-imprecise", f"{_WHERE} {wanted}"
