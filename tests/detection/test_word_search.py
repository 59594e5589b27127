from __future__ import annotations

from importlib.util import find_spec

import pytest

from shouxin.detection.word_search import ID_BITS, WordSearch, searcher

WORDS = [("手机".encode(), ""), (b"qq", ""), (b"amount", "[^0-9]{0,20}[0-9]")]


@pytest.fixture(params=[False, True] if find_spec("hyperscan") else [False], ids=str)
def search(request: pytest.FixtureRequest) -> WordSearch:
    """Either search."""
    return searcher(WORDS, native=request.param)


def _places(hits: list[int]) -> set[tuple[int, int]]:
    return {(hit & ((1 << ID_BITS) - 1), hit >> ID_BITS) for hit in hits}


def test_words_are_found_in_any_case_and_inside_one_another(search: WordSearch) -> None:
    """Every place of every word, also overlapping."""
    data = "QqQ 手机 amount: 5".encode()
    hits, folds = search(data)
    assert _places(hits) == {(1, 0), (1, 1), (0, 4), (2, 11)}
    assert not folds


def test_a_word_that_stands_again_in_what_follows_it_is_found_twice(search: WordSearch) -> None:
    """Both lead to the same digit, and hyperscan tells only the first of matches that end together."""
    assert _places(search(b"Amount amount 5, amount 6")[0]) == {(2, 0), (2, 7), (2, 17)}
    assert _places(search(b"amount: 5")[0]) == {(2, 0)}


@pytest.mark.parametrize("text", ["１", "a\u200bb", "一三八0", "1 - 2", "a[at]b", "0A：1B：2"])
def test_what_may_need_folding_is_told(search: WordSearch, text: str) -> None:
    """Anything that folding might change is announced."""
    assert search(text.encode())[1]


def test_nothing_is_remembered(search: WordSearch) -> None:
    """A second search knows nothing of the first."""
    assert search(b"qq")[0]
    assert not search(b"")[0]
