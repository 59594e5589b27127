"""Explain decisions that programs made about a person (PIPL 24(1)(3), 48): which, when, by which card, on which items.

Nothing is opened: the entries of the log say which purpose read which items of the person, with which outcome and by
which rules, and the card that stood then says in plain words how it decides. What the program made of it (a score, a
limit) stands with whoever decided; this says on what, and who decides instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shouxin.actors.account import Token
from shouxin.domain.clock import Instant, write
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import RightId, SubjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid
from shouxin.operations.account_for import account_for
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.rights.act import handled
from shouxin.operations.rights.answer import NOTHING_MORE, Said, answer_done
from shouxin.operations.rights.desk import load
from shouxin.operations.subjects import person_of, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.policy.engine import Engine
from shouxin.rights.kinds import RightKind
from shouxin.rights.request import RightRequest
from shouxin.vault.records import Records

__all__ = ["Explained", "explain_decisions", "explain_for"]

_NONE = "日志中没有程序对您作出的决定。 The log holds no decision that a program made about you."
_KINDS = frozenset({RightKind.EXPLAIN, RightKind.REFUSE_AUTOMATION, RightKind.KNOW})


@dataclass(frozen=True, slots=True)
class Explained:
    """One use by a program: where the log holds it, when, by which card in which version, on which items.

    ``outcome`` is that of the decision to let the program have them, as it was recorded, and ``rules`` are pairs of the
    rules by which it was so and what each cites. ``says_zh`` and ``says_en`` are how that version of the card explains
    its decision; ``review`` who decides instead.
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
    outcome: str
    rules: tuple[tuple[str, str], ...]


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
                "permitted" if opening.event.kind is EventKind.DISCLOSURE_MADE else "found",
                _cited(workspace, facts.get("rules")),
            )
    return [found[leaf] for leaf in sorted(found)]


def _cited(workspace: Workspace, rules: object) -> tuple[tuple[str, str], ...]:
    """Return the rules of an entry with what each cites; one of a card cites the card, and so nothing here."""
    known = {str(rule.id): rule.cites for rule in workspace.pack.rules}
    return tuple((str(one), known.get(str(one), "")) for one in rules) if isinstance(rules, list) else ()


def explain_for(workspace: Workspace, token: Token, right: RightId, said: Said = NOTHING_MORE) -> RightRequest:
    """Answer a request to explain with what ``explain_decisions`` finds, sealed as the written answer; durable.

    Where no program decided about the person, the answer says that the log was read and holds none: ``nothing-found``.
    What ``said.reply`` adds stands before it.

    Raises:
        Invalid: the request asks for something else. NotInThisState: nobody handles it.
    """
    workspace.data.read(lambda records: handled(workspace, records, right, RightKind.EXPLAIN))
    found = explain_decisions(workspace, token, right)
    written = [] if said.reply is None else [said.reply.text()]
    written += [_told(one) for one in found] or [
        "日志中没有程序对您作出的决定。 The log holds no decision by a program."
    ]
    done = ("explained", *sorted({one.purpose for one in found})) if found else ("nothing-found",)
    return answer_done(workspace, token, right, replace(said, done=done, reply=Plaintext.of("\n\n".join(written))))


def _told(one: Explained) -> str:
    """Return one decision in words; codes and what the lender's own card says, nothing of the person."""
    rules = "; ".join(f"{rule} ({cites})" if cites else rule for rule, cites in one.rules)
    return (
        f"{write(one.at)} · {one.purpose} {one.version} · {', '.join(one.items)} · {one.form} · {one.outcome}: {rules}"
        f" · #{one.leaf}\n{one.says_zh}\n{one.says_en}\n复核 review: {one.review}"
    )
