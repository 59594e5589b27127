from __future__ import annotations

import dataclasses

import pytest

from shouxin.detection.finding import (
    CHECKSUM,
    CONTEXT,
    DICTIONARY,
    ITEM_OF,
    KINDS,
    RULES,
    SHAPE,
    Finding,
    FindingKind,
    Findings,
    score_of,
)
from shouxin.domain.items import taxonomy


def test_every_kind_leads_to_an_item_of_the_taxonomy() -> None:
    """A kind that the taxonomy could not grade would be found and then lost."""
    assert set(ITEM_OF) == set(KINDS)
    assert set(ITEM_OF.values()) <= set(taxonomy().items)


@pytest.mark.parametrize("kind", KINDS)
def test_evidence_only_raises_a_score(kind: FindingKind) -> None:
    """Each further piece of evidence leaves less doubt, and none makes certainty."""
    for bits in range(16):
        for more in (CHECKSUM, DICTIONARY, CONTEXT):
            assert score_of(kind, bits) <= score_of(kind, bits | more) < 1


def test_findings_in_columns_are_findings() -> None:
    """Iterating makes each row a finding with its item, score, evidence in words and the version of the rules."""
    columns = Findings.of([(0, 3, 21, SHAPE | CHECKSUM | DICTIONARY), (6, 30, 41, SHAPE)])
    assert len(columns) == 2
    first, second = columns
    assert first.kind == FindingKind.RESIDENT_ID
    assert (first.item, first.start, first.end) == ("identity.id_number", 3, 21)
    assert first.evidence == ("shape", "checksum", "dictionary")
    assert first.rules == RULES
    assert second.kind == FindingKind.MOBILE
    assert second.score < first.score


def test_a_base_moves_every_span() -> None:
    """Columns of a later block count from its place in the stream."""
    columns = dataclasses.replace(Findings.of([(6, 5, 16, SHAPE)]), base=1000)
    assert [(one.start, one.end) for one in columns] == [(1005, 1016)]
    assert list(columns.rows()) == [(6, 1005, 1016, SHAPE)]


def test_a_finding_holds_no_text() -> None:
    """A finding points; what it points at is in none of its fields."""
    assert {field.name for field in dataclasses.fields(Finding)} == {
        "kind",
        "item",
        "start",
        "end",
        "score",
        "evidence",
        "rules",
    }
