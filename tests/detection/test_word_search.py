from __future__ import annotations

from importlib.util import find_spec

import pytest

from shouxin.detection import word_search
from shouxin.detection.word_search import ID_BITS, WordSearch, searcher

NATIVE = [False, True, None] if find_spec("hyperscan") else [False]
WORDS = [("手机".encode(), ""), (b"qq", ""), (b"amount", "[^0-9]{0,20}[0-9]")]


@pytest.fixture(params=NATIVE, ids=str)
def search(request: pytest.FixtureRequest) -> WordSearch:
    """Each search; none chosen is the one by bare words, as long as little was searched."""
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


# A word that begins as it ends, one of a single byte, and what may follow far away.
REPEATED = [(b"aba", "[^0-9]{0,90}[0-9]"), (b"q", "[^0-9\n]{0,9}[0-9]{1,3}"), ("号码".encode(), "[^0-9]{0,20}[0-9]{2}")]


@pytest.mark.skipif(NATIVE == [False], reason="there is one search only")
@pytest.mark.parametrize(
    "text",
    [
        "ababa 1",
        "abababa1",
        "ABAba" + "-" * 60 + "aba5",
        "qq Q 12",
        "q1qq345",
        "号码号码是号码 12",
        "aba号码号码q1",
        "",
    ],
)
@pytest.mark.parametrize("behind", [b"", b"." * 64])
def test_every_search_finds_what_stands_again_before_the_same_end(text: str, behind: bytes) -> None:
    """Also where words overlap themselves, and at the very end of the bytes."""
    data = text.encode() + behind
    slow, fast, first = (searcher(REPEATED, native=native) for native in NATIVE)
    assert _places(list(slow(data)[0])) == _places(list(fast(data)[0])) == _places(list(first(data)[0]))


@pytest.mark.skipif(NATIVE == [False], reason="there is one search only")
def test_a_search_that_has_seen_enough_goes_on_with_expressions(monkeypatch: pytest.MonkeyPatch) -> None:
    """It compiles them once, and what it finds stays the same."""
    built: list[int] = []
    expressions = word_search._by_expressions

    def counted(words: list[tuple[bytes, str]]) -> WordSearch:
        built.append(len(words))
        return expressions(words)

    monkeypatch.setattr(word_search, "_by_expressions", counted)
    monkeypatch.setattr(word_search, "_WORTH", 7)
    search, data = searcher(WORDS), b"qq amount: 1 amount"
    found = [(_places(list(search(data)[0])), list(built)) for _ in range(5)]
    assert found == [*[({(1, 0), (2, 3)}, [])] * 2, *[({(1, 0), (2, 3)}, [len(WORDS)])] * 3]
