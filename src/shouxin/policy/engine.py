"""Deciding: cards and the law pack become Cedar policies; a question becomes a request; the answer has reasons.

Laws of this file. Default is deny. Any forbid of the law pack wins over every permit of a card. Every policy keeps
the identifier of the rule or card that it came from, so a reason is never ``policy7``. Only rules that may decide
(verified against a statute text) become policies; the others advise elsewhere.

What is compiled is static, and a decision reads only what can have a part in it. A rule that begins with one fact of
the question (``context.frozen && …``) says nothing where that fact does not hold, because Cedar's ``&&`` looks no
further (``policy.slicing``). So there is one parsed policy set for each purpose and each set of such facts that has
been met; it is made when it is first needed. That this changes no answer is a property test.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import cedarpy

from shouxin.domain.items import ItemCode, grade
from shouxin.errors import Invalid
from shouxin.policy.applies import applies
from shouxin.policy.card import Card, Form, PurposeCode
from shouxin.policy.consent_demand import SEPARATELY, is_abroad
from shouxin.policy.decision import DEFAULT_DENY, UNKNOWN_PURPOSE, Decision, Question, Reason
from shouxin.policy.lawpack import LawPack
from shouxin.policy.rule import Rule
from shouxin.policy.slicing import Sliced

__all__ = ["Engine"]

_ENTITIES: Final = cedarpy.Entities.from_json_str("[]")
_NO_PURPOSE: Final = ""
_ACTOR: Final = {"type": "Account", "id": "actor"}
_DISCLOSE: Final = {"type": "Action", "id": "disclose"}
_SUBJECT: Final = {"type": "Subject", "id": "subject"}
_REMEMBERED: Final = 4096
# Facts of a question that say of a matter whether the person agreed to it separately.
_AGREED: Final = {f"agreed_{about.name.lower()}": about.value for about in SEPARATELY}
_PERMIT: Final = (
    'permit(principal, action == Action::"disclose", resource) when { context.role_allowed && context.items_allowed };'
)
_FORBID: Final = "forbid(principal, action, resource) when {{ {condition} }};"


def _compile(policies: Mapping[str, str]) -> cedarpy.PolicySet:
    """Parse policies under their own identifiers.

    Cedar names policies of a text by position; identifiers can only be given in its JSON form.
    """
    named: dict[str, Any] = {}
    for name, text in policies.items():
        parsed = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
        (named[name],) = parsed.values()
    body = {"templates": {}, "staticPolicies": named, "templateLinks": []}
    return cedarpy.PolicySet.from_json_str(json.dumps(body))


# Purposes that this product itself asks for, by their codes.
_OURS: Final = frozenset({"rights.access", "rights.answer", "rights.evidence"})


class _Slice(NamedTuple):
    """Policies that can have a part in a decision, parsed, and the facts at which they look."""

    policies: cedarpy.PolicySet
    facts: frozenset[str]


class Engine:
    """Decides for one set of cards under one law pack on one day. Immutable: new cards make a new engine.

    ``versions`` are all versions of each card that were ever adopted, also of those that do not stand; ``marks`` has,
    for each purpose, the mark of the row that its card was read from. ``facts`` are what
    the institution says of itself, by the names of ``facts.toml``: a rule that they rule out takes no part.
    """

    def __init__(
        self,
        pack: LawPack,
        cards: Iterable[Card],
        on: date,
        versions: Iterable[Sequence[Card]] = (),
        marks: Mapping[str, bytes] = MappingProxyType({}),
        facts: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        self.marks = marks
        self.facts = facts
        self.pack = pack
        self.day = on
        self.cards = {card.purpose: card for card in cards}
        self.versions = {every[-1].purpose: tuple(every) for every in versions if every}
        deciding = [rule for rule in pack.deciding(on) if self.may_apply(rule)]
        self._articles = {str(rule.id): rule.cites for rule in deciding}
        self._laws = [Sliced.of(str(rule.id), rule.when) for rule in deciding]
        self._slices: dict[tuple[PurposeCode, Form, tuple[Sliced, ...]], _Slice] = {}
        self._grades: dict[frozenset[ItemCode], bool] = {}
        self._decided: dict[Question, Decision] = {}

    def may_apply(self, rule: Rule) -> bool:
        """Say whether a rule applies to this institution, as far as what it said of itself can tell."""
        return applies(rule.applies_when, self.facts) is not False

    def card(self, purpose: str) -> Card:
        """Return the adopted card of ``purpose``. Raises ``Invalid`` when there is none."""
        found = self.cards.get(PurposeCode(purpose))
        if found is None and purpose in _OURS:
            pattern = f"adopt one, with the pattern {purpose}.toml among the demo's cards"
            raise Invalid(f"no card was adopted for {purpose}, which this needs: {pattern}")
        if found is None:  # what was typed is not repeated: it could be anything
            raise Invalid("no card was adopted for this purpose")
        return found

    def _sensitive(self, items: frozenset[ItemCode]) -> bool:
        """Say whether items held together are sensitive; what the taxonomy cannot grade is taken to be."""
        found = self._grades.get(items)
        if found is None:
            try:
                found = self._grades[items] = grade(items, self.day).sensitive
            except Invalid:  # not remembered: only the items that exist are few
                return True
        return found

    def _context(self, question: Question, card: Card | None) -> dict[str, object]:
        """Return the facts on which the law pack's rules are written (``packs/README.md``)."""
        form = question.form
        allowed_roles = card.roles.get(form, ()) if card else ()
        return {
            "purpose": question.purpose if card else "",
            "form": form,
            "items": list(question.items),
            # What is known of a child under 14 is sensitive, whatever it is (PIPL 28(1)).
            "sensitive": question.minor_under_14 or self._sensitive(question.items),
            "lawful_basis": card.lawful_basis if card else "",
            "consented": question.consented,
            "separate_consent": question.separate_consent,
            "automated": bool(card and card.automated),
            "automation_refused": question.automation_refused,
            "explained": bool(card and card.automated_explanation_zh),
            "assessed": bool(card and card.assessment),
            "recipient": question.recipient,
            "recipient_contract": question.recipient_contract,
            "frozen": question.frozen,
            "minor_under_14": question.minor_under_14,
            "guardian_consent": question.guardian_consent,
            "role_allowed": not question.roles.isdisjoint(allowed_roles),
            "items_allowed": bool(card and question.items) and question.items.issubset(card.items if card else ()),
            "form_allowed": bool(card and form in card.roles),
            "notified": question.notified,
            "approved": question.approved,
            "needs_approval": bool(card and form in card.approval),
            "statutory_read": bool(card and card.statutory),
            "abroad": bool(card and is_abroad(card)),
            "published": bool(card and card.published),
            "public_place": bool(card and card.public_place_images),
            **{fact: about in question.agreed for fact, about in _AGREED.items()},
        }

    def _reason(self, policy: str) -> Reason:
        if policy in self._articles:
            return Reason(policy, self._articles[policy])
        purpose = policy.split(":")[1]
        return Reason(policy, self.cards[PurposeCode(purpose)].basis_article)

    def _slice(self, card: Card | None, form: Form, laws: tuple[Sliced, ...]) -> _Slice:
        """Return the parsed policies of ``laws``, with the card's own permit for this form, and the facts they name."""
        purpose = card.purpose if card else PurposeCode(_NO_PURPOSE)
        offered = form if card and form in card.roles else Form("")
        key = (purpose, offered, laws)
        found = self._slices.get(key)
        if found is None:
            named = {law.rule: _FORBID.format(condition=law.when) for law in laws}
            if offered:
                named[f"card:{purpose}:{offered}"] = _PERMIT
            if len(self._slices) >= _REMEMBERED:
                self._slices.clear()
            facts = frozenset(("role_allowed", "items_allowed")).union(*(law.facts for law in laws))
            found = self._slices[key] = _Slice(_compile(named), facts)
        return found

    def decide_again(self, question: Question) -> Decision:
        """Decide, remembering answers: an engine never changes, so equal questions have equal answers.

        The facts are in the question, and they are read anew for every disclosure; what is remembered is what the law
        and the cards say to such facts.
        """
        found = self._decided.get(question)
        if found is None:
            if len(self._decided) >= _REMEMBERED:
                self._decided.clear()
            found = self._decided[question] = self.decide(question)
        return found

    def decide(self, question: Question) -> Decision:
        """Decide. Never raises: an unknown purpose is no purpose, an error inside Cedar is a deny.

        No items at all, or unknown ones, are on no card. The context is written in ASCII, so that a word which is no
        UTF-8 is an error inside Cedar and not before it.
        """
        card = self.cards.get(PurposeCode(question.purpose))
        context = self._context(question, card)
        own = self._slice(card, question.form, tuple(law for law in self._laws if law.concerns(context)))
        request = {
            "principal": _ACTOR,
            "action": _DISCLOSE,
            "resource": _SUBJECT,
            # A long context costs most of a decision: only facts go along that one of these policies looks at.
            "context": json.dumps({name: context[name] for name in own.facts if name in context}),
        }
        answer = cedarpy.is_authorized(request, own.policies, _ENTITIES)
        permitted = answer.allowed and not answer.diagnostics.errors
        reasons = sorted((self._reason(name) for name in answer.diagnostics.reasons), key=_weight)
        if card is None and question.purpose:
            reasons.insert(0, UNKNOWN_PURPOSE)
        return Decision(
            permitted=permitted,
            reasons=tuple(reasons) or (DEFAULT_DENY,),
            purpose=card.purpose if card else PurposeCode(_NO_PURPOSE),
            version=card.version if card else 0,
            items=question.items,
            form=question.form,
            pack=self.pack.digest,
        )


def _weight(reason: Reason) -> tuple[int, bool, str]:
    """Order reasons for people: what was missing in the question first, then the statute before its regulations."""
    first = ("PURPOSE", "ROLE", "APPROVAL", "FROZEN", "WITHDRAWN")
    rank = next((at for at, word in enumerate(first) if reason.rule.endswith(word)), len(first))
    return rank, not reason.article.startswith("PIPL"), reason.rule
