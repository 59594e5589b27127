"""How the pages say things: words in two languages, times where people live, articles, items and purposes by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files

from shouxin.approvals.chain import Agreement, Level
from shouxin.documents.citation import article_of
from shouxin.documents.words import Language, Sayings, Words, read_sayings
from shouxin.domain.clock import CHINA, Instant
from shouxin.domain.items import taxonomy
from shouxin.errors import NotFound, Refused, ShouxinError
from shouxin.policy.lawpack import LawPack

__all__ = ["PageWording", "page_words"]


@cache
def page_words() -> Sayings:
    """Return the words of the pages; read once per process."""
    return read_sayings((files("shouxin.web") / "words.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class PageWording:
    """What a template says in one language; ``purposes`` are the titles of the adopted cards."""

    language: Language
    pack: LawPack
    purposes: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def words(self) -> Words:
        """The words themselves: those of the pages, and those of derived documents."""
        return Words(self.language, page_words())

    def say(self, group: str, code: str, **about: object) -> str:
        """Return a text; see ``Words.say``."""
        return self.words.say(group, code, **about)

    def item(self, code: object) -> str:
        """Return what an item is called."""
        found = {str(known): one for known, one in taxonomy().items.items()}.get(str(code))
        return str(code) if found is None else self.words.title(found.title_zh, found.title_en)

    def items(self, codes: Iterable[object]) -> str:
        """Return items as an enumeration."""
        return self.words.joined(self.item(code) for code in codes)

    def purpose(self, code: object) -> str:
        """Return the title of a purpose; its code where no card of that purpose stands any more."""
        pair = self.purposes.get(str(code))
        return str(code) if pair is None else self.words.title(*pair)

    def article(self, cite: str) -> str:
        """Return an article as people write it."""
        return article_of(self.words, self.pack, cite)

    def moment(self, instant: Instant | None) -> str:
        """Return a time where people live, to the minute; a dash where there is none."""
        if instant is None:
            return "—"
        local = datetime.fromtimestamp(instant / 1000, CHINA)
        return self.say("certificate", "zone", time=f"{local:%Y-%m-%d %H:%M}")

    def chain(self, levels: Sequence[Level], now: int, given: Sequence[Agreement]) -> list[dict[str, object]]:
        """Return the levels of a chain: who is asked, how many said yes, and which is asked now."""
        return [
            {
                "role": self.say("role", level.role),
                "given": sum(one.level == number for one in given),
                "quorum": level.quorum,
                "done": sum(one.level == number for one in given) >= level.quorum,
                "now": number == now,
            }
            for number, level in enumerate(levels)
        ]

    def refusal(self, error: ShouxinError) -> dict[str, object]:
        """Return what an error says to people: what happened, why, and each reason with its article."""
        known = page_words()["detail"].get(error.detail, {}).get(self.language)
        reasons = error.reasons if isinstance(error, Refused) else ()
        return {
            "title": self.say("refusal", error.code),
            "detail": known or error.detail,
            "foreign": known is None and self.language != "en",
            "reasons": [
                {"title": self._rule(rule), "rule": rule, "article": self.article(cite)} for rule, cite in reasons
            ],
        }

    def _rule(self, rule_id: str) -> str:
        try:
            rule = self.pack.rule(rule_id)
        except NotFound:
            return self.say("reason", rule_id)
        return self.words.title(rule.title_zh, rule.title_en)
