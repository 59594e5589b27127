"""Scenes three to seven: what staff and programs may see, and how the person learns of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from shouxin.demo.scene import DemoStage, Scene
from shouxin.domain.clock import write
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import RequestId, SubjectId, show
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Refused, ShouxinError, Tampered
from shouxin.ledger.checkpoint import open_checkpoint
from shouxin.ledger.commitment import commit_to, verify_member
from shouxin.ledger.note import parse_verifier
from shouxin.ledger.proof import parse_proof_file, verify_inclusion
from shouxin.ledger.tree import leaf_hash
from shouxin.operations.account_for import Opening, account_for
from shouxin.operations.opening.approve import approve, request_access
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.policy.card import Form
from shouxin.vault.records import Records

__all__ = ["accountable", "approved", "masked", "refused", "scored"]

_SEEN: Final = frozenset(ItemCode(one) for one in ("identity.name", "identity.id_number", "contact.mobile"))
_SAMPLE: Final = 10
_SCORED: Final = frozenset(
    ItemCode(one)
    for one in ("credit.amount", "loan.duration", "account.checking_status", "credit.history", "credit.decision")
)


def _wish(stage: DemoStage, purpose: str, form: str) -> Wish:
    return Wish(purpose, _SEEN, (stage.customer,), Form(form))


def refused(stage: DemoStage) -> Scene:
    """An analyst without a purpose."""
    who = show(SubjectId, stage.customer)
    scene = Scene(
        "refused",
        "An analyst asks without saying what for",
        stage.command("access", "open", who, "--item", "identity.name", acting="lin.analyst"),
    )
    try:
        disclose(stage.workspace, stage.cast.analyst, _wish(stage, "", "masked"))
        scene.check(holds=False, line="refused")
    except Refused as refusal:
        rule, article = refusal.reasons[0]
        title = stage.workspace.pack.rule(rule).title_zh
        scene.figures = {"rule": rule, "article": article}
        scene.check(article == "PIPL 6(1)", f"refused: {article} {title} ({rule})")
    return scene


def masked(stage: DemoStage) -> Scene:
    """The same analyst with a purpose."""
    asked = [word for item in sorted(_SEEN) for word in ("--item", str(item))]
    words = ("access", "open", show(SubjectId, stage.customer), "--purpose", "credit.review", *asked)
    again = stage.command(*words, acting="lin.analyst")
    scene = Scene("masked", "With a purpose, they see what the purpose needs, masked", again)
    seen = disclose(stage.workspace, stage.cast.analyst, _wish(stage, "credit.review", "masked"))
    values = {item: str(value) for item, value in seen.values[stage.customer].items()}
    scene.figures = {"values": values, "leaf": seen.leaf}
    number = stage.customer_number.text()
    scene.check(len(values) == len(_SEEN), "  ".join(values[item] for item in sorted(values)))
    scene.check(number not in str(values), f"recorded in the ledger as entry {seen.leaf}, naming nobody")
    return scene


def approved(stage: DemoStage) -> Scene:
    """Raw values: only after two approvals by two other people."""
    again = stage.command("access", "list", "--all", acting="chen.dpo")
    scene = Scene("approved", "The real values only after two other people agree", again)
    workspace, cast = stage.workspace, stage.cast
    wish = _wish(stage, "credit.review", "raw")

    def refusal(attempt: object) -> str:
        try:
            attempt()  # type: ignore[operator]
        except ShouxinError as error:
            return error.reasons[0][0] if isinstance(error, Refused) else error.code
        return "nothing"

    before = refusal(lambda: disclose(workspace, cast.analyst, wish))
    scene.check(before == "CN-PIPL-51-1-4-APPROVAL", f"raw without approval: refused ({before})")
    request = request_access(workspace, cast.analyst, wish)
    own = refusal(lambda: approve(workspace, cast.analyst, request))
    scene.check(own == "maker-checker", "their own approval of their own request: refused")
    approve(workspace, cast.approver, request)
    early = refusal(lambda: disclose(workspace, cast.analyst, wish))
    scene.check(early == "CN-PIPL-51-1-4-APPROVAL", "after one approval: still refused")
    approve(workspace, cast.dpo, request)
    opened = disclose(workspace, cast.analyst, wish)
    value = opened.values[stage.customer][ItemCode("identity.id_number")]
    right = isinstance(value, Plaintext) and value == stage.customer_number
    scene.figures = {"request": show(RequestId, request), "leaf": opened.leaf}
    scene.check(right, "after the second: opened for 60 minutes, and the value is the one that was collected")
    scene.check("plaintext" in f"{value}", "printed by mistake it shows as ‹plaintext›")
    return scene


def _points(values: Mapping[ItemCode, Plaintext | str]) -> float:
    """Return a small scorecard's points: an example of a model, not advice on whom to lend to."""

    def text(code: str) -> str:
        value = values.get(ItemCode(code), "")
        return value.text() if isinstance(value, Plaintext) else value

    account = {"no checking account": 30.0, "... >= 200 DM / salary for at least 1 year": 15.0}
    history = 12.0 if text("credit.history").startswith("critical account") else 0.0
    return account.get(text("account.checking_status"), 0.0) + history - float(text("loan.duration") or 24) * 0.8


def scored(stage: DemoStage) -> Scene:
    """Score everybody in one disclosure."""
    workspace = stage.workspace
    scene = Scene("scored", "A program scores everybody in one disclosure", "")
    everybody = workspace.data.read(_applicants)
    stage.applicants = everybody
    seen = disclose(workspace, stage.cast.scorer, Wish("credit.scoring", _SCORED, tuple(everybody), Form("raw")))
    entry = json.loads(workspace.data.read(lambda records: records.ledger.entry(seen.leaf)))
    points = [(_points(values), values) for values in seen.values.values()]
    good = [point for point, values in points if _decision(values) == "good"]
    bad = [point for point, values in points if _decision(values) == "bad"]
    wins = sum((a > b) + 0.5 * (a == b) for a in good for b in bad[:200])
    auc = wins / max(1, len(good) * len(bad[:200]))
    stage.leaf = seen.leaf
    scene.command = stage.command("ledger", "show", "--leaf", str(seen.leaf), acting="wei.operator")
    scene.figures = {"scored": len(points), "leaf": seen.leaf, "auc": round(auc, 3)}
    scene.check(
        len(points) == len(everybody), f"{len(points):,} people scored in one go (AUC {auc:.2f} of a toy scorecard)"
    )
    scene.check(
        entry["count"] == len(everybody), f"one event, entry {seen.leaf}: a Merkle root over {entry['count']:,} people"
    )
    sample = everybody[:: max(1, len(everybody) // _SAMPLE)][:_SAMPLE]
    proved = sum(_proved_in(stage, who, seen.leaf) for who in sample)
    scene.figures["proved"] = proved
    scene.check(proved == len(sample), f"{len(sample)} of them, drawn evenly: each is proved to be among those")
    return scene


def _proved_in(stage: DemoStage, who: SubjectId, leaf: int) -> bool:
    """Say whether what this person is told of an entry proves that they are in it, to a stranger."""
    vkey = (stage.home / "public" / "log.vkey").read_text("utf-8").strip()
    openings = account_for(stage.workspace, stage.cast.rights, who)
    return any(opening.leaf == leaf and _holds(opening, vkey) for opening in openings)


def _decision(values: Mapping[ItemCode, Plaintext | str]) -> str:
    value = values.get(ItemCode("credit.decision"), "")
    return value.text() if isinstance(value, Plaintext) else value


def _applicants(records: Records) -> list[SubjectId]:
    people = sorted({subject for _, subject, _ in records.all_cells()})
    return sorted({row.subject for row in records.cells.cells_of(people, "credit.application")})


def _holds(opening: Opening, vkey: str) -> bool:
    """Check one opening as a stranger would: with the log's public key and what was handed out, nothing else."""
    try:
        proof = parse_proof_file(opening.proof)
        head = open_checkpoint(proof.checkpoint, [parse_verifier(vkey)]).checkpoint
        verify_inclusion(leaf_hash(opening.entry), proof.index, head.size, proof.hashes, head.root)
        event = json.loads(opening.entry)
        commitment = commit_to(opening.blinding, opening.subject)
        if opening.member is not None:
            verify_member(commitment, opening.member, bytes.fromhex(event["members"]), event["count"])
    except Tampered:
        return False
    return True


def accountable(stage: DemoStage) -> Scene:
    """The borrower asks who opened their data."""
    who = show(SubjectId, stage.customer)
    scene = Scene(
        "accountable",
        "The borrower asks: who looked at my data?",
        stage.command("ledger", "prove", "--subject", who, acting="sun.rights"),
    )
    openings = account_for(stage.workspace, stage.cast.rights, stage.customer)
    vkey = (stage.home / "public" / "log.vkey").read_text("utf-8").strip()
    held = [_holds(opening, vkey) for opening in openings]
    for opening in openings:
        facts = opening.event.facts
        what = facts.get("form", "look-up")
        among = f" among {facts['count']}" if facts["count"] != 1 else ""
        scene.lines.append(
            f"{write(opening.at)}  {facts['role']:<11} {facts['purpose']:<15} {what}{among}  entry {opening.leaf}"
        )
    scene.figures = {"openings": len(openings), "proved": sum(held)}
    scored_too = any(opening.leaf == stage.leaf for opening in openings)
    scene.check(
        all(held) and scored_too, f"{counted(len(openings), 'opening')}, each proved with the log's public key alone"
    )
    changed = replace(openings[0], entry=openings[0].entry.replace(b'"count":1', b'"count":2'))
    scene.check(not _holds(changed, vkey), "one of them with a single digit changed: the proof fails")
    return scene
