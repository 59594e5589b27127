"""Features of a clause: runs of words, families, frames; the longest member of a family counts."""

from __future__ import annotations

from shouxin.policy.clause_features import Families, features, length

CHINESE = Families({"保存": ("keep",), "永久": ("forever",), "永久保存": ("keep", "forever"), "我们": ("us",)})
ENGLISH = Families({"keep": ("keep",), "retain*": ("keep",), "for good": ("forever",), "good": ("praise",)})


def test_a_sentence_has_runs_families_and_frames() -> None:
    """Families stand with a number sign, frames keep the order in which they were said."""
    made = features("我们保存,永久", "zh", CHINESE)
    assert {"我们", "保存", "们保存", "#us", "#keep", "us>keep", "us>forever", "keep>forever"} <= made
    assert "forever>keep" not in made
    assert "存永" not in made


def test_the_longest_member_counts_and_words_are_known_by_how_they_begin() -> None:
    """What a longer member takes is not counted once more."""
    assert {"#keep", "#forever"} <= features("永久保存", "zh", CHINESE)
    assert "keep>forever" not in features("永久保存", "zh", CHINESE)
    made = features("retained for good", "en", ENGLISH)
    assert {"#keep", "#forever", "keep>forever", "'retain", "for good"} <= made
    assert "#praise" not in made
    assert "#praise" in features("a good thing", "en", ENGLISH)


def test_families_far_apart_make_no_frame() -> None:
    """The reach is bounded, and so is the time."""
    near, far = "us " + "us " * 8 + "keep", "keep " + "us " * 9 + "for good"
    families = Families({"us": ("us",), "keep": ("keep",), "for good": ("forever",)})
    assert "us>keep" in features(near, "en", families)
    assert "keep>forever" not in features(far, "en", families)


def test_the_number_of_a_clause_says_nothing() -> None:
    """A label in front is left out, and what is counted within is not."""
    assert features("第十四条我们保存", "zh", CHINESE) == features("我们保存", "zh", CHINESE)
    assert "十四" in features("我们保存十四天", "zh", CHINESE)


def test_short_sentences_are_not_taken_for_certain() -> None:
    """What the sum of weights is divided by grows with the features, and has a floor."""
    assert length(0) > 1
    assert length(360) == 20
