"""The page of an audit of integrity, in Chinese or English: how it ended, what was checked, what was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from shouxin.documents.document import Block, Document, Fields, Heading, Mark, Paragraph, Table
from shouxin.documents.words import Language

__all__ = ["integrity_pages"]

_SAID: Final[dict[str, tuple[str, str]]] = {
    "title": ("完整性审计报告", "Audit of integrity"),
    "intact": ("完整：未发现篡改或缺失", "Intact: nothing was altered, nothing is missing"),
    "incomplete": ("未完成：有存储无法访问", "Incomplete: a store could not be reached"),
    "broken": (
        "不完整：停止操作，保留现场，通知负责人",
        "Broken: stop, keep everything as it is, call whoever is responsible",
    ),
    "checked": ("核对范围", "What was checked"),
    "found": ("发现", "What was found"),
    "nothing": ("没有发现", "Nothing was found"),
    "at": ("时间", "At"),
    "size": ("日志条目", "Entries of the log"),
    "root": ("日志根", "Root of the log"),
    "tiles": ("哈希块", "Tiles"),
    "checkpoints": ("签名检查点", "Signed checkpoints"),
    "proofs": ("抽查的证明", "Proofs sampled"),
    "objects": ("抽查的影像对象", "Objects sampled"),
    "previous": ("上次审计", "Previous audit"),
    "none": ("无", "none"),
    "code": ("代码", "Code"),
    "place": ("位置", "Place"),
    "detail": ("说明", "Detail"),
    "how": (
        "本页由签名的 JSON 报告生成；以该报告为准，其摘要记入日志。",
        "This page is made from the signed JSON report; that report counts, and its digest is in the log.",
    ),
}
_SEVERITY: Final = {"intact": "good", "incomplete": "warning", "broken": "error"}


def integrity_pages(report: Mapping[str, Any], language: Language) -> Document:
    """Return the report of an audit, laid out; ``report`` is the document that was signed."""
    which = 0 if language == "zh" else 1

    def say(word: str) -> str:
        return _SAID[word][which]

    log, sample, last = report["log"], report["sample"], report["previous"]
    outcome = report["outcome"]
    pairs = (
        (say("at"), report["at"]),
        (say("size"), str(log["entries"])),
        (say("root"), log["root"]),
        (say("tiles"), str(log["tiles"])),
        (say("checkpoints"), str(report["checkpoints"])),
        (say("proofs"), str(sample["proofs"])),
        (say("objects"), str(sample["objects"])),
        (say("previous"), say("none") if last is None else f"{last['at']} {last['outcome']}"),
    )
    found = tuple((one["code"], one["place"], one["detail"]) for one in report["findings"])
    blocks: list[Block] = [Mark(_SEVERITY[outcome], say(outcome)), Heading(say("checked")), Fields(pairs)]
    blocks.append(Heading(say("found")))
    heads = (say("code"), say("place"), say("detail"))
    blocks.append(Table(heads, found, (3, 4, 8)) if found else Paragraph(say("nothing")))
    blocks.append(Paragraph(say("how"), quiet=True))
    return Document(
        kind="integrity",
        language=language,
        title=say("title"),
        subtitle=report["institution"]["origin"],
        institution=report["institution"]["name"],
        on=date.fromisoformat(report["at"][:10]),
        status=say(outcome),
        made_of=say("how"),
        blocks=tuple(blocks),
    )
