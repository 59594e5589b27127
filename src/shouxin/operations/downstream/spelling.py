"""How one identity may be written in somebody else's tables.

Laws of this file. Two spellings of one identity fold to one text; a search asks for every spelling that is listed here
and for what was given. A spelling that is not listed is not found: ``mentions`` and the detectors look for those.

Called by: ``walk``.
"""

from __future__ import annotations

from typing import Final

from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid
from shouxin.vault.index import INDEXED, normalise

__all__ = ["folded", "spellings"]

_MOBILE: Final = 11
_CARD_GROUP: Final = 4


def folded(item: ItemCode | None, value: str) -> str:
    """Return the one text that stands for all spellings of ``value``; empty for what identifies nobody."""
    text = value.strip()
    if not text or item is None or item not in INDEXED:
        return text
    try:
        return normalise(item, text)
    except Invalid:
        return ""


def spellings(item: ItemCode | None, value: str) -> list[str]:
    """Return the texts to search for, the value as given among them, each once."""
    found = dict.fromkeys((value, plain := folded(item, value)))
    kind = "" if item is None else str(item)
    if kind.endswith(".mobile") and len(plain) == _MOBILE:
        groups = (plain[:3], plain[3:7], plain[7:])
        bodies = (plain, " ".join(groups), "-".join(groups))
        found.update(dict.fromkeys(f"{head}{body}" for head in ("", "+86", "86", "0086") for body in bodies))
        found.update(dict.fromkeys(f"{head}{body}" for head in ("+86 ", "+86-", "86-") for body in bodies))
    elif kind == "contact.email":
        found.update(dict.fromkeys((plain.lower(), value.lower())))
    elif kind == "account.card_number":
        found[" ".join(plain[at : at + _CARD_GROUP] for at in range(0, len(plain), _CARD_GROUP))] = None
    elif kind == "identity.id_number":
        found.update(dict.fromkeys((plain.lower(), value.lower())))
    found.pop("", None)
    return list(found)
