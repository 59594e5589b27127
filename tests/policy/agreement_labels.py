"""What was planted in the fabricated agreements, read from the labels beside them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Labels:
    """The planted clauses, as ``kind`` and ``quote``, and the codes of what the document lacks."""

    planted: list[dict[str, str]] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)


def labels_of(path: Path) -> Labels:
    """Read the labels beside an agreement; one without labels is sound."""
    labels = path.with_suffix(".toml")
    return Labels(**tomllib.loads(labels.read_text("utf-8"))) if labels.exists() else Labels()
