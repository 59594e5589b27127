"""The tables of the model, and what a candidate scores.

Laws. The tables are data, made by ``tools/names/train.py`` and read once. A score is in nats, above nothing at all:
positive means that a name or place is likelier than none. Weights are bytes; sums are exact, so the same text scores
the same on every machine.

Called by: ``finder``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from shouxin.detection.names.candidates import Family, Spans
from shouxin.detection.names.characters import Bits, Characters
from shouxin.detection.names.features import Lexicon, features
from shouxin.errors import Tampered

__all__ = ["MODEL_FILE", "Model", "Scores", "best", "model"]

Scores: TypeAlias = npt.NDArray[np.float32]

MODEL_FILE: Final = "model.npz"


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of each family (bytes), how much one step is worth in nats, what a score must exceed; and the lexicon."""

    weights: tuple[npt.NDArray[np.int8], ...]
    steps: tuple[float, ...]
    thresholds: tuple[float, ...]
    lexicon: Lexicon

    def scores(self, text: Characters, spans: Spans) -> Scores:
        """Return the score of every candidate, less the threshold of its family."""
        weights = self.weights[spans.family]
        total = np.zeros(len(spans), np.int32)
        for places in features(text, spans, self.lexicon):
            total += weights[places]
        return (total * self.steps[spans.family] - self.thresholds[spans.family]).astype(np.float32)


def best(spans: Spans, scores: Scores) -> Bits:
    """Tell which candidates are the best of their group and score above nothing; of equals the first."""
    if not len(spans):
        return np.zeros(0, np.bool_)
    firsts = np.flatnonzero(np.diff(spans.groups, prepend=-1))
    most = np.maximum.reduceat(scores, firsts)
    counts = np.diff(np.append(firsts, len(spans)))
    right: Bits = (scores == np.repeat(most, counts)) & (scores > 0)
    return right


@cache
def model() -> Model:
    """Return the model that ships with the product.

    Raises:
        Tampered: the file is not the one that was made.
    """
    with resources.files(__package__).joinpath(MODEL_FILE).open("rb") as file, np.load(file) as found:
        weights = tuple(found[f"weights_{family.name.lower()}"] for family in Family)
        lexicon = found["lexicon"]
        steps, thresholds = found["steps"].tolist(), found["thresholds"].tolist()
    if len({len(one) for one in weights}) != 1 or len(steps) != len(thresholds):
        raise Tampered(f"{MODEL_FILE} is not the model of names that was made")
    return Model(weights, tuple(steps), tuple(thresholds), lexicon)
