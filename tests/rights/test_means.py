"""By what it is seen who asks: the list, held against what it must agree with."""

from __future__ import annotations

import pytest

from shouxin.approvals.order import PROOFS
from shouxin.errors import Invalid
from shouxin.rights.kinds import KINDS, Assurance, Capacity, RightKind, shown_for
from shouxin.rights.means import MEANS, SHOWING, most_shown


def test_an_order_and_a_request_know_the_same_proofs() -> None:
    """One word, one meaning: what shows who asks for an order proves it to the desk too."""
    assert {one for one in PROOFS if SHOWING.get(one) is not Assurance.PROVEN} == {"rights-request"}


def test_every_kind_can_be_reached_and_every_paper_is_known() -> None:
    """No kind asks for what no means shows; papers of a capacity are in the list and show nobody."""
    assert all(any(level >= row.assurance for level in SHOWING.values()) for row in KINDS.values())
    papers = {paper for one in Capacity if one is not Capacity.ANYBODY for paper in shown_for(RightKind.DELETE, one)}
    assert {one for one, level in MEANS.items() if level is Assurance.NONE} == papers == MEANS.keys() - SHOWING.keys()


def test_the_best_of_them_counts() -> None:
    """Nothing shows nothing; two weak ones are no strong one; a word of one's own is none."""
    assert most_shown(()) is Assurance.NONE
    assert most_shown(("call-back", "two-identifiers", "kinship")) is Assurance.MATCHED
    assert most_shown(("stated", "id-document")) is Assurance.PROVEN
    with pytest.raises(Invalid):
        most_shown(("id-document", "hearsay"))
