"""What to expect of an author whom the check has not met: each labelled set judged by weights learned without it.

``python -m bench.unseen_authors [zh|en ...]`` learns once for each set that is left out (``bench.learn_clauses``), and
tells what of that set is found and what false alarms there are, at several thresholds. The patterns and the ways of
saying in bench/clauses were written by people who had read the sets that stood open then, so this flatters; the first
runs in docs/agreement-check.md do not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import msgspec

from bench.agreement import tallies
from bench.learn_clauses import OWN, SETS, THRESHOLD, learn, read
from shouxin.policy import clause_scores
from shouxin.policy.agreement import LANGUAGES
from shouxin.policy.clause_features import Families

_ASIDE: Final = (-120, -90, -60, -30, 0, 30)  # hundredths from the threshold that is shipped


def judged(folder: Path, language: str, weights: dict[str, Any]) -> tuple[int, int, int, int]:
    """Return planted, found, false alarms and documents of one language of a set, by other weights than the shipped."""
    kept = msgspec.convert(weights, clause_scores._Weights)
    families = Families(kept.families)
    with (
        patch.object(clause_scores, "_weights", lambda _: kept),
        patch.object(clause_scores, "_families", lambda _: families),
    ):
        told = list(tallies(folder, f"{language}*.md"))
    planted, found = sum(one.planted for one in told), sum(one.found for one in told)
    return planted, found, sum(len(one.false) for one in told), len(told)


def unseen(language: str) -> Iterator[str]:
    """Yield a line for each set and threshold."""
    told = read(language)
    for name in SETS:
        weights = learn(language, told, name, 1)
        for aside in _ASIDE:
            moved = weights | {"threshold": THRESHOLD[language] + aside}
            planted, found, false, documents = judged(OWN.with_name(name), language, moved)
            yield f"{language} {name} at {moved['threshold']}: {found} of {planted}, {false} false in {documents}"


if __name__ == "__main__":
    for one in sys.argv[1:] or LANGUAGES:
        for line in unseen(one):
            print(line, flush=True)
