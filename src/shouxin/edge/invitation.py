"""What the institution hands to an edge: which features it planned, the key to seal to, the key to make tokens with.

The matching key makes equal numbers meet as equal tokens and is a secret between institution and edge: whoever has it
can try numbers until one fits. It is a key of its own, of one plan, and opens nothing else. Called by both sides.
"""

from __future__ import annotations

from typing import Final

import msgspec

from shouxin.errors import Invalid

__all__ = ["EDGE_FORMAT", "EdgeInvitation", "EdgeRecord", "bound_to", "read_invitation"]

EDGE_FORMAT: Final = "shouxin-edge/1"
_KEY: Final = 32


class EdgeInvitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``items`` are the plan's; ``public_key`` and ``matching_key`` are 32 bytes each; ``agreed`` is the plan's field.

    ``agreed`` is the field by which the plan learns whether the person agreed to the matching; empty: it asks nobody,
    and no token is made.
    """

    format: str
    institution: str
    plan: str
    items: tuple[str, ...]
    public_key: bytes
    matching_key: bytes
    agreed: str = ""


class EdgeRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sealed of one person: ``key`` is random, so that the same record is taken once; ``fields`` are text."""

    key: str
    fields: dict[str, str]


def bound_to(institution: str, plan: str) -> bytes:
    """Return what every sealed record is bound to."""
    return f"{EDGE_FORMAT}\0{institution}\0{plan}".encode()


def read_invitation(data: bytes) -> EdgeInvitation:
    """Read an invitation as the institution wrote it.

    Raises:
        Invalid: it is none, or of another format.
    """
    try:
        found = msgspec.json.decode(data, type=EdgeInvitation)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Invalid("this is no invitation of an institution", "invitation") from None
    if found.format != EDGE_FORMAT or len(found.public_key) != _KEY or len(found.matching_key) != _KEY:
        raise Invalid("this invitation is of another format", "invitation")
    return found
