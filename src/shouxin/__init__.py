"""Shouxin 守信: keeps a lender's promise about personal information.

The rooms of the house, as the data flows; imports go down only (the contract stands in ``pyproject.toml``)::

    errors.py       one error tree, split by who must act
    config.py       settings, read once
    bootstrap/      the only place where drivers meet the core

    domain/         nouns, identifiers, items, institution, calendar, clock, the transaction port; no I/O
    actors/         accounts, roles, sign-ins, devices
    keys/           hierarchy, suites, wrapping, epochs, destruction
    ledger/         entry, tree, tiles, checkpoint, proof, witness
    policy/         purpose cards and law pack, evaluated to a Decision
    consent/        notices, choices, receipts, withdrawal
    approvals/      maker-checker chains as a table, quorum, grants
    rights/         what people ask about their own data: kinds, articles, clocks, the package they receive
    retention/      floors, ceilings, holds, freeze, what is due
    detection/      find and grade personal information in text, tables, images, video
    protection/     masking, pseudonyms, tokens, watermarks, fingerprints
    vault/          cells, objects, index; the one door
    documents/      what the law asks lenders to write, derived: record, inventory, sharing list, assessment
    edge/           what runs at a branch or partner: only planned features of an address book leave it, sealed
    operations/     one file per processing operation: decide, approve, act, record
    storage/        drivers: SQL, object stores, root keys, jobs
    connectors/     outside systems: describe, read, erase, verify
    demo/           a lender with invented people, to try everything on one laptop
    web/            two plain pages: the approver's inbox and the person's page
    cli/            one file per command
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
