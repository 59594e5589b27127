"""A verdict in words, Chinese or English: what was seen, how sure that makes us, and what speaks against it.

Laws. Every sentence is made of counts, bounds, names of columns and titles of items; none can hold a value.

Called by: reports, on the terminal and as a page.
**Source:** bounds are 95% score intervals (E. B. Wilson, JASA 22 (1927) 209-212).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, TypeAlias

from shouxin.detection.column_evidence import CHANCE, ColumnEvidence
from shouxin.detection.column_names import item_of_name
from shouxin.detection.columns import ColumnVerdict, Share, wilson
from shouxin.detection.finding import BY_MODEL, ITEM_OF, FindingKind
from shouxin.detection.survey.kind_counts import KindCount
from shouxin.domain.items import ItemCode, item

__all__ = ["Language", "bound_of_nothing", "explain_column", "explain_kind", "percent", "title"]

Language: TypeAlias = Literal["zh", "en"]

_CHECKED: Final = frozenset(
    {FindingKind.RESIDENT_ID, FindingKind.BANK_CARD, FindingKind.IMEI, FindingKind.CREDIT_CODE},
)
_SAYINGS: Final[Mapping[str, tuple[str, str]]] = {
    "are": (
        "抽查的 {n} 个值中有 {k} 个是{what}{checked}，占全列的 {low}–{high}（95% 置信）",
        "{k} of {n} values looked at are: {what}{checked}; {low}–{high} of the column (95%)",
    ),
    "inside": (
        "{n} 个值中有 {k} 个的内容里含有{what}（全列的 {low}–{high}）",
        "{k} of {n} values contain: {what} ({low}–{high} of the column)",
    ),
    "chance": (
        "{k} 个值碰巧通过{what}的校验，不多于随机数字的通过率（同样长度的数字有 {tried} 个），不作认定",
        "{k} values pass as {what}, no more than chance lets through of {tried} numbers of that length: not counted",
    ),
    "name": ("列名也表示{what}", "the name of the column says so too: {what}"),
    "by-name": (
        "列名表示{what}，一半以上的值形式相符",
        "the name says {what}, and most values look like it",
    ),
    "name-only": (
        "列名表示{what}；这类值没有可以核对的形式",
        "the name says {what}; such values have no shape that could be checked",
    ),
    "doubt": (
        "列名表示{what}，但抽查的值还不足以证实，请人工确认",
        "the name says {what}, the values neither prove nor disprove it: somebody should look",
    ),
    "contradicted": (
        "列名表示{what}，但抽查的 {n} 个值并不相符，至多 {high} 可能是（95% 置信）",
        "the name says {what}, the {n} values looked at say no: at most {high} can be (95%)",
    ),
    "cut": (
        "有 {cut} 个值过长，只看了前面一部分，后面可能还有，请人工确认",
        "{cut} values are too long and were looked at in part only: there may be more, somebody should look",
    ),
    "empty": ("抽查的行里没有值", "no value in the rows looked at"),
    "nothing": (
        "抽查的 {n} 个值中没有发现；含有个人信息的值至多占 {high}（95% 置信）",
        "nothing in the {n} values looked at; at most {high} of them can hold any (95%)",
    ),
    "hint": (
        "模型认为其中有{what}，但太少，不作认定",
        "the model of names sees too few to be believed: {what}; not counted",
    ),
    "text-hint": (
        "模型认为有 {k} 处{what}，但太少且没有旁证，不作认定",
        "{k} × {what} by the model of names alone, too few to be believed: not counted",
    ),
    "corrected": ("管理员已更正", "corrected by a steward"),
    "changed": ("更正之后又出现了新的内容，请再看一次", "something else appeared since: look again"),
    "text": ("{k} 处{what}", "{k} × {what}"),
    "weak": ("另有 {k} 处证据薄弱", "and {k} on weak evidence"),
    "checked": ("（校验位正确）", " with a right check digit"),
    "text-chance": (
        "{k} 处数字碰巧通过{what}的校验，不多于随机通过率，不作认定",
        "{k} numbers pass as {what}, no more than chance lets through: not counted",
    ),
}


def percent(share: float) -> str:
    """Write a share with as many digits as it needs near 0 and 1."""
    per = share * 100
    if per == 0 or per >= 99.995 or 10 <= per <= 90:
        return f"{per:.0f}%"
    return f"{per:.1f}%" if 1 <= per <= 99 else f"{per:.2f}%"


def title(code: ItemCode, language: Language) -> str:
    """Return the title of an item."""
    one = item(code)
    return one.title_zh if language == "zh" else one.title_en


def _say(language: Language) -> Callable[..., str]:
    place = 0 if language == "zh" else 1
    return lambda key, **words: _SAYINGS[key][place].format(**words)


def bound_of_nothing(values: int) -> float:
    """Return the largest share (0-1) that may hold something although none of ``values`` did (95%)."""
    return wilson(0, values)[1]


def _shares(verdict: ColumnVerdict, evidence: ColumnEvidence, language: Language) -> Iterator[str]:
    say, rejected = _say(language), "chance" in verdict.reasons
    for share in verdict.shares:
        what = title(ITEM_OF[share.kind], language)
        if rejected and share.kind in CHANCE and ITEM_OF[share.kind] not in verdict.items:
            tried = max(evidence.candidates.get(share.kind, 0), share.values)
            yield say("chance", k=f"{share.values:,}", what=what, tried=f"{tried:,}")
        elif "hint" in verdict.reasons and share.kind in BY_MODEL and ITEM_OF[share.kind] not in verdict.items:
            yield say("hint", what=what)
        else:
            yield say("are" if share.whole else "inside", **_numbers(share, language), what=what)


def _numbers(share: Share, language: Language) -> dict[str, str]:
    checked = _say(language)("checked") if share.kind in _CHECKED else ""
    bounds = {"low": percent(share.low), "high": percent(share.high)}
    return {"k": f"{share.values:,}", "n": f"{share.sampled:,}", "checked": checked, **bounds}


def explain_column(verdict: ColumnVerdict, evidence: ColumnEvidence, language: Language) -> str:
    """Return why a column was judged so, as one line."""
    say, reasons = _say(language), verdict.reasons
    promised = item_of_name(evidence.name)
    said = list(_shares(verdict, evidence, language))
    what = title(promised, language) if promised else ""
    n, high = f"{evidence.values:,}", percent(bound_of_nothing(evidence.values))
    if "values" in reasons and "name" in reasons:
        said.append(say("name", what=what))
    elif "name" in reasons:
        said.insert(0, say("by-name" if verdict.certainty == "likely" else "doubt", what=what))
    if "corrected" in reasons:
        said = [say(one) for one in ("corrected", "changed") if one in reasons] + said
    for reason in ("name-only", "contradicted"):
        if reason in reasons:
            said.insert(0, say(reason, what=what, n=n, high=high))
    if not evidence.values:
        said.append(say("empty"))
    elif not said:
        said.append(say("nothing", n=n, high=high))
    if evidence.cut:
        said.append(say("cut", cut=f"{evidence.cut:,}"))
    return ("；" if language == "zh" else "; ").join(said)


def explain_kind(count: KindCount, language: Language) -> str:
    """Return what a text holds of one kind, as one line."""
    say, what = _say(language), title(ITEM_OF[count.kind], language)
    if count.chance:
        return say("text-chance", k=f"{count.strong + count.weak:,}", what=what)
    if count.refused:
        return f"{what}：{say('corrected')}" if language == "zh" else f"{what}: {say('corrected')}"
    if count.hint:
        return say("text-hint", k=f"{count.strong + count.weak:,}", what=what)
    said = [say("text", k=f"{count.strong:,}", what=what)] if count.strong else []
    if count.weak:
        weak = say("weak", k=f"{count.weak:,}")
        said.append(weak if count.strong else f"{what}：{weak}" if language == "zh" else f"{what}: {weak}")
    return ("，" if language == "zh" else ", ").join(said)
