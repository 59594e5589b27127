"""The command ``shouxin``: its groups and commands, and how it is started."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from shouxin.cli import (
    access,
    account,
    accountability,
    agreement,
    archive,
    audit,
    backup,
    certificate,
    complaint,
    consent,
    consent_code,
    consent_paper,
    dataset,
    dataset_register,
    deletion,
    deletion_steps,
    demo,
    destruction,
    doctor,
    documents,
    erasing,
    exits,
    grade,
    hold,
    impact,
    init,
    inviting,
    item,
    keeping,
    key,
    law,
    law_adopting,
    law_applying,
    ledger,
    opening,
    person_pass,
    plan,
    purpose,
    pushing,
    recipient,
    redacting,
    replacing,
    retention,
    right,
    right_answer,
    right_clock,
    right_package,
    scanning,
    second_factor,
    serve,
    source,
    standing,
    subject,
    witnessing,
)
from shouxin.cli.command import new_group

__all__ = ["STABLE", "app", "main"]

app = new_group(
    "Shouxin 守信 keeps a lender's promise about personal information: collected for a stated purpose, opened only for "
    "it, deleted with proof."
)
for module in (init, demo, serve, doctor, backup):
    module.plant(app)
# name -> the files that its commands stand in; the first has the group
_GROUPS: Final = {
    "account": (account, second_factor),
    "purpose": (purpose, impact, documents, agreement),
    "item": (item,),
    "consent": (consent, consent_code, consent_paper),
    "recipient": (recipient,),
    "access": (access, opening),
    "source": (source, scanning, pushing, replacing, inviting),
    "plan": (plan,),
    "dataset": (dataset, dataset_register),
    "deletion": (deletion, deletion_steps),
    "grade": (grade,),
    "subject": (subject, standing, keeping, erasing, accountability, person_pass),
    "hold": (hold,),
    "retention": (retention,),
    "object": (redacting,),
    "right": (right, right_answer, right_clock, right_package),
    "complaint": (complaint,),
    "archive": (archive,),
    "destruction": (destruction,),
    "audit": (audit,),
    "key": (key,),
    "ledger": (ledger, witnessing),
    "certificate": (certificate,),
    "law": (law, law_adopting, law_applying),
}
for name, files in _GROUPS.items():
    app.add_typer(files[0].group, name=name)


# The stable names of section 9 of the design that help and documents call otherwise; what a script says keeps working.
STABLE: Final = {
    ("rights", "submit"): ("right", "receive"),
    ("rights", "list"): ("right", "list"),
    ("rights", "answer"): ("right", "fulfil"),
    ("complaint", "submit"): ("complaint", "file"),
    ("hold", "release"): ("hold", "lift"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with ``arguments`` (else those of the process) and return its exit code; see ``exits``."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    named = STABLE.get((given[0], given[1])) if len(given) > 1 else None
    return exits.start(app, [*named, *given[2:]] if named else given)
