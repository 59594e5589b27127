"""``shouxin ledger``: the record of everything, and its proofs."""

from __future__ import annotations

from shouxin.cli.command import new_group

__all__ = ["group"]

group = new_group("The ledger: what happened, and proof of it.")
