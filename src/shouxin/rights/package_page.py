"""The package as a page that people read: one HTML file, Chinese first and English below, no script, nothing to fetch.

Every word that came from outside is escaped; the page has a policy that lets it load nothing (CSP Level 3).
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Final

from shouxin.domain.clock import write
from shouxin.rights.package import AccessPackage, KeptValue, text_of, title_of

__all__ = ["page"]

_STYLE: Final = (
    "body{font:16px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem;color:#1b1b1b}table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}th,td{text-align:left;"
    "vertical-align:top;border-bottom:1px solid #ccc;padding:.35rem .5rem;overflow-wrap:anywhere}th{background:#f3f3f3}"
    "mark{background:#ffe08a}h2{margin-top:2.5rem}"
)
# heading and column heads, by language
_WORDS: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "title": "关于您的个人信息",
        "intro": "以下是 {lender} 保存的关于您的全部个人信息，生成于 {made}。",
        "kept": "保存的信息",
        "statements": "您陈述的关于他人的信息（按您当时的陈述，不含从别处得知的内容）",
        "purposes": "处理目的、依据与接收方",
        "agreed": "您的同意与拒绝",
        "used": "谁在何时使用过您的信息",
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


def _kept_row(one: KeptValue, words: dict[str, str], language: str) -> list[str]:
    title = title_of(one.item)
    value = f"{one.size} bytes" if one.value is None else text_of(one.value)
    mark = f" <mark>{_e(words['disputed'])}</mark>" if one.disputed else ""
    until = one.floor_until or one.due
    told = "" if until is None else until.isoformat()
    return [
        _e(title.zh if language == "zh" else title.en) + mark,
        _e(value),
        _e(one.purpose),
        _e(write(one.since)[:10]),
        _e(f"{told} {one.floor}".strip()),
    ]


def _sections(package: AccessPackage, language: str) -> str:
    words = _WORDS[language]
    zh = language == "zh"
    columns = [words[name] for name in ("item", "value", "purpose", "since", "until")]
    kept = [_kept_row(one, words, language) for one in package.kept]
    stated = [[_e(one.number), *_kept_row(one.kept, words, language)] for one in package.statements]
    purposes = [
        [
            _e(f"{one.title.zh if zh else one.title.en} ({one.code})"),
            _e(one.explanation.zh if zh else one.explanation.en),
            _e(f"{one.basis}, {one.article}"),
            _e(", ".join(one.recipients) or words["nothing"]),
        ]
        for one in package.purposes
    ]
    agreed = [
        [
            _e(f"{one.purpose} v{one.version} {one.about}"),
            _e(write(one.shown)),
            _e(_choice(one.given, one.refused, one.withdrawn)),
        ]
        for one in package.agreed
    ]
    used = [
        [_e(write(one.at)), _e(one.purpose), _e(one.form), _e(", ".join(one.items)), _e(one.role), _e(one.leaf)]
        for one in package.used
    ]
    left = [
        [_e(title_of(one.item).zh if zh else title_of(one.item).en), _e(one.purpose), _e(f"{one.why} ({one.article})")]
        for one in package.left_out
    ]
    none = words["nothing"]
    heads = {name: words[name] for name in words}
    parts = [
        f"<h1>{_e(words['title'])}</h1>",
        f"<p>{_e(words['intro'].format(lender=package.lender, made=write(package.made)))}</p>",
        f"<h2>{_e(words['kept'])}</h2>" + _table(columns, kept, none),
        f"<h2>{_e(words['statements'])}</h2>" + _table([heads["person"], *columns], stated, none),
        f"<h2>{_e(words['purposes'])}</h2>"
        + _table([heads[name] for name in ("purpose", "what", "basis", "recipients")], purposes, none),
        f"<h2>{_e(words['agreed'])}</h2>"
        + _table([heads[name] for name in ("purpose", "shown", "said")], agreed, none),
        f"<h2>{_e(words['used'])}</h2>"
        + _table([*(heads[name] for name in ("at", "purpose", "form", "item", "role")), "leaf"], used, none),
        f"<h2>{_e(words['left'])}</h2>" + _table([heads[name] for name in ("item", "purpose", "why")], left, none),
        f"<p>{_e(words['rights'].format(contact=package.contact, complaint=package.complaint))}</p>",
    ]
    return f'<section lang="{"zh-CN" if zh else "en"}">{"".join(parts)}</section>'


def _choice(given: int | None, refused: int | None, withdrawn: int | None) -> str:
    if withdrawn is not None:
        return "✗ 已撤回 withdrawn"
    if given is not None:
        return "✓ 同意 agreed"
    return "—" if refused is None else "✗ 拒绝 refused"


def page(package: AccessPackage) -> str:
    """Return the page as one HTML text in UTF-8."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width"><title>个人信息副本 / Your personal information</title>'
        f"<style>{_STYLE}</style></head><body>{_sections(package, 'zh')}<hr>{_sections(package, 'en')}</body></html>\n"
    )
