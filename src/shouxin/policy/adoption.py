"""What was adopted: a card's text as an authority row says it, with the version in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from shouxin.domain.clock import Instant
from shouxin.policy.card import Card, read_card

__all__ = ["AdoptedCard", "asks_again", "widened"]

_SETS: Final = ("items", "roles", "recipients", "locations", "draws_on")
_SWITCHES: Final = ("automated", "separate_consent", "published", "public_place_images")
_TEXTS: Final = (
    "title_zh",
    "title_en",
    "explanation_zh",
    "explanation_en",
    "automated_explanation_zh",
    "automated_explanation_en",
)
_TEXTS_CHANGED: Final = ("title and explanation",)
_LATER: Final = ("collection", "end_of_relationship")  # the same number of days, counted from a later event


@dataclass(frozen=True, slots=True)
class AdoptedCard:
    """The text of a card that the institution adopted, when, and under which law pack (digest).

    ``stands`` is false after a restore that lost a later version: it must be adopted again before it is used.
    ``earlier`` are the texts of the versions before: what was kept under them is kept as they promised.
    """

    text: str
    adopted: Instant
    pack: str
    stands: bool = True
    earlier: tuple[str, ...] = ()

    def card(self) -> Card:
        """Read the card again; what was adopted once reads always."""
        return _read(self.text)

    def versions(self) -> tuple[Card, ...]:
        """Read every version that was ever adopted, oldest first."""
        return tuple(map(_read, (*self.earlier, self.text)))

    def followed_by(self, text: str, now: Instant, pack: str) -> AdoptedCard:
        """Return what stands once ``text`` is adopted in place of this version."""
        return AdoptedCard(text, now, pack, earlier=(*self.earlier, self.text))


def asks_again(versions: Sequence[Card], shown: int) -> bool:
    """Say whether whoever was shown the version ``shown`` must be told and asked again before the last of ``versions``.

    ``versions`` are all that were ever adopted, oldest first; one that is not among them was shown to nobody. A change
    of words counts wherever on the way it was made, unless the officer declared the version that made it to change
    words only (``wording_only``).

    **Source:** PIPL 14(2), 17(2), 23; 网络数据安全管理条例 22(1)(6).
    """
    at = next((at for at, one in enumerate(versions) if one.version == shown), None)
    if at is None:
        return True
    later = versions[at:]
    if len(later) == 1:
        return False
    said = any(_says_otherwise(one, after) for one, after in pairwise(later))
    return said or bool(_grown(later[0], later[-1]))


def widened(before: Card, after: Card) -> tuple[str, ...]:
    """Return the fields by which ``after`` does more with people's data than ``before``, or something else.

    More items, forms, recipients, places or sources, a longer ceiling, another basis or other words, a program that
    decides now, a separate consent that was not asked for, publishing, images from public places.
    """
    return (*_grown(before, after), *(_TEXTS_CHANGED if _says_otherwise(before, after) else ()))


def _grown(before: Card, after: Card) -> tuple[str, ...]:
    found = [name for name in _SETS if not set(getattr(after, name)) <= set(getattr(before, name))]
    found += ["retention"] if _kept_longer(before, after) else []
    found += ["lawful_basis"] if before.lawful_basis != after.lawful_basis else []
    found += [name for name in _SWITCHES if getattr(after, name) and not getattr(before, name)]
    return tuple(found)


def _kept_longer(before: Card, after: Card) -> bool:
    had = {item: term for term in before.retention.values() for item in term.items}
    for term in after.retention.values():
        for item in term.items:
            was = had.get(item)
            if was is not None and (term.ceiling_days > was.ceiling_days or (was.starts, term.starts) == _LATER):
                return True
    return False


def _says_otherwise(before: Card, after: Card) -> bool:
    return not after.wording_only and any(getattr(before, name) != getattr(after, name) for name in _TEXTS)


@lru_cache(maxsize=1024)
def _read(text: str) -> Card:
    return read_card(text, "adopted card")[0]
