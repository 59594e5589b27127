"""The sharing list: who receives which items, for which purpose, under which contract, and with what consent.

Laws of this file. What is shared is what the card names *and* the contract allows; the rest is listed as beyond it. A
recipient whom the register does not know, or whose contract has ended, is a finding, never a row that looks in order.
Whether a recipient acts on the lender's behalf (PIPL 21) or decides for itself (PIPL 23), no card says: it is asked.

Called by: ``operations.adopting.derive``. **Source:** PIPL 21, 23, 29, 38, 39; NDSR 12(1).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec

from shouxin.documents.declared import Declared, ItemLine, item_line
from shouxin.documents.words import Language, Words
from shouxin.domain.items import taxonomy
from shouxin.policy.card import Card
from shouxin.policy.consent_demand import places_abroad
from shouxin.policy.lint import Severity
from shouxin.policy.recipient import Recipient
from shouxin.policy.sharing_rules import consents_to_share, unasked

__all__ = ["SharingFinding", "SharingList", "SharingRow", "sharing_list"]

_STATUTORY: Final = "statutory_duty"
# Finding -> how bad, and the rule of the law pack behind it.
_RULES: Final = {
    "recipient-unknown": (Severity.ERROR, "CN-NDSR-12-1-CONTRACT"),
    "contract-missing": (Severity.ERROR, "CN-NDSR-12-1-CONTRACT"),
    "contract-other": (Severity.ERROR, "CN-NDSR-12-1-CONTRACT"),
    "contract-ended": (Severity.ERROR, "CN-NDSR-12-1-CONTRACT"),
    "items-beyond-contract": (Severity.WARNING, "CN-NDSR-12-1-CONTRACT"),
    "share-consent": (Severity.WARNING, "CN-PIPL-23-SEPARATE"),
    "export-consent": (Severity.ERROR, "CN-PIPL-39-SEPARATE"),
    "recipient-unused": (Severity.ADVICE, ""),
}


class SharingRow(msgspec.Struct, frozen=True):
    """One recipient for one purpose. ``consent`` is ``separate`` or ``none``, ``consent_articles`` what says so.

    ``items`` are on the card and in the contract, ``beyond`` on the card only. ``contract_ends`` is nothing, and
    ``items`` is empty, where the register does not know the recipient.
    """

    recipient: str
    name: str
    contact: str
    contract: str
    contract_ends: date | None
    contract_runs: bool
    contract_needed: bool
    purpose: str
    title: str
    basis: str
    items: tuple[ItemLine, ...]
    beyond: tuple[ItemLine, ...]
    sensitive: bool
    consent: str
    consent_articles: tuple[str, ...]
    abroad: tuple[str, ...]


class SharingFinding(msgspec.Struct, frozen=True):
    """Something about a recipient that is not in order; ``code`` is stable, ``text`` in the list's language."""

    code: str
    severity: str
    recipient: str
    purpose: str
    rule: str
    article: str
    text: str


class SharingList(msgspec.Struct, frozen=True):
    """All that leaves the institution, on a day; of each of ``recipients`` a human must say what they are."""

    language: Language
    institution: str
    on: date
    pack: str
    rows: tuple[SharingRow, ...]
    findings: tuple[SharingFinding, ...]
    recipients: tuple[str, ...]
    kind: str = "sharing"


def sharing_list(declared: Declared, language: Language, purpose: str = "") -> SharingList:
    """Return the sharing list of all adopted purposes, or of one, with everything found on the way.

    Raises:
        NotFound: no card was adopted, or none for this purpose.
    """
    words, cards = Words(language), declared.chosen(purpose)
    rows = tuple(_row(code, card, declared, words) for card in cards for code in card.recipients)
    pairs = [(card, row) for card in cards for row in rows if row.purpose == card.purpose]
    found = [_finding(code, row, declared, words) for card, row in pairs for code in _wrong(card, row, declared)]
    if not purpose:
        named = {code for card in cards for code in card.recipients}
        idle = (one for one in declared.recipients if one.code not in named)
        found += [_said("recipient-unused", one.code, "", declared, words) for one in idle]
    order = list(Severity)
    return SharingList(
        language=language,
        institution=declared.institution.name,
        on=declared.on,
        pack=declared.pack.digest,
        rows=rows,
        findings=tuple(
            sorted(found, key=lambda one: (order.index(Severity(one.severity)), one.recipient, one.purpose))
        ),
        recipients=tuple(dict.fromkeys(row.recipient for row in rows)),
    )


def _row(code: str, card: Card, declared: Declared, words: Words) -> SharingRow:
    known: Recipient | None = declared.recipient(code)
    allowed = [item for item in card.items if known is not None and item in known.items]
    beyond = [item for item in card.items if known is not None and item not in known.items]
    sensitive = bool(allowed) and taxonomy().grade(allowed, declared.on).sensitive
    articles = _consent(card, declared, sensitive=sensitive or known is None)
    return SharingRow(
        recipient=code,
        name="" if known is None else known.name,
        contact="" if known is None else known.contact,
        contract=card.contracts.get(code, "") if known is None else known.contract,
        contract_ends=None if known is None else known.contract_ends,
        contract_runs=known is not None and known.contract_runs(declared.on),
        contract_needed=card.lawful_basis != _STATUTORY,
        purpose=card.purpose,
        title=words.title(card.title_zh, card.title_en),
        basis=card.lawful_basis,
        items=tuple(item_line(item, words, declared.on) for item in allowed),
        beyond=tuple(item_line(item, words, declared.on) for item in beyond),
        sensitive=sensitive,
        consent="separate" if card.lawful_basis == "consent" else "none",
        consent_articles=articles,
        abroad=places_abroad(card),
    )


def _consent(card: Card, declared: Declared, *, sensitive: bool) -> tuple[str, ...]:
    """Return the articles that ask for separate consent before this sharing; none where consent is not the basis."""
    return tuple(filter(None, map(declared.article, consents_to_share(card, sensitive=sensitive))))


def _wrong(card: Card, row: SharingRow, declared: Declared) -> Iterator[str]:
    """Yield the codes of what is not in order with one row."""
    known = declared.recipient(row.recipient)
    written = card.contracts.get(row.recipient, "").strip()
    if known is None:
        yield "recipient-unknown"
    elif row.contract_needed:
        if not written:
            yield "contract-missing"
        elif written != known.contract:
            yield "contract-other"
        if not row.contract_runs:
            yield "contract-ended"
        if row.beyond:
            yield "items-beyond-contract"
    yield from (code for code in unasked(card) if code in _RULES)


def _finding(code: str, row: SharingRow, declared: Declared, words: Words) -> SharingFinding:
    beyond = words.joined(one.title for one in row.beyond)
    return _said(code, row.recipient, row.purpose, declared, words, ends=row.contract_ends, items=beyond)


def _said(code: str, recipient: str, purpose: str, declared: Declared, words: Words, **about: object) -> SharingFinding:
    severity, rule = _RULES[code]
    text = words.say("sharing_finding", code, recipient=recipient, purpose=purpose, **about)
    return SharingFinding(code, severity.value, recipient, purpose, rule, declared.article(rule), text)
