"""Gather one person's planned features and seal them to the institution: what leaves this machine.

Laws. Nothing but the sealed record is written. In it stand the planned items and whether the person agreed, and nothing
else: what the applicant's file has beyond the plan is dropped and told by its name. The raw address book is read, and
stays where it is.
"""

from __future__ import annotations

import base64
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from shouxin.edge.address_book import AddressBook
from shouxin.edge.features import FEATURES, features_of
from shouxin.edge.invitation import EDGE_FORMAT, EdgeInvitation, EdgeRecord, bound_to
from shouxin.keys.sealed_to import seal_to

__all__ = ["GatheredFeatures", "gather"]


@dataclass(frozen=True, slots=True)
class GatheredFeatures:
    """``content`` is the file that leaves; ``sent`` and ``dropped`` are names of fields."""

    content: bytes
    sent: tuple[str, ...]
    dropped: tuple[str, ...]


def gather(
    invitation: EdgeInvitation,
    applicant: Mapping[str, str],
    book: AddressBook,
    calls: Counter[str] | None = None,
    *,
    agreed: bool = False,
) -> GatheredFeatures:
    """Return what leaves of one person; ``applicant`` are their own items by code.

    Raises:
        Invalid: the invitation's key is none.
    """
    planned = frozenset(invitation.items)
    own = {name: value for name, value in applicant.items() if name in planned - FEATURES}
    asked = agreed and bool(invitation.agreed)
    fields = own | features_of(book, calls, planned, invitation.matching_key, agreed=asked)
    if invitation.agreed:
        fields[invitation.agreed] = "yes" if agreed else "no"
    record = msgspec.json.encode(EdgeRecord(secrets.token_hex(16), fields))
    sealed = seal_to(invitation.public_key, record, bound_to(invitation.institution, invitation.plan))
    content = f"{EDGE_FORMAT}\n".encode() + base64.b64encode(sealed) + b"\n"
    return GatheredFeatures(content, tuple(sorted(fields)), tuple(sorted(applicant.keys() - own.keys())))
