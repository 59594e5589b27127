"""Add what is missing of a person, at their own request (PIPL 46(1)), as if it had been collected for a purpose.

The purpose's card decides, as it does when a source brings the item: it lists the item, the person was told and, where
the card rests on consent, agreed. Only who may do it differs: the desk that answers rights does, for the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, Refused
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.collecting.intake import Portion
from shouxin.operations.collecting.sealing import Draft, draw_keys, write_drafts
from shouxin.operations.consenting.carried import carried
from shouxin.operations.rekeying import settle_clean
from shouxin.operations.subjects import resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card, Form
from shouxin.policy.decision import Question
from shouxin.vault.records import Records, SubjectState

__all__ = ["supplement"]

_SEALED: Final = Form("sealed")
# Also of somebody who restricted the use of their data: what is added is not used either.
_INTO: Final = (SubjectState.ACTIVE, SubjectState.FROZEN)


def supplement(
    workspace: Workspace, token: Token, subject: SubjectId, purpose: str, values: Mapping[ItemCode, Plaintext]
) -> None:
    """Seal ``values`` for ``purpose``, of which nothing is kept yet; durable on return, found by look-up.

    A crash before the record leaves keys that seal nothing, which are reaped.

    Raises:
        Refused: the card does not list an item, the person was not told or did not agree, or all that is left of them
            is kept by a statute alone (PIPL 47(2)). NotFound: no such person.
        Fenced: they were erased meanwhile.
    """

    def permit(records: Records) -> tuple[Act, Card]:
        act = begin(workspace, records, token)
        act.need("rights_desk", "dpo")
        return act, _permitted(workspace, records, act, subject, (purpose, values))

    card = workspace.data.read(permit)[1]
    existing = workspace.custody.keyring.get([subject]).get(subject)
    if existing is None:
        raise NotFound("there is nothing under this identifier any more")
    grouped: dict[str, dict[ItemCode, Plaintext]] = {}
    for item, value in values.items():
        grouped.setdefault(card.term_of(item), {})[item] = value
    draft = Draft(subject, [Portion(purpose, term, each) for term, each in grouped.items()], existing=existing, leads=1)
    with workspace.custody.keyring.at_work():
        (drawn,) = draw_keys(workspace, [draft])

        def sealed(records: Records) -> None:
            act, _ = permit(records)
            role = act.actor.acts_as("rights_desk", "dpo")
            write_drafts(workspace, records, act, {}, [(draft, drawn)], role=role, into=_INTO)

        workspace.data.transact(sealed)
        settle_clean(workspace, [subject])


def _permitted(
    workspace: Workspace,
    records: Records,
    act: Act,
    subject: SubjectId,
    wanted: tuple[str, Mapping[ItemCode, Plaintext]],
) -> Card:
    """Ask the policy whether these items may be taken in; the role is the person's right to give (PIPL 46(1))."""
    purpose, values = wanted
    standing = resolve_subject(workspace, records, subject)[1]
    if standing.state is SubjectState.FROZEN and standing.kept_only:
        raise Refused("what is left of this person is only kept by law", [("CN-PIPL-47-2-FROZEN", "PIPL 47(2)")])
    engine = current_engine(workspace, records, purpose, act.now)
    card = engine.card(purpose)
    said = carried(workspace, records, act, engine, card, subject)
    question = Question(
        roles=act.actor.roles | frozenset(card.roles.get(_SEALED, ())),
        purpose=purpose,
        items=frozenset(values),
        form=_SEALED,
        consented=said.consented,
        separate_consent=said.separate,
        notified=said.notified,
        minor_under_14=said.minor,
        guardian_consent=said.guardian,
        agreed=said.agreed,
    )
    engine.decide(question).enforce()
    return card
