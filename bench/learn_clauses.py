"""Learn what offending clauses are like, from sentences that the project makes itself.

``python -m bench.learn_clauses`` writes src/shouxin/policy/clause_weights_zh.json and clause_weights_en.json. It reads
bench/clauses (ways to say each kind of clause, and sound ones, with choices that are drawn by a fixed seed) and the
labelled agreements in tests/policy: our own, and the sets that were blind once and are open now (``SETS``); a set that
is to be measured is left out (``bench.unseen_authors``), and a closed one is never read. The same input gives the same
weights, and one way more moves the others little: each way has choices of its own, drawn in several rounds, and the
weights are the mean of what each round learned; what the kinds are like, the first round says.

Two logistic regressions with a ridge, by gradient steps: offending or sound; and, of those that offend, which kind.
"""

from __future__ import annotations

import random
import re
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from shouxin.policy.clause_features import Families, features, length
from shouxin.policy.passages import passages

HERE: Final = Path(__file__).resolve().parent
OWN: Final = HERE.parent / "tests" / "policy" / "agreements"
# All open now; what follows in number is closed.
SETS: Final = ("agreements_blind", *(f"agreements_blind{number}" for number in range(2, 8)))
TARGET: Final = HERE.parent / "src" / "shouxin" / "policy"
# Log odds in hundredths, above which a clause is suspect: set where the sets, each judged by weights learned without
# it, have two false alarms a document at most. Sentences learned from offend in half of the cases, those of
# an agreement in one of twenty.
THRESHOLD: Final = {"zh": 105, "en": 180}
ROUNDS: Final = 4
DRAWN: Final = 12  # sentences from each way of saying it, in a round
JOINED: Final = 0.35  # of them stand beside a sound sentence
RIDGE: Final = 1e-5
STEPS: Final = 200
FEWEST: Final = 3  # sentences in which a feature must occur to be learned
KEPT: Final = 3  # kinds for which a feature has a weight
SOUND: Final = "sound"
CHOSEN: Final = "ridge, steps and threshold: each set judged by weights learned without it (bench.unseen_authors)"
# What authors of sets call kinds, and what the check calls them; others are learned as offending without a kind.
CALLED: Final = {
    "automated_only": "automated",
    "biometric_forced": "sensitive",
    "credit": "credit_query",
    "device": "excessive",
    "export": "cross_border",
    "minors": "sensitive",
    "rights_obstructed": "rights",
}
_CHOICE: Final = re.compile(r"(?:\{(\w+)\}|\(([^()]*)\))(\?(?!$))?")
_PERHAPS: Final = re.compile(r"[\u4e00-\u9fff“”,、;:]\?(?!$)")

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
            if found[3] and chance.random() < 0.5:
                return ""
            if found[1]:
                return chance.choice(self.families[found[1]]).rstrip("*")
            return str(chance.choice(found[2].split("|")))

        def perhaps(found: re.Match[str]) -> str:
            return str(found[0][0]) if chance.random() < 0.5 else ""

        before = ""
        while before != way:
            before, way = way, _CHOICE.sub(chosen, way)
        return _PERHAPS.sub(perhaps, way).lower()


def read(language: str) -> Ways:
    """Read the ways of one language."""
    told, family, kind = Ways(), "", ""
    files = (HERE / "clauses" / f"{language}{one}.txt" for one in ("", "_manners"))
    for line in "\n".join(one.read_text("utf-8") for one in files).splitlines():
        if line.startswith("= "):
            family = line[2:]
        elif line.startswith("["):
            family, kind = "", line[1:-1]
        elif family and line:
            told.families.setdefault(family, []).extend(line.split("|") if language == "en" else line.split())
        elif line and not line.startswith("#"):
            told.ways.append((kind, line))
    return told


def labelled(folder: Path, language: str, weight: float, *, joined: bool) -> list[Row]:
    """Return the sentences of labelled agreements; ``joined``: also two that follow one another in a paragraph."""
    rows: list[Row] = []
    gap = " " if language == "en" else ""
    for path in sorted(folder.glob(f"{language}*.md")):
        text, labels = path.read_text("utf-8"), path.with_suffix(".toml")
        told = tomllib.loads(labels.read_text("utf-8")) if labels.exists() else {}
        spans = [(text.index(one["quote"]), len(one["quote"]), one["kind"]) for one in told.get("planted", [])]
        before: tuple[str, str, int] | None = None
        for passage in passages(text):
            if passage.titled or passage.chinese is not (language == "zh"):
                continue
            inside = [kind for at, size, kind in spans if passage.start < at + size and at < passage.end]
            kind = CALLED.get(inside[0], inside[0]) if inside else SOUND
            rows.append((kind, passage.text, weight))
            if joined and before and before[0] == kind and before[2] == passage.block:
                rows.append((kind, before[1] + gap + passage.text, weight / 2))
            before = kind, passage.text, passage.block
    return rows


def known(language: str, without: str = "") -> list[Row]:
    """Return the sentences of all labelled agreements but those of the set ``without``."""
    rows = labelled(OWN, language, 0.5, joined=False)
    for name in SETS:
        if name != without:
            rows += labelled(OWN.with_name(name), language, 1.0, joined=True)
    return rows


def made(language: str, told: Ways, turn: int, without: str = "") -> list[Row]:
    """Return all sentences to learn from in a round, but those of the set ``without``."""
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
    return rows + known(language, without)


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
    return Table(
        list(number), owner, np.concatenate(columns), np.array([1 / length(one) for one in sizes.tolist()])[owner]
    )


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

    def add(self, rows: list[Row], found: list[set[str]], kinds: set[str]) -> None:
        """Learn from the sentences of one round and their features, and add what was learned, also of ``kinds``."""
        share = np.array([weight for *_, weight in rows])
        bad = np.array([kind != SOUND for kind, *_ in rows], dtype=np.int64)
        balanced = np.where(bad == 0, share / share[bad == 0].sum(), share / share[bad == 1].sum()) / 2
        table = tabulate(found)
        learned, bias = fit(table, bad, balanced, 2)
        self.bias += float(bias[1] - bias[0])
        for name, one in zip(table.names, (learned[:, 1] - learned[:, 0]).tolist(), strict=True):
            self.offending[name] += one
        if not kinds:
            return
        names = sorted({kind for kind, *_ in rows} & kinds)
        at = [one for one, (kind, *_) in enumerate(rows) if kind in kinds]
        table = tabulate([found[one] for one in at])
        answers = np.array([names.index(rows[one][0]) for one in at])
        learned, _ = fit(table, answers, share[at] / share[at].sum(), len(names))
        for name, weights in zip(table.names, learned.tolist(), strict=True):
            self.kinds.setdefault(name, Counter()).update(dict(zip(names, weights, strict=True)))


def learn(language: str, told: Ways, without: str = "", rounds: int = ROUNDS) -> dict[str, object]:
    """Return what is written to the file of weights: the mean of the rounds, in hundredths.

    ``without`` is a set that is not learned from, to be measured; then what the kinds are like is not learned either.
    """
    belongs = told.belongs()
    families = Families(belongs)
    learned, clauses = Learned(), 0
    names = sorted({kind for kind, _ in told.ways} - {SOUND})
    for turn in range(1, rounds + 1):
        rows = made(language, told, turn, without)
        clauses += len(rows)
        found = [features(sentence, language, families) for _, sentence, _ in rows]
        learned.add(rows, found, set() if without or turn > 1 else set(names))
    offending = {name: round(100 * one / rounds) for name, one in sorted(learned.offending.items())}
    kinds: dict[str, dict[str, int]] = {}
    for name, weights in sorted(learned.kinds.items()):
        most = [name for _, name in sorted((-abs(weights[one]), one) for one in names)][:KEPT]
        whole = {str(names.index(one)): round(100 * weights[one]) for one in sorted(most)}
        kinds[name] = {number: one for number, one in whole.items() if one}
    return {
        "card": {
            "made_by": "python -m bench.learn_clauses",
            "made_from": f"bench/clauses/{language}*.txt; tests/policy/agreements, {', '.join(SETS)}: all fabricated",
            "clauses": clauses,
            "chosen_on": CHOSEN,
        },
        "language": language,
        "bias": round(100 * learned.bias / rounds),
        "threshold": THRESHOLD[language],
        "names": names,
        "families": belongs,
        "offending": {name: one for name, one in offending.items() if one},
        "kinds": kinds,
    }


def main() -> None:
    """Learn both languages, or the one that is named, and write the files."""
    for language in sys.argv[1:] or ("zh", "en"):
        told = read(language)
        found = learn(language, told)
        (TARGET / f"clause_weights_{language}.json").write_bytes(msgspec.json.encode(found) + b"\n")
        print(f"{language}: {len(told.ways)} ways")


if __name__ == "__main__":
    main()
