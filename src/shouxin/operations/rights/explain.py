"""Explain decisions that programs made about a person (PIPL 24(1)(3), 48): which, when, by which card, on which items.

Nothing is opened: the entries of the log say which purpose read which items of the person, and the card that stood then
says in plain words how it decides. What was decided stands with whoever decided; this says on what.
"""

from __future__ import annotations

from dataclasses import dataclass

from shouxin.actors.account import Token
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import RightId, SubjectId
from shouxin.errors import Invalid
from shouxin.operations.account_for import account_for
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.rights.desk import load
from shouxin.operations.subjects import person_of, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.policy.engine import Engine
from shouxin.rights.kinds import RightKind
from shouxin.vault.records import Records

__all__ = ["Explained", "explain_decisions"]

_KINDS = frozenset({RightKind.EXPLAIN, RightKind.REFUSE_AUTOMATION, RightKind.KNOW})


@dataclass(frozen=True, slots=True)
class Explained:
    """One use by a program: where the log holds it, when, by which card in which version, on which items.

    ``says_zh`` and ``says_en`` are how that version of the card explains its decision; ``review`` who decides instead.
    """

    leaf: int
    at: Instant
    purpose: str
    version: int
    items: tuple[str, ...]
    form: str
    says_zh: str
    says_en: str
    review: str


def explain_decisions(workspace: Workspace, token: Token, right: RightId) -> list[Explained]:
    """Return every use of the person's data by a program that decides, oldest first.

    Raises:
        Invalid: the request asks for something else. NotFound: no such request. Refused: the caller may not.
    """

    def work(records: Records) -> tuple[list[SubjectId], Engine]:
        act = begin(workspace, records, token)
        act.need("rights_desk", "dpo")
        request = load(workspace, records, right)[1]
        if request.kind not in _KINDS:
            raise Invalid("this request asks for no explanation", "right")
        last = person_of(workspace, records, request.subject)[-1].subject
        return with_merged(workspace, records, [last]), standing_engine(workspace, records, "", act.now)

    people, engine = workspace.data.read(work)
    found: dict[int, Explained] = {}
    for subject in people:
        for opening in account_for(workspace, token, subject):
            facts = opening.event.facts
            versions = engine.versions.get(PurposeCode(str(facts.get("purpose"))), ())
            card = next((one for one in versions if one.version == facts.get("version")), None)
            items = facts.get("items")
            if card is None or not card.automated or not isinstance(items, list):
                continue
            found[opening.leaf] = Explained(
                opening.leaf,
                opening.at,
                card.purpose,
                card.version,
                tuple(items),
                str(facts.get("form", "")),
                card.automated_explanation_zh,
                card.automated_explanation_en,
                card.human_review,
            )
    return [found[leaf] for leaf in sorted(found)]
