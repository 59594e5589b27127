"""The package as a page that people read: one HTML file, Chinese first and English below, no script, nothing to fetch.

Purposes and items are called what their cards and the taxonomy call them, forms and roles by the words of derived
documents; a code stands where nobody gave it a name. Every word that came from outside is escaped; the page has a
policy that lets it load nothing (CSP Level 3).

Called by: ``operations.rights.access_package``. **Source:** PIPL 45, 48.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from shouxin.documents.citation import article_of
from shouxin.documents.words import Language, Words
from shouxin.domain.clock import write
from shouxin.policy.lawpack import LawPack
from shouxin.rights.package import AccessPackage, Agreed, KeptValue, text_of, title_of

__all__ = ["page"]

_STYLE: Final = (
    "body{font:16px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem;color:#1b1b1b}table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}th,td{text-align:left;"
    "vertical-align:top;border-bottom:1px solid #ccc;padding:.35rem .5rem;overflow-wrap:anywhere}th{background:#f3f3f3}"
    "mark{background:#ffe08a}h2{margin-top:2.5rem}"
)
# heading and column heads, by language
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "title": "关于您的个人信息",
        "intro": "以下是 {lender} 保存的关于您的全部个人信息，生成于 {made}。",
        "kept": "保存的信息",
        "statements": "您陈述的关于他人的信息（按您当时的陈述，不含从别处得知的内容）",
        "purposes": "处理目的、依据与接收方",
        "agreed": "您的同意与拒绝",
        "used": "谁在何时使用过您的信息",
        "permitted": "每一次列出的是获准查看的数据项；其中没有保存的，并没有被看到。",
        "leaf": "条目",
        "bytes": "{size} 字节",
        "agreed_to": "✓ 同意",
        "declined": "✗ 拒绝",
        "withdrawn": "✗ 已撤回",
        "left": "未放入本文件的内容及理由",
        "item": "项目",
        "value": "内容",
        "purpose": "目的",
        "since": "保存自",
        "until": "保存至",
        "basis": "依据",
        "recipients": "接收方",
        "what": "说明",
        "shown": "告知",
        "said": "您的选择",
        "at": "时间",
        "form": "形式",
        "role": "角色",
        "why": "理由",
        "nothing": "无",
        "disputed": "存在异议",
        "person": "他人",
        "rights": (
            "您有权请求更正、补充、删除、限制处理，或要求说明。请联系：{contact}。对处理有异议，可向 {complaint} 投诉，"
            "也可向履行个人信息保护职责的部门投诉、举报（个人信息保护法第六十五条），或依法向人民法院起诉（第五十条）。"
        ),
    },
    "en": {
        "title": "Your personal information",
        "intro": "This is everything that {lender} keeps about you, made on {made}.",
        "kept": "What is kept",
        "statements": "What you stated about others (as you stated it, nothing that was learned elsewhere)",
        "purposes": "Purposes, grounds and recipients",
        "agreed": "What you agreed to and refused",
        "used": "Who used your data, and when",
        "permitted": "Listed are the items that were permitted each time; what was not held was not shown.",
        "leaf": "Entry",
        "bytes": "{size} bytes",
        "agreed_to": "✓ agreed",
        "declined": "✗ refused",
        "withdrawn": "✗ withdrawn",
        "left": "What is not in this file, and why",
        "item": "Item",
        "value": "Value",
        "purpose": "Purpose",
        "since": "Kept since",
        "until": "Kept until",
        "basis": "Ground",
        "recipients": "Recipients",
        "what": "What it is for",
        "shown": "Told",
        "said": "Your choice",
        "at": "When",
        "form": "Form",
        "role": "Role",
        "why": "Why",
        "nothing": "none",
        "disputed": "disputed",
        "person": "Other person",
        "rights": (
            "You may ask us to correct, complete, delete or restrict, or to explain: {contact}. You may complain to "
            "{complaint}, to the authority that protects personal information (PIPL 65), or go to court (PIPL 50)."
        ),
    },
}


def _e(text: object) -> str:
    return html.escape(str(text))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], nothing: str) -> str:
    """Return a table of cells that are escaped already."""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    if not body:
        return f"<p>{_e(nothing)}</p>"
    head = "".join(f"<th>{_e(one)}</th>" for one in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


@dataclass(frozen=True, slots=True)
class _Telling:
    """What codes are called in one language, on the page of one package."""

    package: AccessPackage
    words: Words
    pack: LawPack

    @property
    def own(self) -> dict[str, str]:
        """The words of this page."""
        return _WORDS[self.words.language]

    def item(self, code: str) -> str:
        named = title_of(code)
        return _e(self.words.title(named.zh, named.en))

    def purpose(self, code: str) -> str:
        named = self.package.titles.get(code)
        return _e(code if named is None else self.words.title(named.zh, named.en))

    def article(self, cites: str) -> str:
        """Return articles as people write them; each stands between commas, and one without its law as it is."""
        return self.words.joined(article_of(self.words, self.pack, one) for one in cites.split(", "))

    def form(self, code: str) -> str:
        return _e(self.words.say("certificate", "looked-up") if code == "look-up" else self.words.say("form", code))


def _kept_row(one: KeptValue, telling: _Telling) -> list[str]:
    own = telling.own
    value = own["bytes"].format(size=one.size) if one.value is None else text_of(one.value)
    mark = f" <mark>{_e(own['disputed'])}</mark>" if one.disputed else ""
    until = one.floor_until or one.due
    told = "" if until is None else until.isoformat()
    article = telling.article(one.floor) if one.floor else ""
    return [
        telling.item(one.item) + mark,
        _e(value),
        telling.purpose(one.purpose),
        _e(write(one.since)[:10]),
        _e(f"{told} {article}".strip()),
    ]


def _choice(one: Agreed, own: dict[str, str]) -> str:
    if one.withdrawn is not None:
        return own["withdrawn"]
    if one.given is not None:
        return own["agreed_to"]
    return "—" if one.refused is None else own["declined"]


def _purposes(telling: _Telling) -> list[list[str]]:
    say = telling.words
    return [
        [
            _e(say.title(one.title.zh, one.title.en)),
            _e(say.title(one.explanation.zh, one.explanation.en)),
            _e(say.aside(say.say("basis", one.basis), telling.article(one.article))),
            _e(say.joined(one.recipients) if one.recipients else telling.own["nothing"]),
        ]
        for one in telling.package.purposes
    ]


def _agreed(telling: _Telling) -> list[list[str]]:
    return [
        [
            f"{telling.purpose(one.purpose)} v{_e(one.version)} {_e(one.about)}".strip(),
            _e(write(one.shown)),
            _e(_choice(one, telling.own)),
        ]
        for one in telling.package.agreed
    ]


def _used(telling: _Telling) -> list[list[str]]:
    say = telling.words
    return [
        [
            _e(write(one.at)),
            telling.purpose(one.purpose),
            telling.form(one.form),
            say.joined(map(telling.item, one.items)),
            _e(say.say("role", one.role)),
            _e(one.leaf),
        ]
        for one in telling.package.used
    ]


def _sections(package: AccessPackage, language: Language, pack: LawPack) -> str:
    telling = _Telling(package, Words(language), pack)
    own, say = telling.own, telling.words
    columns = [own[name] for name in ("item", "value", "purpose", "since", "until")]
    kept = [_kept_row(one, telling) for one in package.kept]
    stated = [[_e(one.number), *_kept_row(one.kept, telling)] for one in package.statements]
    left = [
        [
            telling.item(one.item),
            telling.purpose(one.purpose),
            _e(say.aside(say.say("left_out", one.why), telling.article(one.article))),
        ]
        for one in package.left_out
    ]

    def section(head: str, heads: Sequence[str], rows: Iterable[Sequence[str]], lead: str = "") -> str:
        told = f"<p>{_e(own[lead])}</p>" if lead else ""
        return f"<h2>{_e(own[head])}</h2>" + told + _table(heads, rows, own["nothing"])

    def heads(*names: str) -> list[str]:
        return [own[name] for name in names]

    parts = [
        f"<h1>{_e(own['title'])}</h1>",
        f"<p>{_e(own['intro'].format(lender=package.lender, made=write(package.made)))}</p>",
        section("kept", columns, kept),
        section("statements", [own["person"], *columns], stated),
        section("purposes", heads("purpose", "what", "basis", "recipients"), _purposes(telling)),
        section("agreed", heads("purpose", "shown", "said"), _agreed(telling)),
        section("used", heads("at", "purpose", "form", "item", "role", "leaf"), _used(telling), "permitted"),
        section("left", heads("item", "purpose", "why"), left),
        f"<p>{_e(own['rights'].format(contact=package.contact, complaint=package.complaint))}</p>",
    ]
    return f'<section lang="{"zh-CN" if language == "zh" else "en"}">{"".join(parts)}</section>'


def page(package: AccessPackage, pack: LawPack) -> str:
    """Return the page as one HTML text in UTF-8; ``pack`` says what the laws are called."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width"><title>个人信息副本 / Your personal information</title>'
        f"<style>{_STYLE}</style></head><body>{_sections(package, 'zh', pack)}<hr>"
        f"{_sections(package, 'en', pack)}</body></html>\n"
    )
