"""Names that are the whole value of a field: where no sentence speaks for them, they must speak for themselves.

Laws. A value stands alone between what separates fields: ``status: 关注`` in a column, ``"name":"关注"`` in a log.
There the model, which learned from sentences, sees nothing around it and takes products, days and brands for people. So
it must be surer: of a usual word (方便, 金牌) much, of what ends like a thing (安居贷, 余杭店) it is not believed at
all. What a label of a person leads (``rules``) is not asked. In sentences nothing changes.

Called by: ``finder``.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from shouxin.detection.names.characters import PAD, Bits, Characters, Spots
from shouxin.detection.names.features import Lexicon, usual
from shouxin.detection.names.model import Scores

__all__ = ["believed"]

_PLAIN: Final = 1.5  # nats above the threshold: one true name in fifty has less
_USUAL: Final = 3.5
_THINGS: Final = "贷店网部局厅券卡款额率费区县"
_DAYS: Final = "一二三四五六日末"
_BLANKS: Final = " \t"
_BEFORE: Final = ":=>"  # rows of values have learned neighbours; a quoted value is known by its quotes
_AFTER: Final = "\n\r\t,;|<"
_QUOTES: Final = "\"'"


@cache
def _among(these: str) -> Bits:
    table = np.zeros(0x10000, np.bool_)
    table[[ord(one) for one in these]] = True
    return table


def believed(text: Characters, starts: Spots, ends: Spots, scores: Scores, lexicon: Lexicon) -> Bits:
    """Tell which spans, taken for names by the model with ``scores`` above nothing, are believed."""
    codes = text.codes
    blank = _among(_BLANKS)[codes[starts + PAD - 1]]
    left = codes[starts + PAD - 1 - blank.astype(np.int64)]
    right = codes[ends + PAD]
    quoted = _among(_QUOTES)[left] & _among(_QUOTES)[right]
    alone = (_among(_BEFORE + "\0")[left] & _among(_AFTER + "\0")[right]) | quoted
    least = np.where(usual(text, starts, ends, lexicon), _USUAL, np.where(quoted, 0, _PLAIN))
    doubtful = alone & ((scores < least) | _among(_THINGS)[codes[ends + PAD - 1]])
    last, before = codes[ends + PAD - 1], codes[ends + PAD - 2]
    kept: Bits = ~doubtful & ~((before == ord("周")) & _among(_DAYS)[last])
    return kept
