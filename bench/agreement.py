"""The check of agreements: a text of fifty pages, and what was planted in labelled agreements and found.

The labelled agreements stand in tests/policy/agreements_blind and what is numbered beside it: NAME.md beside NAME.toml
with ``[[planted]]`` tables of ``kind`` and ``quote``, an exact part of the text, and ``lacks``, codes of what the text
should say and does not; each set by somebody who had not seen the check. A planted clause is found if a mark overlaps
its quote; a mark that overlaps none is a false alarm.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench.figure import at_least, at_most, figure
from bench.timing import each
from shouxin.policy.agreement import Marked, check_agreement
from shouxin.policy.lawpack import load_pack

AGREEMENTS = Path(__file__).resolve().parents[1] / "tests" / "policy" / "agreements"
BLIND = AGREEMENTS.with_name("agreements_blind")
# Sets that were blind once and are learned from now; and those that stay closed: only counts of them are looked at.
OPEN = {
    "paraphrased": BLIND,
    "in ordinary words": AGREEMENTS.with_name("agreements_blind2"),
    "in the third set": AGREEMENTS.with_name("agreements_blind3"),
    "in the fourth set": AGREEMENTS.with_name("agreements_blind4"),
    "in the fifth set": AGREEMENTS.with_name("agreements_blind5"),
    "in the sixth set": AGREEMENTS.with_name("agreements_blind6"),
    "in the seventh set, hidden on purpose": AGREEMENTS.with_name("agreements_blind7"),
}
CLOSED = {
    "in the eighth set, closed": AGREEMENTS.with_name("agreements_blind8"),
    "in the ninth set, closed": AGREEMENTS.with_name("agreements_blind9"),
}
OTHER_WORDS = AGREEMENTS.with_name("other_words.txt")
PAGES = {"zh": 40_000, "en": 150_000}  # characters on fifty pages; the English are 25,000 words
DAY = date(2026, 6, 15)


@dataclass(slots=True)
class Tally:
    """What came of one labelled agreement."""

    name: str
    planted: int = 0
    found: int = 0
    of_kind: int = 0
    lacking: int = 0
    lacks: int = 0
    told: int = 0
    missed: list[tuple[str, str]] = field(default_factory=list)
    false: list[Marked] = field(default_factory=list)


def judge(name: str, text: str, planted: list[dict[str, str]], lacks: Sequence[str] = ()) -> Tally:
    """Hold what is marked against what was planted; a label whose quote is not in the text is an error.

    ``lacks`` are codes of what the text should say and does not; ``told`` of the tally counts those that were told.
    """
    marked = check_agreement(text, load_pack("cn"), DAY)
    inside = [one for one in marked if one.end]
    absent = {mark.remark.code for mark in marked if not mark.end}
    tally = Tally(name, lacking=len(absent), lacks=len(lacks), told=len(absent & set(lacks)))
    spans = []
    for one in planted:
        begin = text.index(one["quote"])
        span = begin, begin + len(one["quote"])
        spans.append(span)
        there = [mark.remark.code for mark in inside if mark.start < span[1] and span[0] < mark.end]
        tally.planted += 1
        tally.found += bool(there)
        tally.of_kind += one["kind"] in there
        if not there:
            tally.missed.append((one["kind"], one["quote"]))
    tally.false = [mark for mark in inside if not any(mark.start < end and start < mark.end for start, end in spans)]
    return tally


def tallies(folder: Path, names: str = "*.md") -> Iterator[Tally]:
    """Yield a tally for each agreement of a folder; one without labels has nothing planted."""
    for path in sorted(set(folder.glob(names)) - set(folder.glob("README.md"))):
        labels = path.with_suffix(".toml")
        told = tomllib.loads(labels.read_text("utf-8")) if labels.exists() else {}
        yield judge(path.stem, path.read_text("utf-8"), told.get("planted", []), told.get("lacks", []))


def _fifty_pages(language: str) -> str:
    """Return agreements of one language, again and again, up to fifty pages."""
    own = "\n\n".join(path.read_text("utf-8") for path in sorted(AGREEMENTS.glob(f"{language}_*.md")))
    return (own + "\n\n") * (PAGES[language] // len(own)) + own[: PAGES[language] % len(own)]


def _rates(folder: Path, manner: str) -> tuple[list[dict[str, Any]], str]:
    if not any(folder.glob("*.md")):
        return [], "There is no folder of labelled agreements; found and false alarms were not measured."
    judged = list(tallies(folder))
    planted = sum(one.planted for one in judged) or 1
    found, false = sum(one.found for one in judged), sum(len(one.false) for one in judged)
    lacking = sum(one.lacking for one in judged)
    told, lacks = sum(one.told for one in judged), sum(one.lacks for one in judged)
    figures = [
        figure(f"planted clauses found, {manner}", 100 * found / planted, "%", goal=at_least(90)),
        figure(f"and of the kind that was planted, {manner}", 100 * sum(one.of_kind for one in judged) / planted, "%"),
        figure(f"false alarms a document, {manner}", false / len(judged), "marks", goal=at_most(2)),
        figure(f"false alarms in the worst document, {manner}", max(len(one.false) for one in judged), "marks"),
        figure(f"what documents lack, a document, {manner}", lacking / len(judged), "remarks"),
    ]
    return figures, (
        f"{manner.capitalize()}: {len(judged)} agreements with {planted} planted clauses, {found} found, {false} "
        "false alarms; what a document lacks has no place in its text and is counted apart"
        f"{f' ({told} of {lacks} that were labelled)' if lacks else ''}."
    )


def in_other_words() -> list[tuple[str, str, list[str]]]:
    """Return language, kind (or sound) and the codes marked, of each sentence in quite other words."""
    rows = [line.split("\t") for line in OTHER_WORDS.read_text("utf-8").splitlines() if not line.startswith("#")]
    pack = load_pack("cn")
    return [
        (language, kind, [mark.remark.code for mark in check_agreement(text, pack, DAY, language)])
        for language, kind, text in rows
    ]


def _alone() -> list[dict[str, Any]]:
    """Return how many of the sentences in quite other words are marked."""
    told = in_other_words()
    offending = [bool(codes) for _, kind, codes in told if kind != "sound"]
    sound = [bool(codes) for _, kind, codes in told if kind == "sound"]
    return [
        figure("clauses found, single sentences in quite other words", 100 * sum(offending) / len(offending), "%"),
        figure("sound single sentences in quite other words, marked", sum(sound), "marks"),
    ]


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; see the module."""
    pack = load_pack("cn")
    figures = []
    for language, name in (("zh", "Chinese"), ("en", "English")):
        text = _fifty_pages(language)
        check_agreement(text[:4000], pack, DAY)
        took = each(partial(check_agreement, text, pack, DAY), 1 if quick else 7)
        work = f"fifty pages in {name}, {len(text):,} characters"
        figures.append(figure(work, median(took), "s", goal=at_most(1)))
    rates = [_rates(folder, manner) for manner, folder in (CLOSED | OPEN).items()]
    return {
        "title": "Check of agreements",
        "figures": [*figures, *(one for found, _ in rates for one in found), *_alone()],
        "notes": [
            *(note for _, note in rates),
            "What to expect of a new text, the closed sets and the first runs in docs/agreement-check.md say.",
        ],
    }


if __name__ == "__main__":
    for one in tallies(Path(sys.argv[1]) if len(sys.argv) > 1 else BLIND):
        print(f"{one.name}: {one.found} of {one.planted} found, {one.of_kind} of the kind; {len(one.false)} false")
        for kind, quote in one.missed:
            print(f"  missed {kind}: {quote}")
        for mark in one.false:
            print(f"  false {mark.remark.code}, line {mark.line}: {mark.excerpt}")
