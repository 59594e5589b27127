"""One file per processing operation: decide, approve, act, record.

Rooms, from the ground up; each imports only what stands above it in this list::

    adopting/       what the institution declares: cards and recipients, their effect seen before, documents derived
    staff/          the accounts of people and programs, second factors
    scanning/       what is personal in a source, and the correction of a grade
    consenting/     notices served, choices recorded, receipts, recipients told
    auditing/       log and stores held against each other, published, shown to who watches
    retaining/      how long what is kept may and must stay; holds
    opening/        the ways through the one door: look-ups, permits, disclosures, grants
    downstream/     a lender's own databases: walked, erased, corrected, frozen
    erasing/        erase: planned, carried out, read back, kept out
    objects/        videos, images and documents: kept, tagged, archived, recalled
    collecting/     people's data comes in: planned, approved, read, watched, sealed
    certifying/     an erasure proved: certificate, attestations, destruction records
    recovery/       back up, and restore so that nobody comes back
    rights/         what people ask about their own data
    deletion/       an order from the wish to the read-back

Files that stand alone are either the ground of every room (``workspace``, ``acting``, ``subjects``, ``tiers``,
``index_age``, ``keyring_age``, ``orders``, ``rekeying``, ``resealing``) or an operation of one file (``correct``,
``advance``, ``account_for``, ``inbox``).
"""
