"""Deciding: cards and the law pack become Cedar policies; a question becomes a request; the answer has reasons.

Laws of this file. Default is deny. Any forbid of the law pack wins over every permit of a card. Every policy keeps
the identifier of the rule or card that it came from, so a reason is never ``policy7``. Only rules that may decide
(verified against a statute text) become policies; the others advise elsewhere.

What is compiled is static: one parsed policy set a purpose, so that a decision reads the rules of its own purpose
only, and one for questions without a purpose. What a decision depends on otherwise is in the question.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import cedarpy

from shouxin.domain.items import ItemCode, grade
from shouxin.errors import Invalid
from shouxin.policy.card import Card, PurposeCode
from shouxin.policy.decision import DEFAULT_DENY, Decision, Question, Reason
from shouxin.policy.lawpack import LawPack

__all__ = ["Engine"]

_ENTITIES: Final = cedarpy.Entities.from_json_str("[]")
_NO_PURPOSE: Final = ""
_ACTOR: Final = {"type": "Account", "id": "actor"}
_DISCLOSE: Final = {"type": "Action", "id": "disclose"}
_SUBJECT: Final = {"type": "Subject", "id": "subject"}
_REMEMBERED: Final = 4096
_ASKS_FOR: Final = re.compile(r"context\.items\.containsAny\((\[[^\]]*\])\) &&")
_PERMIT: Final = 'permit(principal, action == Action::"disclose", resource) when {{ {condition} }};'
_FORBID: Final = "forbid(principal, action, resource) when {{ {condition} }};"


def _permits(card: Card) -> dict[str, str]:
    """Return one permit for each form of the card; that roles and items are the card's stands in the context."""
    return {
        f"card:{card.purpose}:{form}": _PERMIT.format(
            condition=f"context.form == {json.dumps(form)} && context.role_allowed && context.items_allowed"
        )
        for form in card.roles
    }


def _concerns(condition: str, card: Card) -> bool:
    """Say whether a rule can have a part in decisions for this card.

    One that begins by asking for items which the card does not list cannot: whoever asks for those is denied by the
    rule on items beyond the card.
    """
    asked = _ASKS_FOR.match(condition)
    return asked is None or not set(json.loads(asked[1])).isdisjoint(card.items)


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


class Engine:
    """Decides for one set of cards under one law pack on one day. Immutable: new cards make a new engine."""

    def __init__(self, pack: LawPack, cards: Iterable[Card], on: date) -> None:
        self.pack = pack
        self.day = on
        self.cards = {card.purpose: card for card in cards}
        deciding = pack.deciding(on)
        self._articles = {str(rule.id): rule.cites for rule in deciding}
        laws = {str(rule.id): rule.when for rule in deciding}
        self._sets: dict[PurposeCode, cedarpy.PolicySet] = {}
        self._names_items: dict[PurposeCode, bool] = {}
        for purpose, card in [*self.cards.items(), (PurposeCode(_NO_PURPOSE), None)]:
            own = {name: when for name, when in laws.items() if card is None or _concerns(when, card)}
            forbids = {name: _FORBID.format(condition=when) for name, when in own.items()}
            self._sets[purpose] = _compile(forbids | (_permits(card) if card is not None else {}))
            self._names_items[purpose] = any("context.items." in when for when in own.values())
        self._grades: dict[frozenset[ItemCode], bool] = {}
        self._decided: dict[Question, Decision] = {}

    def card(self, purpose: str) -> Card:
        """Return the adopted card of ``purpose``. Raises ``Invalid`` when there is none."""
        found = self.cards.get(PurposeCode(purpose))
        if found is None:
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
            # Long sets cost most of a decision: they go along only where a rule looks into them.
            "items": list(question.items) if self._names_items[card.purpose if card else PurposeCode("")] else [],
            "sensitive": self._sensitive(question.items),
            "lawful_basis": card.lawful_basis if card else "",
            "consented": question.consented,
            "separate_consent": question.separate_consent,
            "automated": bool(card and card.automated),
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
        }

    def _reason(self, policy: str) -> Reason:
        if policy in self._articles:
            return Reason(policy, self._articles[policy])
        purpose = policy.split(":")[1]
        return Reason(policy, self.cards[PurposeCode(purpose)].basis_article)

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
        request = {
            "principal": _ACTOR,
            "action": _DISCLOSE,
            "resource": _SUBJECT,
            "context": json.dumps(self._context(question, card)),
        }
        policies = self._sets[card.purpose if card else PurposeCode(_NO_PURPOSE)]
        answer = cedarpy.is_authorized(request, policies, _ENTITIES)
        permitted = answer.allowed and not answer.diagnostics.errors
        reasons = sorted((self._reason(name) for name in answer.diagnostics.reasons), key=_weight)
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
