"""Presidio with the same thirteen kinds as the log holds: pattern recognisers, check digits where ours have them.

Two ways: with a blank spaCy pipeline, the least that its own documentation knows, and as favourable as can be, with an
engine that finds no tokens at all, which nobody would run. No context words, no other recogniser, and of two sizes of
text the one at which it is faster.
"""

from __future__ import annotations

import time
from typing import Any

from shouxin.detection.checksums import credit_code_is_valid, id_number_is_valid, luhn_is_valid

PATTERNS: dict[str, str] = {
    "ID": (
        r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
    ),
    "MOBILE": r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])",
    "CARD": r"(?<![0-9A-Za-z])(?:62\d{14,17}|[45]\d{15})(?![0-9A-Za-z])",
    "PASSPORT": r"(?<![0-9A-Za-z])[EG]\d{8}(?![0-9A-Za-z])",
    "CREDIT": r"(?<![0-9A-Za-z])[1-9ANY][0-9A-Z]\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Za-z])",
    "PLATE": (
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
        r"[A-HJ-NP-Z][A-HJ-NP-Z0-9]{5,6}(?![0-9A-Za-z])"
    ),
    "EMAIL": r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}",
    "IP": r"(?<![0-9.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![0-9.])",
    "BIRTH": r"(?:出生日期|生日)[:：\s]{0,3}(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])",
    "PLACE": r"(?<![0-9.])(?:7[3-9]|[89]\d|1[0-3]\d)\.\d{4,8},\d{1,2}\.\d{4,8}(?![0-9.])",
    "QQ": r"[Qq]{2}(?:号)?[:：\s]{0,3}[1-9]\d{4,10}(?!\d)",
    "WECHAT": r"微信(?:号)?[:：\s]{0,3}[A-Za-z][-_A-Za-z0-9]{5,19}",
    "LANDLINE": r"(?<![0-9A-Za-z])0\d{2,3}-[1-9]\d{6,7}(?![0-9A-Za-z])",
}
CHECKS = {"ID": id_number_is_valid, "CARD": luhn_is_valid, "CREDIT": credit_code_is_valid}
LINES_A_TEXT = (1, 50)


def analyzer(*, blank_spacy: bool) -> Any:  # noqa: C901 - what Presidio wants implemented, one line each
    """Build the analyzer; ``ImportError`` where Presidio is not installed."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

    class NoLanguage(NlpEngine):  # type: ignore[misc]  # Presidio has no types
        tokenise = spacy.blank("zh") if blank_spacy else None

        def load(self) -> None: ...

        def is_loaded(self) -> bool:
            return True

        def process_text(self, text: str, language: str) -> Any:
            tokens = self.tokenise(text) if self.tokenise else []
            return NlpArtifacts([], tokens, [token.idx for token in tokens], [], self, language)

        def process_batch(self, texts: Any, language: str, **rest: Any) -> Any:
            return ((text, self.process_text(text, language)) for text in texts)

        def is_stopword(self, word: str, language: str) -> bool:
            return False

        def is_punct(self, word: str, language: str) -> bool:
            return False

        def get_supported_entities(self) -> list[str]:
            return []

        def get_supported_languages(self) -> list[str]:
            return ["zh"]

    class Checked(PatternRecognizer):  # type: ignore[misc]
        def validate_result(self, pattern_text: str) -> bool | None:
            check = CHECKS.get(self.supported_entities[0])
            return check(pattern_text) if check else None

    registry = RecognizerRegistry(supported_languages=["zh"])
    for name, pattern in PATTERNS.items():
        registry.add_recognizer(Checked(name, patterns=[Pattern(name, pattern, 0.8)], supported_language="zh"))
    return AnalyzerEngine(registry, NoLanguage(), supported_languages=["zh"])


class Presidio:
    """An analyzer and the texts that it is given."""

    def __init__(self, data: bytes, *, blank_spacy: bool) -> None:
        self._engine = analyzer(blank_spacy=blank_spacy)
        lines = data.decode().splitlines(keepends=True)
        self._texts = [
            ["".join(lines[at : at + count]) for at in range(0, len(lines), count)] for count in LINES_A_TEXT
        ]
        self._size = len(data)
        self._engine.analyze(lines[0], "zh")

    def speed(self) -> float:
        """Return megabytes a second at the better size of text."""
        best = 0.0
        for texts in self._texts:
            start = time.process_time()
            for text in texts:
                self._engine.analyze(text, "zh")
            best = max(best, self._size / (time.process_time() - start) / 1e6)
        return best

    def found(self) -> int:
        """Return how many results there are."""
        return sum(len(self._engine.analyze(text, "zh")) for text in self._texts[0])
