"""Settle findings that overlap, and drop amounts that belong to nobody.

Laws. Of two findings that share a byte the one with the higher score stays; of equals the longer; of these the one
that begins first. The outcome does not depend on the order in which rows arrive. An amount stays if a finding that
names an account or a person stands within ``NEAR`` bytes.

Called by: both engines, on the rows of one block.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from shouxin.detection.finding import ORDINAL, FindingKind, Row, score_table

__all__ = ["IMPERSONAL", "NEAR", "settled", "winners"]

NEAR: Final = 160  # bytes, about one line of a log

_AMOUNT: Final = ORDINAL[FindingKind.AMOUNT]
IMPERSONAL: Final = frozenset(
    ORDINAL[kind] for kind in (FindingKind.AMOUNT, FindingKind.CREDIT_CODE, FindingKind.IPV4, FindingKind.IPV6)
)


def _strength(row: Row) -> tuple[float, int, int, int]:
    kind, start, end, evidence = row
    return -score_table()[kind][evidence], start - end, start, kind


def winners(cluster: list[Row]) -> list[Row]:
    """Return, of rows that hang together by overlapping, those that stay, by start."""
    kept: list[Row] = []
    starts: list[int] = []
    for row in sorted(cluster, key=_strength):
        place = bisect_left(starts, row[1])  # only neighbours can overlap: a hostile cluster is as long as its block
        before, after = place == 0 or kept[place - 1][2] <= row[1], place == len(kept) or row[2] <= kept[place][1]
        if before and after:
            kept.insert(place, row)
            starts.insert(place, row[1])
    return kept


def _apart(rows: Iterable[Row]) -> list[Row]:
    kept: list[Row] = []
    cluster: list[Row] = []
    reach = -1
    for row in sorted(set(rows), key=lambda row: row[1]):
        if row[1] >= reach:
            kept += winners(cluster) if len(cluster) > 1 else cluster
            cluster = []
        cluster.append(row)
        reach = max(reach, row[2])
    return kept + (winners(cluster) if len(cluster) > 1 else cluster)


def settled(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that stay, by start; no two overlap and every amount has an owner near."""
    kept = _apart(rows)
    if not any(row[0] == _AMOUNT for row in kept):
        return kept
    owners = [row[1] for row in kept if row[0] not in IMPERSONAL]

    def has_owner(row: Row) -> bool:
        place = bisect_left(owners, row[1] - NEAR)
        return place < len(owners) and owners[place] <= row[2] + NEAR

    return [row for row in kept if row[0] != _AMOUNT or has_owner(row)]
