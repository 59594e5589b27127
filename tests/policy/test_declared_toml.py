"""Whatever somebody declares in TOML reads, or is refused with its file and line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shouxin.errors import Invalid
from shouxin.operations.collecting.plan_file import read_plan
from shouxin.operations.downstream.reading import read_dataset
from shouxin.policy.card import read_card
from shouxin.policy.declared_toml import toml_tables
from shouxin.policy.source import read_source

READERS: dict[str, Callable[[str, str], object]] = {
    "card": read_card,
    "plan": read_plan,
    "source": read_source,
    "dataset": read_dataset,
    "tables": toml_tables,
}
HOSTILE = {
    "a number of five thousand digits": "a = 1\nb = " + "9" * 5000,
    "brackets nested deep": "a = 1\nb = " + "[" * 4000,
    "a key that stands twice": "a = 1\na = 2",
    "no value": "a = 1\nb =",
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_text_is_refused_with_file_and_line(reader: str, what: str) -> None:
    """Every reader says which file and line, and raises nothing else."""
    with pytest.raises(Invalid) as caught:
        READERS[reader](HOSTILE[what], "x.toml")
    assert caught.value.place == "x.toml:2"
