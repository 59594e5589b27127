from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from shouxin.detection.finding import NAMES
from shouxin.detection.names import model as module
from shouxin.detection.names.candidates import Family, Spans, named
from shouxin.detection.names.characters import characters
from shouxin.detection.names.features import BITS, LEXICON_BITS
from shouxin.detection.names.model import MODEL_FILE, best, model


def _score(text: str, name: str) -> float:
    seen = characters(text.encode())
    spans = named(seen)
    at = text.index(name)
    (place,) = np.flatnonzero((spans.starts == at) & (spans.ends == at + len(name)))
    return float(model().scores(seen, spans)[place])


def test_the_model_fits_its_features_and_is_small() -> None:
    """Tables for every family of the size that features point into, and a file of at most three megabytes."""
    assert [len(one) for one in model().weights] == [1 << BITS] * len(Family)
    assert len(model().lexicon) == 1 << LEXICON_BITS
    assert Path(module.__file__).with_name(MODEL_FILE).stat().st_size < 3_000_000


def test_a_name_scores_above_a_word() -> None:
    """The same surname before a given name and as the beginning of a word."""
    assert _score("借款人高志强，", "高志强") > 0 > _score("他很高兴地说", "高兴")


def test_the_best_of_a_group_must_be_above_nothing() -> None:
    """One of each group at most, the highest, and none where all are below zero."""
    spans = Spans(
        Family.NAME,
        np.array([0, 0, 4, 4]),
        np.array([2, 3, 6, 7]),
        np.array([0, 0, 1, 1]),
        np.zeros(4, np.int64),
    )
    assert best(spans, np.array([1.0, 2.0, -1.0, -2.0], np.float32)).tolist() == [False, True, False, False]


def test_the_card_is_of_this_model() -> None:
    """The card in the documents names the version that findings carry."""
    card = Path(__file__).parents[3] / "docs" / "models" / "names.md"
    assert re.search(rf"`{re.escape(NAMES)}`", card.read_text("utf-8"))
