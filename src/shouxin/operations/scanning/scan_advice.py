"""What to do about what a scan found: a few steps, most pressing first, each with the articles it rests on.

Laws. A step quotes rules of the law pack and says how their wording was verified; it advises, it decides nothing. What
could not be looked into is a step of its own, so that nobody takes silence for an answer.

Called by: commands that show a report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from shouxin.detection.survey.evidence import ScanReport
from shouxin.detection.survey.grading import PlaceVerdict, SurveyVerdict
from shouxin.domain.items import KLASSES, item
from shouxin.errors import NotFound
from shouxin.policy.lawpack import LawPack
from shouxin.policy.rule import Rule, RuleId

__all__ = ["ScanStep", "next_steps"]

_TEXTS: Final = frozenset({"text", "json", "json lines", "csv", "tsv", "sheet"})


@dataclass(frozen=True, slots=True)
class ScanStep:
    """One step: what, why, in how many places, and the rules (none: common sense)."""

    code: str
    title_zh: str
    title_en: str
    detail_zh: str
    detail_en: str
    places: int
    rules: tuple[Rule, ...]


def _holds_secret(place: PlaceVerdict) -> bool:
    return any(item(code).klass == KLASSES[-1] for code in place.items)


# code, titles, details, rules, whom it concerns
_STEPS: Final[Sequence[tuple[str, str, str, str, str, tuple[str, ...], Callable[[PlaceVerdict], bool]]]] = (
    (
        "authentication",
        "先处理 C3 鉴别信息",
        "Authentication information (C3) first",
        "密码、验证码、卡片验证码等一旦明文存放，拿到的人就能动账。核实是否必须留存；不必须的删除，必须的加密并收紧权限。",
        (
            "Whoever reads a password, a code or a CVN in the clear can move money. Keep only what has to be kept, "
            "encrypted and behind tighter access; delete the rest."
        ),
        ("CN-JRT0171-C3", "CN-PIPL-51-1-3-ENCRYPT"),
        _holds_secret,
    ),
    (
        "sensitive",
        "敏感个人信息：必要性、单独同意、影响评估",
        "Sensitive information: necessity, separate consent, impact assessment",
        "为每一处写明特定目的和充分必要性；以同意为依据的，核对单独同意；处理前应有个人信息保护影响评估。",
        (
            "For each place write down the specific purpose and why it is needed; where it rests on consent, see that "
            "consent was separate; there has to be an impact assessment before processing."
        ),
        ("CN-PIPL-28-2-NECESSITY", "CN-PIPL-29-SEPARATE", "CN-PIPL-55-1-1-PIASENSITIVE"),
        lambda place: place.grade is not None and place.grade.sensitive,
    ),
    (
        "combination",
        "把不必在一起的数据项分开",
        "Keep apart what need not stand together",
        "这些位置单项级别较低，组合后被升级。能拆分存放或去标识化的，级别随之下降。",
        "Each item alone is graded lower; together they were raised. Splitting or de-identifying lowers the grade.",
        ("CN-JRT0171-COMBINE",),
        lambda place: place.grade is not None and bool(place.grade.raised_by),
    ),
    (
        "copies",
        "文本、日志和导出文件里的副本",
        "Copies in texts, logs and exports",
        "日志应在写入前脱敏；导出文件应有到期日，用完即删；两者都不应成为长期存放个人信息的地方。",
        (
            "Logs should be masked before they are written; exports need a date of deletion. Neither is a "
            "place to keep people's data."
        ),
        ("CN-PIPL-51-1-3-ENCRYPT", "CN-PIPL-19-SHORTEST"),
        lambda place: place.grade is not None and place.form in _TEXTS,
    ),
    (
        "purpose",
        "为每一处找到目的，找不到的删除",
        "Find the purpose of each place, delete what has none",
        "对照目的卡：这里的数据项由哪张卡覆盖？目的已实现、期限已届满的，应当主动删除。",
        (
            "Hold it against the purpose cards: which card covers these items? What has served its purpose or its "
            "term is to be deleted without being asked."
        ),
        ("CN-PIPL-6-1-PURPOSE", "CN-PIPL-47-1-DELETE"),
        lambda place: place.grade is not None,
    ),
    (
        "catalogue",
        "把级别和类别登记到数据目录",
        "Enter level and class in the data catalogue",
        "本报告给出的级别和类别可直接登记；规则更新后用 --regrade 重新定级，不必重读数据。",
        "Level and class of this report can be taken over; when rules change, --regrade judges again without reading.",
        ("CN-PIPL-51-1-2-CLASS",),
        lambda place: place.grade is not None,
    ),
    (
        "confirm",
        "人工确认拿不准的列",
        "Have somebody look at columns that are not certain",
        "列名有所表示而值无法或不足以证实的列，由数据管家看一眼再下结论。",
        "Columns whose name promises what the values cannot prove: a steward should look before anything is decided.",
        (),
        lambda place: bool(place.to_confirm),
    ),
)


def _rules(pack: LawPack, ids: Iterable[str]) -> tuple[Rule, ...]:
    found = []
    for rule_id in ids:
        try:
            found.append(pack.rule(RuleId(rule_id)))
        except NotFound:
            continue  # the pack of another region
    return tuple(found)


def next_steps(verdict: SurveyVerdict, report: ScanReport, pack: LawPack) -> tuple[ScanStep, ...]:
    """Return the steps that concern at least one place, most pressing first."""
    steps = []
    for code, title_zh, title_en, detail_zh, detail_en, rules, concerns in _STEPS:
        if count := sum(map(concerns, verdict.places)):
            steps.append(ScanStep(code, title_zh, title_en, detail_zh, detail_en, count, _rules(pack, rules)))
    if report.unread:
        steps.append(
            ScanStep(
                "unread",
                "没有读到的，另行检查",
                "Look elsewhere into what was not read",
                "下列文件或表没有检查过，不能当作没有个人信息。按原因逐类处理：给权限、装读取组件、解密或人工查看。",
                "These were not looked into and must not be taken for empty. Go by reason: grant access, install the "
                "reader, decrypt, or look yourself.",
                len(report.unread),
                (),
            )
        )
    return tuple(steps)
