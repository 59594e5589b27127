"""Issue the receipt of a choice: what the person keeps, and can check against the log without us (PIPL 14, 17)."""

from __future__ import annotations

from typing import Any

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent
from shouxin.consent.receipt import consent_record
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import ConsentId
from shouxin.errors import NotFound
from shouxin.operations.account_for import evidence_of, opening_row
from shouxin.operations.acting import begin
from shouxin.operations.consenting.notices import kept_notice
from shouxin.operations.workspace import Workspace
from shouxin.vault.receipt import prove, receipt_statement
from shouxin.vault.records import Records

__all__ = ["issue_receipt"]


def issue_receipt(workspace: Workspace, token: Token, consent: ConsentId) -> dict[str, Any]:
    """Return the receipt of one question, from serving to where it stands now, signed by the institution.

    A checkpoint that covers all of it is on the shelf on return.

    Raises:
        NotFound: no such question. Invalid: its notice asked for nothing. Refused, NotSignedIn: the caller may not.
    """
    workspace.data.transact(
        lambda records: begin(workspace, records, token).need("collector", "rights_desk", "dpo"), covered=True
    )

    def work(records: Records) -> dict[str, Any]:
        row = records.authority.get(AuthorityKind.CONSENT, consent)
        if row is None:
            raise NotFound("there is no such question")
        value = workspace.notary.read(row, Consent)
        kept = kept_notice(workspace, records, value.notice)
        now = workspace.now(records)
        record = consent_record(consent, value, kept.text, workspace.handler, kept.told, now)
        events = evidence_of(workspace, records, value.subject, list(value.leaves))
        return prove(record, value.subject, [{**opening_row(one), "proof": one.proof} for one in events])

    document = workspace.data.read(work)
    document["signature"] = workspace.head.sign_text(receipt_statement(document))
    return document
