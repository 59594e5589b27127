"""What the reports of a scan say, in Chinese and English: the page (``scan_page``) and the paper (``scan_paper``)."""

from __future__ import annotations

from typing import Final

__all__ = ["METHOD", "REASONS", "WORDS", "amount"]

WORDS: Final[dict[str, tuple[str, str]]] = {
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
    "holds": ("含有", "Holds"),
    "status": ("由扫描结果生成；不含任何个人信息的原值", "Made from a scan; no value of a person is in it"),
    "made-of": (
        "识别规则 {rules}；同一份 JSON 报告得出同一份文件",
        "Rules {rules}; made from the JSON report of the scan",
    ),
    "basis-all": ("全部", "all"),
    "basis-random": ("随机抽样", "a random sample"),
    "basis-ranges": ("按主键随机区间抽样", "random ranges of the key"),
    "basis-first": ("仅前若干行，不可外推", "the first rows only: not to be generalised"),
}
METHOD: Final = (
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
REASONS: Final[dict[str, tuple[str, str]]] = {
    "binary": ("二进制格式，没有读取组件", "a binary format without a reader"),
    "broken": ("读不通：与其声称的格式不符或已损坏", "does not read as what it claims to be"),
    "encrypted": ("已加密", "encrypted"),
    "too-large": ("过大，超出内存上限", "would take too much memory"),
    "too-deep": ("压缩包嵌套过深", "archives nested too deep"),
    "bomb": ("解压后过大，疑似压缩炸弹", "unpacks to far more than it holds"),
    "too-slow": ("读取超时", "reading took too long"),
    "denied": ("没有权限", "access denied"),
    "special": ("链接、设备或视图", "a link, a device or a view"),
    "no-reader": ("未安装读取组件：", "the reader is not installed:"),
}


def amount(size: int) -> str:
    """Say a number of bytes as people read it."""
    value, unit = float(size), "B"
    for unit in ("B", "KB", "MB", "GB", "TB"):  # noqa: B007 - the last one is wanted
        if value < 1000:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
