"""The lender whose promise is kept: its identity stands in keys, tags, rows and the name of its log."""

from __future__ import annotations

from dataclasses import dataclass

from shouxin.domain.identifiers import InstitutionId

__all__ = ["Institution"]


@dataclass(frozen=True, slots=True)
class Institution:
    """One lender.

    ``origin`` names its log in checkpoints (C2SP tlog-checkpoint: a schema-less URL that the lender controls);
    ``region`` chooses the law pack; ``aml_obliged`` says whether 反洗钱法 63 or a designation makes it a financial
    institution with the duties of that law.
    """

    institution_id: InstitutionId
    name: str
    origin: str
    region: str = "cn"
    aml_obliged: bool = True
