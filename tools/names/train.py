"""Train the model of names and places and write it beside the product's code.

    PYTHONPATH=src:. python -m tools.names.train [--lines 250000] [--passes 3] [--seed 1] [--to FILE] [--words FILE]

The text is invented as it is needed (``tools.names.text``); nothing is downloaded and no corpus is read, but for a word
list with counts (``tools.names.words``) and the law texts that the product ships, which hold no names. The same
arguments give the same bytes on one machine. Groups of candidates are learned as a choice among them and none
(softmax), by AdaGrad, with weights of one byte at the end.
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shouxin.detection.names import model as shipped
from shouxin.detection.names.candidates import Family, Spans, foreign, hashed, listed, named, suffixed
from shouxin.detection.names.characters import PAD, characters
from shouxin.detection.names.features import BITS, LEXICON_BITS, Lexicon, features
from tools.names.text import lines, unmarked
from tools.names.words import ordinary, use

LAWS = Path(__file__).parents[2] / "src/shouxin/policy/packs/cn/texts"
# Of each family, in nats; zero: what is likelier than not is said. The development part of Weibo NER agrees.
THRESHOLDS = (0.0, 0.0, 0.0, 1.0)
CLASSES = (3, 60, 1000)  # counts from which a word is rare, usual, frequent
Floats = npt.NDArray[np.float32]


def lexicon() -> Lexicon:
    """The classes of ordinary words of two to four characters, by hash."""
    table = np.zeros(1 << LEXICON_BITS, np.uint8)
    known = ordinary()
    for length in (2, 3, 4):
        words = sorted(word for word in known if len(word) == length and known[word] >= CLASSES[0])
        codes = np.array([ord(one) for word in words for one in word], np.uint32)
        padded = np.concatenate([np.zeros(PAD, np.uint32), codes, np.zeros(PAD, np.uint32)])
        places = hashed(padded, np.arange(len(words)) * length, length) >> np.uint32(32 - LEXICON_BITS)
        classes = np.searchsorted(CLASSES, [known[word] for word in words], side="right").astype(np.uint8)
        np.maximum.at(table, places, classes)
    return table


@dataclass(frozen=True)
class Examples:
    """Groups of one family: features of every candidate, the group of each, and which candidates are right."""

    points: npt.NDArray[np.int32]  # candidates x features
    groups: npt.NDArray[np.int64]
    right: npt.NDArray[np.bool_]


def _text(marked: Iterable[str]) -> tuple[bytes, set[tuple[int, int]], set[tuple[int, int]]]:
    pieces: list[str] = []
    names: set[tuple[int, int]] = set()
    places: set[tuple[int, int]] = set()
    at = 0
    for line in marked:
        text, found_names, found_places = unmarked(line)
        names |= {(start + at, end + at) for start, end in found_names}
        places |= {(start + at, end + at) for start, end in found_places}
        pieces.append(text)
        at += len(text) + 1
    return "".join(f"{piece}\n" for piece in pieces).encode(), names, places


def _examples(spans: Spans, gold: set[tuple[int, int]], points: Sequence[npt.NDArray[np.uint32]]) -> Examples:
    right = np.fromiter(
        ((s, e) in gold for s, e in zip(spans.starts.tolist(), spans.ends.tolist(), strict=True)), np.bool_, len(spans)
    )
    return Examples(np.stack(points, 1).astype(np.int32), spans.groups, right)


def examples(marked: Iterable[str], words: Lexicon) -> dict[Family, Examples]:
    """Return what there is to learn from marked lines."""
    data, names, places = _text(marked)
    text = characters(data)
    made = {}
    for find, gold in ((named, names), (foreign, names), (listed, places), (suffixed, places)):
        spans = find(text)
        made[spans.family] = _examples(spans, gold, list(features(text, spans, words)))
    return made


def _joined(parts: Sequence[Examples]) -> Examples:
    groups, base = [], 0
    for part in parts:
        groups.append(part.groups + base)
        base += int(part.groups[-1]) + 1 if len(part.groups) else 0
    return Examples(
        np.concatenate([part.points for part in parts]),
        np.concatenate(groups),
        np.concatenate([part.right for part in parts]),
    )


def _chances(scores: Floats, firsts: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> Floats:
    """The chance of every candidate: softmax over its group and none, which scores nothing."""
    most = np.maximum(np.maximum.reduceat(scores, firsts), 0)
    raised = np.exp(scores - np.repeat(most, counts))
    total = np.add.reduceat(raised, firsts) + np.exp(-most)
    return (raised / np.repeat(total, counts)).astype(np.float32)


def learn(
    taught: Examples, passes: int, seed: int, *, batch: int = 2048, rate: float = 0.12, decay: float = 2e-6
) -> Floats:
    """Return the weights of one family, averaged over the last half of the steps."""
    size = 1 << BITS
    weights, squares, mean = np.zeros(size, np.float32), np.full(size, 1e-2, np.float32), np.zeros(size, np.float64)
    firsts = np.flatnonzero(np.diff(taught.groups, prepend=-1))
    ends = np.append(firsts[1:], len(taught.groups))
    rng = np.random.Generator(np.random.PCG64(seed))
    number = len(firsts)
    steps = passes * (number // batch + 1)
    step = averaged = 0
    for _ in range(passes):
        order = rng.permutation(number)
        for at in range(0, number, batch):
            chosen = order[at : at + batch]
            counts = ends[chosen] - firsts[chosen]
            begins = np.concatenate([[0], np.cumsum(counts)[:-1]])
            rows = np.repeat(firsts[chosen] - begins, counts) + np.arange(int(counts.sum()))
            points = taught.points[rows]
            scores = weights[points].sum(1, dtype=np.float32)
            wrong = _chances(scores, begins, counts) - taught.right[rows]
            slope = np.bincount(points.ravel(), np.repeat(wrong, points.shape[1]), size).astype(np.float32)
            slope += decay * len(chosen) * weights
            squares += slope * slope
            weights -= rate * slope / np.sqrt(squares)
            step += 1
            if step * 2 > steps:
                mean += weights
                averaged += 1
    return (mean / max(averaged, 1)).astype(np.float32)


def quantised(weights: Floats) -> tuple[npt.NDArray[np.int8], float]:
    """Return weights as bytes and what a step is worth; the largest thousandth is cut off."""
    used = np.abs(weights[weights != 0])
    most = float(np.quantile(used, 0.9995)) if len(used) else 1.0
    scale = most / 127
    return np.clip(np.rint(weights / scale), -127, 127).astype(np.int8), scale


def _law_lines() -> list[str]:
    found = [line for path in sorted(LAWS.glob("*.md")) for line in path.read_text("utf-8").splitlines()]
    return [line for line in found if line and not _may_name_a_place(line)]


def _may_name_a_place(line: str) -> bool:
    """Tell whether a line of law may name a place; those are left out, because nobody has labelled them."""
    return any(word in line for word in ("中国", "中华", "香港", "澳门", "台湾", "北京"))


def train(count: int, passes: int, seed: int) -> dict[str, npt.NDArray[np.generic]]:
    """Return the arrays of the model file."""
    words = lexicon()
    parts: list[dict[Family, Examples]] = []
    piece: list[str] = []
    for line in lines(seed, count):
        piece.append(line)
        if len(piece) == 5000:
            parts.append(examples(piece, words))
            piece = []
    parts.append(examples([*piece, *_law_lines()], words))
    made: dict[str, npt.NDArray[np.generic]] = {"lexicon": words}
    steps = []
    for family in Family:
        taught = _joined([part[family] for part in parts])
        weights, scale = quantised(learn(taught, passes, seed + family))
        made[f"weights_{family.name.lower()}"] = weights
        steps.append(scale)
        print(
            family.name,
            "groups",
            int(taught.groups[-1]) + 1,
            "candidates",
            len(taught.groups),
            "right",
            int(taught.right.sum()),
            "step",
            scale,
            file=sys.stderr,
        )
    made["steps"] = np.array(steps, np.float64)
    made["thresholds"] = np.array(THRESHOLDS, np.float64)
    return made


def written(arrays: dict[str, npt.NDArray[np.generic]]) -> bytes:
    """Return the bytes of the model file: an npz without times, so that the same arrays are the same bytes."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(arrays):
            inner = BytesIO()
            np.lib.format.write_array(inner, arrays[name], allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), inner.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return target.getvalue()


def main() -> None:
    """Read the arguments, train, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lines", type=int, default=250_000)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", type=Path, default=Path(shipped.__file__).with_name(shipped.MODEL_FILE))
    parser.add_argument("--words", type=Path, help="a word list instead of jieba's: word, count, tag")
    asked = parser.parse_args()
    if asked.words:
        use(asked.words)
    data = written(train(asked.lines, asked.passes, asked.seed))
    asked.to.write_bytes(data)
    print(f"{asked.to.name}: {len(data):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
