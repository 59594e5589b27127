"""The lender whose promise is kept: its identity stands in keys, tags, rows and the name of its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shouxin.domain.identifiers import InstitutionId

__all__ = ["Handler", "Institution"]


@dataclass(frozen=True, slots=True)
class Institution:
    """One lender.

    ``origin`` names its log in checkpoints (C2SP tlog-checkpoint: a schema-less URL that the lender controls);
    ``region`` chooses the law pack; ``facts`` are what the law pack may ask about it and it has said, by the names of
    ``facts.toml`` (``institution.aml_obliged``): what is not there, it has not said.
    """

    institution_id: InstitutionId
    name: str
    origin: str
    region: str = "cn"
    facts: Mapping[str, bool | int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Handler:
    """The lender as it names itself to people: who handles, how to reach them, where to complain.

    ``dpo_contact`` reaches the person in charge of protecting personal information (个人信息保护负责人).

    **Source:** PIPL 17(1)(1), 50(1), 52(2).
    """

    name: str
    contact: str
    dpo_contact: str
    complaint: str
