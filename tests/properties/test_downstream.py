"""Whoever is erased, in whatever portfolio: nothing of them stays, and every other row is byte for byte what it was."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.operations.downstream.act import erase_downstream
from shouxin.vault.erasure import Outcome
from tests.connectors.downstream.lender import Portfolio, build, contents, dataset, everywhere, terms, trail

DESCRIBED = dataset()
TERMS = terms(DESCRIBED)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 7), st.randoms(use_true_random=False), st.data())
def test_erasing_one_leaves_everybody_else_as_they_were(count: int, chance: Random, data: st.DataObject) -> None:
    """For random people with random references: the database is what the oracle says, twice over."""
    made = Portfolio(count, chance)
    who = data.draw(st.sampled_from(made.people))
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'lender.db'}"
        engine = build(address, made)
        assert contents(engine) == made.contents()
        assert everywhere(engine, who.customer_no)
        database = SqlDatabase(address)
        report = erase_downstream(database, DESCRIBED, trail(who), TERMS)
        assert contents(engine) == made.without(who.number)
        assert everywhere(engine, who.id_number) == everywhere(engine, who.customer_no) == []
        if not made.shared(who.mobile):
            assert report.outcome is Outcome.ERASED
            assert everywhere(engine, who.mobile) == []
        assert not report.after
        assert erase_downstream(database, DESCRIBED, report.trail, TERMS).outcome is not Outcome.ERASED
        assert contents(engine) == made.without(who.number)
