"""Check an agreement or privacy policy, Chinese or English: mark the clauses that should not stand.

Laws of this file.

1. A mark is a pattern within one sentence: an offending cue, together with what it is about (``needs``), and without
   what clears it (``unless`` in the sentence, ``near`` beside it, ``anywhere`` in the document, a negation before it,
   separate consent where ``asked``). A bare word never marks anything.
2. Every remark names articles of the law pack and says how to mend the clause. As in ``lint``, one whose first rule may
   not decide on that day advises.
3. The check reads words; it gives no opinion on law. What it does not see stands in ``docs/agreement-check.md``.
4. What no pattern knows is weighed by its words (``clause_scores``); such a mark is a warning and says what weighed.
5. The time is linear in the text: sentences are short (``passages``), every repeat in a pattern is bounded.

Called by: the command line. The words are in ``agreement.toml``, ``agreement_zh.toml`` and ``agreement_en.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from shouxin.errors import Invalid
from shouxin.policy.clause_scores import suspects
from shouxin.policy.lawpack import LawPack
from shouxin.policy.lint import Remark, Severity
from shouxin.policy.passages import Passage, passages

__all__ = ["LANGUAGES", "MOST_CHARACTERS", "Marked", "check_agreement", "clause_kinds"]

LANGUAGES: Final = ("zh", "en")
MOST_CHARACTERS: Final = 1 << 20  # of one document; a lender's longest policies have a tenth of it
_EXCERPT: Final = 120
_FEWEST: Final = {"zh": 300, "en": 900}  # characters below which nobody expects a whole privacy policy
_PRIVACY: Final = re.compile(r"隐私|个人信息(?:保护|处理|收集|使用|授权|告知)|privacy|personal (?:information|data)")
_SEE_POLICY: Final = re.compile(
    r"《[^》]{0,24}(?:隐私|个人信息)[^》]{0,16}》|(?:our|the) (?:separate )?privacy (?:policy|notice|statement)"
)
_SAID_WRONGLY: Final = {"no_retention": "unlimited", "no_withdrawal": "irrevocable", "no_rights": "rights"}
_TITLE: Final = 4  # passages among which a title stands
# A title of a document that is no privacy policy, even if it speaks of one below.
_OTHER: Final = re.compile(
    r"(?:协议|合同|规则|章程)[”\"》]?$|(?:agreement|contract|terms(?: (?:of \w+|and conditions))?)$"
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A clause that was marked, or what a document lacks.

    ``line`` counts from 1; ``clause`` is the path of numbers above it, empty where there is none; ``start`` and ``end``
    are characters of the given text (both 0 for what the document lacks). ``excerpt`` is at most 120 characters.
    ``cues`` are what weighed most, where a clause was weighed: short runs of words, families of words as ``keep``, and
    families in their order as ``keep>forever``.
    """

    remark: Remark
    line: int
    clause: str
    start: int
    end: int
    excerpt: str
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _ClauseKind:
    severity: Severity
    rules: tuple[str, ...]
    why_zh: str
    why_en: str
    mend_zh: str
    mend_en: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    """How one kind is said. All fields but ``kind`` are expressions; each of ``needs`` and ``within`` must be there.

    ``needs`` may stand in the sentence, its heading or what introduced it; ``within`` in the mark itself. ``spoiled``
    voids ``near``. ``plain``: the mark is itself a negation, so that one before it clears nothing. ``once``: a text.
    """

    kind: str
    mark: str
    needs: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    spoiled: str = ""
    asked: bool = False
    plain: bool = False
    once: bool = False
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class _Absence:
    kind: str
    said: str


@dataclass(frozen=True, slots=True)
class _Wording:
    """What one file of words has: expressions that clear a sentence, the words, the patterns."""

    negation: str
    boundary: str
    exception: str
    bypass: str
    asked: str
    obtains: str
    elsewhere: str
    words: dict[str, str]
    pattern: tuple[_Pattern, ...]
    absence: tuple[_Absence, ...]


@cache
def clause_kinds() -> dict[str, _ClauseKind]:
    """Return every kind of remark by its code, with its rules of the law pack and its words."""
    text = (files("shouxin.policy") / "agreement.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, _ClauseKind])


@cache
def _wording(language: str) -> _Wording:
    text = (files("shouxin.policy") / f"agreement_{language}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _Wording)


@cache
def _expression(text: str, language: str) -> re.Pattern[str]:
    """Compile an expression with its words filled in; words may use words that stand above them."""
    words = _wording(language).words
    for _ in range(2):
        text = re.sub(r"\{([a-z]\w*)\}", lambda found: words[found[1]], text)
    return re.compile(text)


class _Reading:
    """One document in one language, while patterns are held against it."""

    def __init__(self, said: list[Passage], language: str) -> None:
        self.said = said
        self.language = language
        self.wording = _wording(language)
        self._anywhere: dict[str, bool] = {}
        self._own: dict[tuple[str, int], bool] = {}

    def has(self, expression: str, text: str) -> bool:
        return _expression(expression, self.language).search(text) is not None

    def _of(self, at: int, expression: str) -> bool:
        """Say whether a passage has what does not depend on a pattern; asked often, searched once."""
        key = expression, at
        if key not in self._own:
            self._own[key] = self.has(expression, self.said[at].text)
        return self._own[key]

    def _beside(self, at: int) -> Iterator[int]:
        """Yield the passage, the one before it and the two after it in the same block."""
        near = range(max(0, at - 1), min(len(self.said), at + 3))
        yield from (one for one in near if self.said[one].block == self.said[at].block)

    def anywhere(self, expression: str) -> bool:
        """Say whether any passage of the document matches."""
        if expression not in self._anywhere:
            self._anywhere[expression] = any(self.has(expression, one.text) for one in self.said)
        return self._anywhere[expression]

    def marks(self, pattern: _Pattern, at: int) -> re.Match[str] | None:
        """Return where ``pattern`` marks a passage, if it does."""
        passage = self.said[at]
        found = self._first(pattern, at)
        if found is None or self._of(at, self.wording.elsewhere):
            return None
        about = f"{passage.text} {passage.lead} {passage.heading}"
        if not all(self.has(one, about) for one in pattern.needs):
            return None
        if any(self.has(one, passage.text) for one in pattern.unless):
            return None
        if pattern.near and self._cleared_beside(pattern, at):
            return None
        if pattern.asked and self._asks(at):
            return None
        return None if any(self.anywhere(one) for one in pattern.anywhere) else found

    def _cleared_beside(self, pattern: _Pattern, at: int) -> bool:
        """Say whether a passage beside it, or what introduced it, clears it and is not itself spoiled."""

        def spoils(text: str) -> bool:
            return bool(pattern.spoiled) and self.has(pattern.spoiled, text)

        if spoils(self.said[at].text):
            return False
        texts = [self.said[by].text for by in self._beside(at)]
        clear = any(self.has(one, text) and not spoils(text) for text in texts for one in pattern.near)
        return clear or self._lead_has(pattern.near, at)

    def _lead_has(self, expressions: Iterable[str], at: int) -> bool:
        lead = self.said[at].lead
        return bool(lead) and any(self.has(one, lead) for one in expressions)

    def _asks(self, at: int) -> bool:
        """Say whether separate consent is asked for here, and not done away with in the same sentence."""
        words = self.wording
        if self._of(at, words.bypass):
            return False
        beside = any(self._of(by, words.asked) and not self._of(by, words.bypass) for by in self._beside(at))
        return beside or self._lead_has((words.asked,), at)

    def cleared(self, at: int) -> bool:
        """Say whether a passage promises to ask, tells what law asks, or begins an item of what is not done."""
        words = self.wording
        if self._of(at, words.obtains) and not self._of(at, words.bypass):
            return True
        lead = self.said[at].lead if not at or self.said[at - 1].block != self.said[at].block else ""
        denied = bool(lead) and self.has(words.negation, lead) and not self.has(words.exception, lead)
        return denied or self._of(at, words.elsewhere)

    def _first(self, pattern: _Pattern, at: int) -> re.Match[str] | None:
        """Return the first match that is neither negated nor quoted."""
        passage = self.said[at]
        for found in _expression(pattern.mark, self.language).finditer(passage.text):
            if not all(self.has(one, found[0]) for one in pattern.within):
                continue
            if not pattern.plain and self._negated(passage, found):
                continue
            if not _quoted(passage.text, found):
                return found
        return None

    def _negated(self, passage: Passage, found: re.Match[str]) -> bool:
        words = self.wording
        if passage.lead and self.has(words.negation, passage.lead) and not self.has(words.exception, passage.lead):
            return True
        begin = 0
        for cut in _expression(words.boundary, self.language).finditer(passage.text, 0, found.start()):
            begin = cut.end() if passage.text[cut.start()] in ",;。" else cut.start()
        return self.has(words.negation, passage.text[begin : found.end()])


def _quoted(text: str, found: re.Match[str]) -> bool:
    """Say whether a match stands wholly between quotation marks, as in a definition or in somebody else's words."""
    before, after = text[: found.start()], text[found.end() :]
    if before.rfind("“") > before.rfind("”") and "”" in after and "”" not in found[0]:
        return True
    return before.count('"') % 2 == 1 and '"' in after and '"' not in found[0]


# Makes the remark of a kind at a place, with a severity of its own where the pattern has one.
_Remarking = Callable[[str, str, Severity | None], Remark]


def _remark(kind: str, place: str, severity: Severity | None, pack: LawPack, on: date) -> Remark:
    words = clause_kinds()[kind]
    rules = [pack.by_id[name] for name in words.rules if name in pack.by_id]
    binds = bool(rules) and rules[0].may_decide and rules[0].in_force(on)
    return Remark(
        severity=(severity or words.severity) if binds else Severity.ADVICE,
        code=kind,
        place=place,
        rule=str(rules[0].id) if rules else "",
        article=", ".join(dict.fromkeys(rule.cites for rule in rules)),
        why_zh=words.why_zh,
        why_en=words.why_en,
        mend_zh=words.mend_zh,
        mend_en=words.mend_en,
    )


def _excerpt(given: str, passage: Passage, found: re.Match[str]) -> str:
    """Return what surrounds a match in the given text, at most 120 characters, on one line."""
    start = max(0, min(found.start() - 20, len(passage.text) - _EXCERPT))
    return " ".join(given[passage.places[start] : passage.end].split())[:_EXCERPT]


def _found(given: str, reading: _Reading, remark: _Remarking) -> Iterator[Marked]:
    """Yield what is marked in one language: each kind once a passage, an error before a warning."""
    # Nearly every mark is absent from nearly every passage, so that is asked first and without ceremony.
    patterns = [
        (one, _expression(one.mark, reading.language).search)
        for one in sorted(reading.wording.pattern, key=lambda one: one.severity is not None)
    ]
    told: set[str] = set()
    for at, passage in enumerate(reading.said):
        if passage.titled or passage.chinese is not (reading.language == "zh"):
            continue
        kinds: set[str] = set()
        for pattern, search in patterns:
            if search(passage.text) is None or pattern.kind in kinds or pattern.mark in told:
                continue
            if found := reading.marks(pattern, at):
                kinds.add(pattern.kind)
                if pattern.once:
                    told.add(pattern.mark)
                place = f"{passage.line}:{passage.clause}" if passage.clause else str(passage.line)
                made = remark(pattern.kind, place, pattern.severity)
                excerpt = _excerpt(given, passage, found)
                yield Marked(made, passage.line, passage.clause, passage.start, passage.end, excerpt)


def _weighed(given: str, reading: _Reading, marked: list[Marked], remark: _Remarking) -> Iterator[Marked]:
    """Yield what no pattern knows and weighs too much."""
    starts = {one.start for one in marked}
    known = {at for at, one in enumerate(reading.said) if one.start in starts or reading.cleared(at)}
    for one in suspects(reading.said, reading.language, known):
        first, last = reading.said[one.first], reading.said[one.last]
        place = f"{first.line}:{first.clause}" if first.clause else str(first.line)
        excerpt = " ".join(given[first.start : last.end].split())[:_EXCERPT]
        made = remark(one.kind, place, Severity.WARNING)
        yield Marked(made, first.line, first.clause, first.start, last.end, excerpt, one.cues)


def _lacking(readings: list[_Reading], kinds: set[str], remark: _Remarking) -> Iterator[Marked]:
    """Yield what a privacy policy must say and does not. Where it says so wrongly, the mark of that is enough."""
    said = readings[0].said
    main = readings[0].language
    title = " ".join(one.text for one in said[:_TITLE])
    first = said[0].text.strip()
    about = _PRIVACY.search(first if _OTHER.search(first) else title) is not None
    if not about or sum(len(one.text) for one in said) < _FEWEST[main]:
        return
    if "授权书" in title and any(_SEE_POLICY.search(one.text) for one in said[_TITLE:]):
        return
    for absence in readings[0].wording.absence:
        if _SAID_WRONGLY.get(absence.kind) in kinds:
            continue
        others = (one for reading in readings for one in reading.wording.absence if one.kind == absence.kind)
        if not any(reading.anywhere(one.said) for reading, one in zip(readings, others, strict=True)):
            yield Marked(remark(absence.kind, "document", None), 1, "", 0, 0, "")


def check_agreement(text: str, pack: LawPack, on: date, language: str = "") -> list[Marked]:
    """Return everything there is to say about an agreement, in the order of its text; what it lacks comes last.

    ``language`` is ``zh`` or ``en``; without it each sentence is read in the language it is written in. ``on`` is the
    day by which rules are chosen. Nothing is kept.

    Raises:
        Invalid: the text is longer than ``MOST_CHARACTERS``, or there is no such language.
    """
    if len(text) > MOST_CHARACTERS:
        raise Invalid("is too long to be one agreement")
    if language and language not in LANGUAGES:
        raise Invalid("must be zh or en", "language")
    said = passages(text)
    if not said:
        return []
    if language:
        said = [replace(one, chinese=language == "zh") for one in said]
    main = "zh" if sum(one.chinese for one in said) * 2 >= len(said) else "en"
    there = {"zh" if one.chinese else "en" for one in said}
    spoken = [main, *sorted(there - {main})]
    readings = [_Reading(said, one) for one in spoken]

    def remark(kind: str, place: str, severity: Severity | None) -> Remark:
        return _remark(kind, place, severity, pack, on)

    marked = [one for reading in readings for one in _found(text, reading, remark)]
    for reading in readings:
        marked += list(_weighed(text, reading, marked, remark))
    marked.sort(key=lambda one: (one.start, one.remark.code))
    return [*marked, *_lacking(readings, {one.remark.code for one in marked}, remark)]
