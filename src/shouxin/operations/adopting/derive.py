"""Derive the documents that the law asks for from what is adopted; nothing is changed, and nobody's data is opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from shouxin.actors.account import ROLES, Token
from shouxin.documents.assessment import assessment_draft
from shouxin.documents.declared import Declared
from shouxin.documents.inventory import inventory
from shouxin.documents.laid_out import Derived
from shouxin.documents.processing_record import processing_record
from shouxin.documents.sharing import sharing_list
from shouxin.documents.words import Language
from shouxin.domain.clock import local_date
from shouxin.operations.adopting.cards import list_cards
from shouxin.operations.workspace import Workspace
from shouxin.policy.recipient import Recipient

__all__ = ["DocumentKind", "derive"]

DocumentKind = Literal["record", "inventory", "sharing", "assessment"]


def derive(
    workspace: Workspace,
    token: Token,
    kind: DocumentKind,
    language: Language,
    purpose: str = "",
    recipients: Iterable[Recipient] = (),
) -> Derived:
    """Return a document about all adopted purposes, or about one, as of today where the institution works.

    Today is never before what the ledger has seen: a clock that went back revives no contract. For everybody who is
    signed in, as ``list_cards`` is: a document names purposes and codes, never a person.

    Raises:
        NotFound: no card was adopted, or none for this purpose.
        NotSignedIn: the caller is not. Tampered: a card's row is not what was adopted.
    """
    declared = Declared(
        institution=workspace.institution,
        pack=workspace.pack,
        cards=tuple(list_cards(workspace, token)),
        recipients=tuple(recipients),
        on=local_date(workspace.data.read(workspace.now)),
    )
    if kind == "record":
        return processing_record(declared, language, purpose)
    if kind == "inventory":
        return inventory(declared, language, purpose)
    if kind == "sharing":
        return sharing_list(declared, language, purpose)
    return assessment_draft(declared, language, ROLES, purpose)
