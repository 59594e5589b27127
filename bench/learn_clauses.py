"""Learn what offending clauses are like, from sentences that the project makes itself.

``python -m bench.learn_clauses`` writes src/shouxin/policy/clause_weights_zh.json and clause_weights_en.json. It reads
bench/clauses (ways to say each kind of clause, and sound ones, with choices that are drawn by a fixed seed) and the
fabricated agreements in tests/policy/agreements. It never reads tests/policy/agreements_blind or what is beside it. The
same input gives the same weights, and one way more moves the others little: each way has choices of its own, drawn in
several rounds, and the weights are the mean of what each round learned.

Two logistic regressions with a ridge, by gradient steps: offending or sound; and, of those that offend, which kind.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from shouxin.policy.clause_features import Families, features
from shouxin.policy.passages import passages

HERE: Final = Path(__file__).resolve().parent
OWN: Final = HERE.parent / "tests" / "policy" / "agreements"
TARGET: Final = HERE.parent / "src" / "shouxin" / "policy"
# Log odds in hundredths, above which a clause is suspect: set where no set of labelled agreements that was open has two
# false alarms a document. Sentences learned from offend in half of the cases, those of an agreement in one of twenty.
THRESHOLD: Final = {"zh": 325, "en": 325}
ROUNDS: Final = 4
DRAWN: Final = 12  # sentences from each way of saying it, in a round
JOINED: Final = 0.35  # of them stand beside a sound sentence
RIDGE: Final = 3e-5
STEPS: Final = 150
FEWEST: Final = 3  # sentences in which a feature must occur to be learned
KEPT: Final = 3  # kinds for which a feature has a weight
SOUND: Final = "sound"
_CHOICE: Final = re.compile(r"\{(\w+)\}|\(([^()]*)\)")

# kind, sentence, weight
Row = tuple[str, str, float]


@dataclass(slots=True)
class Ways:
    """What bench/clauses says for one language: families of words, and ways to say each kind."""

    families: dict[str, list[str]] = field(default_factory=dict)
    ways: list[tuple[str, str]] = field(default_factory=list)

    def belongs(self) -> dict[str, tuple[str, ...]]:
        """Return the families of each word."""
        found: dict[str, tuple[str, ...]] = {}
        for family, words in self.families.items():
            for word in dict.fromkeys(words):
                found[word] = (*found.get(word, ()), family)
        return found

    def draw(self, way: str, chance: random.Random) -> str:
        """Return one sentence of a way to say something."""

        def chosen(found: re.Match[str]) -> str:
            if found[1]:
                return chance.choice(self.families[found[1]]).rstrip("*")
            return chance.choice(found[2].split("|"))

        before = ""
        while before != way:
            before, way = way, _CHOICE.sub(chosen, way)
        return way.lower()


def read(language: str) -> Ways:
    """Read the ways of one language."""
    told, family, kind = Ways(), "", ""
    for line in (HERE / "clauses" / f"{language}.txt").read_text("utf-8").splitlines():
        if line.startswith("= "):
            family = line[2:]
        elif line.startswith("["):
            family, kind = "", line[1:-1]
        elif family and line:
            told.families.setdefault(family, []).extend(line.split("|") if language == "en" else line.split())
        elif line and not line.startswith("#"):
            told.ways.append((kind, line))
    return told


def own(language: str) -> list[Row]:
    """Return the sentences of the fabricated agreements; each counts for half a way of saying it."""
    rows = []
    for path in sorted(OWN.glob(f"{language}_*.md")):
        text, labels = path.read_text("utf-8"), path.with_suffix(".toml")
        told = tomllib.loads(labels.read_text("utf-8")) if labels.exists() else {}
        spans = [(text.index(one["quote"]), len(one["quote"]), one["kind"]) for one in told.get("planted", [])]
        for passage in passages(text):
            if not passage.titled and passage.chinese is (language == "zh"):
                inside = [kind for at, size, kind in spans if passage.start < at + size and at < passage.end]
                rows.append((inside[0] if inside else SOUND, passage.text, 0.5))
    return rows


def made(language: str, told: Ways, turn: int) -> list[Row]:
    """Return all sentences to learn from in a round."""
    sound = [way for kind, way in told.ways if kind == SOUND]
    gap = " " if language == "en" else ""
    rows = []
    for kind, way in told.ways:
        chance = random.Random(f"{turn} {way}")
        for _ in range(DRAWN):
            sentence = told.draw(way, chance)
            if chance.random() < JOINED:
                beside = told.draw(chance.choice(sound), chance)
                pair = (sentence, beside) if chance.random() < 0.5 else (beside, sentence)
                sentence = gap.join(pair)
            rows.append((kind, sentence, 1 / DRAWN))
    return rows + own(language)


@dataclass(frozen=True, slots=True)
class Table:
    """Sentences as features by number: ``owner`` has the sentence, ``column`` the feature, ``value`` its share."""

    names: list[str]
    owner: np.ndarray
    column: np.ndarray
    value: np.ndarray


def tabulate(found: list[set[str]]) -> Table:
    """Number the features that occur often enough."""
    counts = Counter(name for one in found for name in one)
    number = {name: at for at, name in enumerate(sorted(name for name, count in counts.items() if count >= FEWEST))}
    columns = [np.array(sorted(number[name] for name in one if name in number), dtype=np.int64) for one in found]
    sizes = np.array([len(one) for one in columns])
    owner = np.repeat(np.arange(len(columns)), sizes)
    return Table(list(number), owner, np.concatenate(columns), (1 / np.sqrt(np.maximum(sizes, 1)))[owner])


def fit(table: Table, answers: np.ndarray, weights: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and bias by class, after a fixed number of steps."""
    rows, width = len(answers), len(table.names)
    learned, bias = np.zeros((width, classes)), np.zeros(classes)
    squares, of_bias = np.full((width, classes), 1e-8), np.full(classes, 1e-8)
    wanted = np.eye(classes)[answers]
    for _ in range(STEPS):
        scores = np.empty((rows, classes))
        for one in range(classes):
            added = np.bincount(table.owner, learned[table.column, one] * table.value, rows)
            scores[:, one] = added + bias[one]
        chances = np.exp(scores - scores.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        missed = (chances - wanted) * weights[:, None]
        slope = RIDGE * learned
        for one in range(classes):
            slope[:, one] += np.bincount(table.column, missed[table.owner, one] * table.value, width)
        squares += slope**2
        of_bias += missed.sum(0) ** 2
        learned -= 0.5 * slope / np.sqrt(squares)
        bias -= 0.5 * missed.sum(0) / np.sqrt(of_bias)
    return learned, bias


@dataclass(slots=True)
class Learned:
    """Weights in log odds, of one round or the sum of several: by feature, and by feature and name of the kind."""

    bias: float = 0.0
    offending: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, rows: list[Row], found: list[set[str]]) -> None:
        """Learn from the sentences of one round and their features, and add what was learned."""
        share = np.array([weight for *_, weight in rows])
        bad = np.array([kind != SOUND for kind, *_ in rows], dtype=np.int64)
        balanced = np.where(bad == 0, share / share[bad == 0].sum(), share / share[bad == 1].sum()) / 2
        table = tabulate(found)
        learned, bias = fit(table, bad, balanced, 2)
        self.bias += float(bias[1] - bias[0])
        for name, one in zip(table.names, (learned[:, 1] - learned[:, 0]).tolist(), strict=True):
            self.offending[name] += one
        names = sorted({kind for kind, *_ in rows} - {SOUND})
        at = np.flatnonzero(bad)
        table = tabulate([found[one] for one in at])
        answers = np.array([names.index(rows[one][0]) for one in at])
        learned, _ = fit(table, answers, share[at] / share[at].sum(), len(names))
        for name, weights in zip(table.names, learned.tolist(), strict=True):
            self.kinds.setdefault(name, Counter()).update(dict(zip(names, weights, strict=True)))


def learn(language: str, told: Ways) -> dict[str, object]:
    """Return what is written to the file of weights: the mean of the rounds, in hundredths."""
    belongs = told.belongs()
    families = Families(belongs)
    learned, clauses = Learned(), 0
    for turn in range(1, ROUNDS + 1):
        rows = made(language, told, turn)
        clauses += len(rows)
        learned.add(rows, [features(sentence, language, families) for _, sentence, _ in rows])
    offending = {name: round(100 * one / ROUNDS) for name, one in sorted(learned.offending.items())}
    names = sorted({kind for kind, _ in told.ways} - {SOUND})
    kinds: dict[str, dict[str, int]] = {}
    for name, weights in sorted(learned.kinds.items()):
        most = sorted(names, key=lambda one, by=weights: -abs(by[one]))[:KEPT]
        whole = {str(names.index(one)): round(100 * weights[one] / ROUNDS) for one in sorted(most)}
        kinds[name] = {number: one for number, one in whole.items() if one}
    return {
        "card": {
            "made_by": "python -m bench.learn_clauses",
            "made_from": f"bench/clauses/{language}.txt and tests/policy/agreements, all fabricated",
            "clauses": clauses,
            "chosen_on": "the threshold only: tests/policy/agreements_blind, _blind2 and half of _blind3",
        },
        "language": language,
        "bias": round(100 * learned.bias / ROUNDS),
        "threshold": THRESHOLD[language],
        "names": names,
        "families": belongs,
        "offending": {name: one for name, one in offending.items() if one},
        "kinds": kinds,
    }


def main() -> None:
    """Learn both languages and write the files."""
    for language in ("zh", "en"):
        told = read(language)
        found = learn(language, told)
        (TARGET / f"clause_weights_{language}.json").write_bytes(msgspec.json.encode(found) + b"\n")
        print(f"{language}: {len(told.ways)} ways")


if __name__ == "__main__":
    main()
