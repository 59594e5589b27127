"""Consent by signature: the notice as a paper to sign, and the signed paper as the answer (电子签名法 14; PIPL 14)."""

from __future__ import annotations

from dataclasses import dataclass

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent
from shouxin.consent.signature import SignatureReader
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import ConsentId, SubjectId, show
from shouxin.errors import Invalid, NotFound
from shouxin.operations.acting import begin
from shouxin.operations.consenting.choose import DESKS, answer_notice
from shouxin.operations.consenting.notices import KeptNotice, kept_notice
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["Paper", "answer_signed", "paper_of"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A question and the notice by which it was asked."""

    consent: ConsentId
    asked: Consent
    notice: KeptNotice

    @property
    def title(self) -> str:
        """The paper's title: the purpose's, and the question's own identifier, so that no two papers are one."""
        return f"{self.notice.told.title} · {show(ConsentId, self.consent)}"


def paper_of(workspace: Workspace, token: Token, consent: ConsentId) -> Paper:
    """Return what has to stand on the paper that a person signs: the notice exactly as it was served.

    Raises:
        NotFound: no such question. Invalid: its notice asks for nothing. Refused, NotSignedIn: the caller may not.
    """

    def work(records: Records) -> Paper:
        begin(workspace, records, token).need(*DESKS)
        row = records.authority.get(AuthorityKind.CONSENT, consent)
        if row is None:
            raise NotFound("there is no such question")
        asked = workspace.notary.read(row, Consent)
        if not asked.about:
            raise Invalid("this notice asks for nothing: there is nothing to sign", "about")
        return Paper(consent, asked, kept_notice(workspace, records, asked.notice))

    return workspace.data.read(work)


def answer_signed(
    workspace: Workspace,
    token: Token,
    consent: ConsentId,
    document: bytes,
    reader: SignatureReader,
    *,
    age: int | None = None,
    guardian: SubjectId | None = None,
) -> Consent:
    """Record a yes that was given by signing the notice; the SHA-256 of the signed document is its seal.

    The document itself is the lender's to keep, under a card of its own, for as long as it must show the consent.

    Raises:
        Refused: the signature proves nothing; with every reason. Others as ``paper_of`` and ``answer_notice``.
    """
    paper = paper_of(workspace, token, consent)
    now = workspace.data.read(workspace.now)
    signature = reader.check(document, paper.asked.notice, paper.asked.notified, now)
    return answer_notice(workspace, token, consent, agreed=True, age=age, guardian=guardian, seal=signature.document)
