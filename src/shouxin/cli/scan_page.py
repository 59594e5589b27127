"""The report of a scan as one page: to show to a colleague, to print, to put into the file.

Laws. The page is whole: no script, no font, no picture from anywhere, and its own policy forbids any. Everything that
came from outside is escaped. It holds counts, names and titles, and masked examples only if the scan kept some.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from shouxin.cli.showing import printable
from shouxin.detection.survey.media_words import explain_media
from shouxin.detection.survey.words import explain_column, explain_kind, title
from shouxin.domain.items import item
from shouxin.policy.rule import Verified

if TYPE_CHECKING:
    from shouxin.detection.columns import ColumnVerdict
    from shouxin.detection.survey.evidence import PlaceEvidence, ScanReport
    from shouxin.detection.survey.grading import PlaceVerdict, SurveyVerdict
    from shouxin.detection.survey.words import Language
    from shouxin.operations.scanning.scan_advice import ScanStep
    from shouxin.policy.rule import Rule

__all__ = ["scan_page"]

_MOST_PLACES: Final = 1_000
_MOST_UNREAD: Final = 500
_MOST_SEEN: Final = 100  # findings of a picture, document or video
_ALL_OPEN: Final = 20  # places: a printer prints what is open
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("个人信息识别报告", "Where personal information lies"),
    "of": ("来源", "Source"),
    "when": ("扫描时间", "Scanned"),
    "rules": ("识别规则版本", "Rules"),
    "held": (
        "在 {n} 处发现个人信息，最高 {level} 级、{klass} 类{sensitive}。",
        "Personal information in {n} places; highest: level {level}, class {klass}{sensitive}.",
    ),
    "sensitive": ("，含敏感个人信息", ", sensitive information among it"),
    "none": ("在检查过的内容里没有识别出个人信息。", "No personal information was recognised in what was looked at."),
    "nothing": ("什么也没有检查到。", "Nothing could be looked at."),
    "unread-note": ("另有 {n} 处未能检查，见下。", "{n} places could not be looked into; they are listed below."),
    "places": ("检查的文件、表、页", "files, tables, sheets"),
    "rows": ("行（抽查 / 全部）", "rows looked at / all"),
    "bytes": ("文本", "of text"),
    "unread": ("未能检查", "not looked into"),
    "levels": ("按级别", "By level"),
    "level": ("{n} 级", "Level {n}"),
    "level-none": ("未识别出", "None found"),
    "next": ("下一步做什么", "What to do next"),
    "concerns": ("涉及 {n} 处", "{n} places"),
    "by-place": ("按位置", "By place"),
    "column": ("列", "Column"),
    "grade": ("级别", "Grade"),
    "why": ("依据", "Why"),
    "where": ("位置", "Place"),
    "reason": ("原因", "Reason"),
    "examples": ("脱敏示例", "masked"),
    "raised": ("组合升级", "raised by combination"),
    "also-none": ("另有 {n} 列未发现个人信息", "{n} more columns without personal information"),
    "rest": ("其余 {n} 处见 JSON 报告。", "{n} more stand in the JSON report."),
    "read": ("抽查 {read} / 共 {rows} 行（{basis}）", "{read} of {rows} rows ({basis})"),
    "aside": ("，{n} 行不成形，另按文本检查", ", {n} rows do not fit and were read as text"),
    "not-read": ("没有检查的", "Not looked into"),
    "method": ("怎样读这份报告", "How to read this"),
    "unverified": ("（未与原文核对，仅供参考）", " (not checked against the text: advice only)"),
    "names-not": (
        "本次没有在文本和单元格内容里寻找姓名和地址。",
        "Names and addresses inside texts and values were not looked for in this scan.",
    ),
    "basis-all": ("全部", "all"),
    "basis-random": ("随机抽样", "a random sample"),
    "basis-ranges": ("按主键随机区间抽样", "random ranges of the key"),
    "basis-first": ("仅前若干行，不可外推", "the first rows only: not to be generalised"),
}
_METHOD: Final = (
    (
        "表按行随机抽样，每列给出含有比例的 95% 置信区间（Wilson）。“没有发现”指：在所述上限之下都可能存在；要排除，"
        "请用 --everything 检查全部行。文本和日志逐字节检查，不抽样。一处的级别取其中数据项的最高者，组合可再升级；"
        "不同表、不同文件之间不组合。姓名和地址没有校验位，依据列名和模型判断，至多为“可能”。报告里没有任何个人信息的原值。"
    ),
    (
        "Tables are sampled by row at random; each share comes with its 95% bounds (Wilson score interval). “Nothing” "
        "means: anything below the stated bound may still be there; to rule it out, look at every row (--everything). "
        "Texts and logs are read whole. A place has the highest grade of its items, combinations raise it; items of "
        "different tables or files are not combined. Names and addresses have no check digit: they rest on the name of "
        "the column and on a model, and are likely at best. No value of a person is in this report."
    ),
)
_REASONS: Final[dict[str, tuple[str, str]]] = {
    "binary": ("二进制格式，没有读取组件", "a binary format without a reader"),
    "broken": ("读不通：与其声称的格式不符或已损坏", "does not read as what it claims to be"),
    "encrypted": ("已加密", "encrypted"),
    "too-large": ("过大，超出内存上限", "would take too much memory"),
    "too-deep": ("压缩包嵌套过深", "archives nested too deep"),
    "bomb": ("解压后过大，疑似压缩炸弹", "unpacks to far more than it holds"),
    "too-slow": ("读取超时", "reading took too long"),
    "denied": ("没有权限", "access denied"),
    "special": ("链接、设备或视图", "a link, a device or a view"),
    "no-reader": ("未安装读取组件", "the reader is not installed"),
}


def _amount(size: int) -> str:
    value, unit = float(size), "B"
    for unit in ("B", "KB", "MB", "GB", "TB"):  # noqa: B007 - the last one is wanted
        if value < 1000:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"


class _Page:
    def __init__(self, report: ScanReport, language: Language) -> None:
        self._report, self._language, self._at = report, language, 0 if language == "zh" else 1
        self._evidence = {one.place: one for one in report.places}

    def say(self, key: str, **words: object) -> str:
        return escape(_WORDS[key][self._at].format(**words))

    def top(self, verdict: SurveyVerdict) -> Iterator[str]:
        report, held = self._report, [one for one in verdict.places if one.grade]
        sensitive = _WORDS["sensitive"][self._at] if verdict.sensitive else ""
        key = "held" if held else "none" if report.places else "nothing"
        said = self.say(key, n=len(held), level=verdict.level, klass=verdict.klass, sensitive=sensitive)
        if report.unread:
            said += f' <span class="soft">{self.say("unread-note", n=f"{len(report.unread):,}")}</span>'
        yield f"<header><h1>{self.say('title')}</h1>"
        versions = ", ".join(filter(None, (report.rules, report.names)))
        yield (
            f'<p class="soft">{self.say("of")} <code>{_safe(report.source)}</code> · {self.say("when")} '
            f"{escape(report.began)} · {self.say('rules')} {escape(versions)}</p>"
        )
        yield f'<div class="verdict t{verdict.level}">{said}</div><div class="facts">'
        read, rows = sum(one.read for one in report.places), sum(one.rows for one in report.places)
        size = sum(one.text.size for one in report.places if one.text)
        yield self._fact(f"{len(report.places):,}", "places")
        yield self._fact(f"{read:,} / {rows:,}", "rows")
        yield self._fact(_amount(size), "bytes")
        yield self._fact(f"{len(report.unread):,}", "unread") + "</div></header>"

    def _fact(self, value: str, key: str) -> str:
        return f'<div class="fact"><b>{escape(value)}</b><span>{self.say(key)}</span></div>'

    def levels(self, verdict: SurveyVerdict) -> Iterator[str]:
        most = max(1, *(len(verdict.at_level(level)) for level in range(6)))
        yield f'<h2>{self.say("levels")}</h2><div class="card levels">'
        for level in (5, 4, 3, 2, 1, 0):
            count = len(verdict.at_level(level))
            name = self.say("level", n=level) if level else self.say("level-none")
            bar = f'<i style="width:{100 * count / most:.1f}%"></i>' if count else ""
            yield f'<span>{name}</span><span class="bar t{level}">{bar}</span><b>{count:,}</b>'
        yield "</div>"

    def steps(self, steps: tuple[ScanStep, ...]) -> Iterator[str]:
        if not steps:
            return
        yield f'<h2>{self.say("next")}</h2><ol class="steps">'
        for one in steps:
            head, detail = (one.title_zh, one.detail_zh) if self._at == 0 else (one.title_en, one.detail_en)
            yield (
                f'<li><div class="card"><h3>{escape(head)} <span class="soft">· '
                f"{self.say('concerns', n=f'{one.places:,}')}</span></h3><p>{escape(detail)}</p>"
                f"{self._rules(one.rules)}</div></li>"
            )
        yield "</ol>"

    def _rules(self, rules: tuple[Rule, ...]) -> str:
        if not rules:
            return ""
        lines = []
        for rule in rules:
            name = rule.title_zh if self._at == 0 else rule.title_en
            quote = f" <q>{escape(rule.quote)}</q>" if rule.quote else ""
            doubt = "" if rule.verified is Verified.TEXT else self.say("unverified")
            lines.append(f"<li><b>{escape(rule.cites)}</b> {escape(name)}{quote}{doubt}</li>")
        return f'<ul class="rules">{"".join(lines)}</ul>'

    def places(self, verdict: SurveyVerdict) -> Iterator[str]:
        held = [one for one in verdict.places if one.grade]
        if held:
            yield f"<h2>{self.say('by-place')}</h2>"
        for number, one in enumerate(held[:_MOST_PLACES]):
            yield from self._place(one, self._evidence[one.place], is_open=number < 1 or len(held) <= _ALL_OPEN)
        if len(held) > _MOST_PLACES:
            yield f'<p class="soft">{self.say("rest", n=f"{len(held) - _MOST_PLACES:,}")}</p>'

    def _place(self, one: PlaceVerdict, evidence: PlaceEvidence, *, is_open: bool) -> Iterator[str]:
        grade = one.grade
        if grade is None:
            return
        chips = "".join(self._chip(code) for code in one.items)
        if grade.raised_by:
            chips += f'<span class="chip hot">{self.say("raised")}: {escape(", ".join(grade.raised_by))}</span>'
        yield f"<details{' open' if is_open else ''}><summary>{self._badge(grade.level, grade.klass)}"
        yield f'<code>{_safe(one.place)}</code><span class="holds">{chips}</span></summary><div class="inside">'
        yield f'<p class="soft">{self._looked(evidence)}</p>'
        yield from self._columns(one, evidence)
        for kind in one.kinds:
            shown = self._shown(one.place, kind.kind.value)
            yield f"<p>· {escape(explain_kind(kind, self._language))}{shown}</p>"
        for seen in evidence.media.findings[:_MOST_SEEN] if evidence.media else ():
            yield f"<p>· {escape(explain_media(seen, self._language))}</p>"
        yield "</div></details>"

    def _badge(self, level: int, klass: str) -> str:
        return f'<span class="badge t{level}">{self.say("level", n=level)} · {escape(klass)}</span>'

    def _chip(self, code: str) -> str:
        one = item(code)
        hot = " hot" if one.sensitive() or one.klass == "C3" else ""
        return f'<span class="chip{hot}">{escape(title(one.code, self._language))}</span>'

    def _looked(self, evidence: PlaceEvidence) -> str:
        said = [evidence.form]
        if evidence.rows:
            basis = _WORDS[f"basis-{evidence.basis.value}"][self._at]
            said.append(self.say("read", read=f"{evidence.read:,}", rows=f"{evidence.rows:,}", basis=basis))
            if evidence.aside:
                said[-1] += self.say("aside", n=f"{evidence.aside:,}")
        if evidence.media and evidence.media.whole:
            said.append(f"{evidence.media.looked:g} / {evidence.media.whole:g}")
        if evidence.text:
            said.append(f"{_amount(evidence.text.size)} · {', '.join(evidence.text.encodings)}")
        return " · ".join(escape(one) for one in said if one)

    def _columns(self, one: PlaceVerdict, evidence: PlaceEvidence) -> Iterator[str]:
        told = [pair for pair in zip(one.columns, evidence.columns, strict=True) if self._worth_telling(pair[0])]
        if told:
            yield f"<table><tr><th>{self.say('column')}</th><th>{self.say('grade')}</th><th>{self.say('why')}</th></tr>"
            for column, seen in told:
                codes = [item(code) for code in column.items]
                grade = self._badge(max(c.level for c in codes), max(c.klass for c in codes)) if codes else "–"
                why = escape(explain_column(column, seen, self._language))
                shown = self._shown(one.place, column.name)
                yield f"<tr><td><code>{_safe(column.name)}</code></td><td>{grade}</td><td>{why}{shown}</td></tr>"
            yield "</table>"
        if rest := len(one.columns) - len(told):
            yield f'<p class="soft">{self.say("also-none", n=rest)}</p>'

    @staticmethod
    def _worth_telling(column: ColumnVerdict) -> bool:
        return bool(column.items) or bool(column.reasons)

    def _shown(self, place: str, name: str) -> str:
        kept = self._report.examples.get(place, {}).get(name, [])
        if not kept:
            return ""
        return f'<br><span class="soft">{self.say("examples")}: <code>{_safe("  ".join(kept))}</code></span>'

    def unread(self) -> Iterator[str]:
        report = self._report
        if not report.unread:
            return
        counted = Counter((one.reason.value, one.detail) for one in report.unread)
        yield f'<h2>{self.say("not-read")}</h2><div class="card"><p>'
        yield " ".join(
            f'<span class="chip">{escape(_REASONS[reason][self._at])} {_safe(detail)} × {count:,}</span>'
            for (reason, detail), count in counted.most_common(30)
        )
        yield f"</p><table><tr><th>{self.say('where')}</th><th>{self.say('reason')}</th></tr>"
        for one in report.unread[:_MOST_UNREAD]:
            reason = f"{escape(_REASONS[one.reason.value][self._at])} <span class='soft'>{_safe(one.detail)}</span>"
            yield f"<tr><td><code>{_safe(one.place)}</code></td><td>{reason}</td></tr>"
        yield "</table>"
        if len(report.unread) > _MOST_UNREAD:
            yield f'<p class="soft">{self.say("rest", n=f"{len(report.unread) - _MOST_UNREAD:,}")}</p>'
        yield "</div>"

    def method(self) -> str:
        names = "" if self._report.names else f" {self.say('names-not')}"
        return f'<h2>{self.say("method")}</h2><div class="card"><p>{escape(_METHOD[self._at])}{names}</p></div>'


def _safe(text: str) -> str:
    return escape(printable(text))


def scan_page(report: ScanReport, verdict: SurveyVerdict, steps: tuple[ScanStep, ...], language: Language) -> str:
    """Return the page (UTF-8, one file, no scripts)."""
    page = _Page(report, language)
    style = (files("shouxin.cli") / "scan_page.css").read_text(encoding="utf-8")
    body = [
        *page.top(verdict),
        *page.levels(verdict),
        *page.steps(steps),
        *page.places(verdict),
        *page.unread(),
        page.method(),
    ]
    return (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{page.say('title')} · {_safe(report.source)}</title><style>{style}</style></head><body><main>"
        f"{''.join(body)}<footer>Shouxin 守信 · {escape(report.ended)}</footer></main></body></html>\n"
    )
