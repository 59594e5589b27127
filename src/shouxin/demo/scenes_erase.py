"""Scenes eight and nine: what is erased is gone from every file and provably so; a changed history is seen."""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from shouxin.bootstrap import WitnessFolder
from shouxin.demo.deleting import deleted, open_loan_system, refuses_a_word, syncs_tonight
from shouxin.demo.old_copy import MEANT, film_of, put_data_aside, tries_the_old_copy
from shouxin.demo.scene import DemoStage, Scene, program
from shouxin.demo.search import find
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import OperationId, SubjectId, show
from shouxin.errors import NotFound, Refused
from shouxin.keys.chain import SEAL, decode
from shouxin.ledger.note import parse_verifier
from shouxin.operations.advance import advance
from shouxin.operations.auditing.publish import accept_cosignature, publish, witness_request
from shouxin.operations.certifying.certify import certificate, certificate_bytes
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.policy.card import Form
from shouxin.vault.certificate import Verdict, check, read_certificate
from shouxin.vault.erasure import Erasure, Outcome
from shouxin.vault.records import CellRow

__all__ = ["erased", "tampered"]


def _cells(stage: DemoStage, subject: SubjectId) -> list[CellRow]:
    return stage.workspace.data.read(lambda records: records.cells.cells_of([subject]))


def _needles(stage: DemoStage, subject: SubjectId, rows: list[CellRow]) -> dict[str, bytes]:
    """Return what could bring ``rows`` and the person's films back, as bytes to look for.

    Wrapped keys, ciphertext, index tags; of a film its wrapped key, and ciphertext from its middle and its end.
    """
    workspace = stage.workspace
    chain = workspace.custody.keyring.get([subject])[subject]
    wrapped = {link.identifier: link.wrapped for link in decode(chain.links[SEAL:])}
    needles = {"wrapped subject key": chain.wrapped}
    for film in workspace.data.read(lambda records: records.cells.objects_of([subject])):
        sealed = b"".join(workspace.objects.get(film.object_id))
        needles["wrapped key of the film"] = wrapped[film.object_id]
        needles |= {"film, middle": sealed[len(sealed) // 2 :][:32], "film, end": sealed[-32:]}
    for number, row in enumerate(rows):
        needles[f"wrapped cell key {number}"] = wrapped[row.cell]
    for number, row in enumerate(rows):
        needles[f"ciphertext {number}"] = row.sealed[-32:]
    for epoch in workspace.index.generations():
        for number, (tag, _, _) in enumerate(workspace.index.rows_of(epoch, [row.cell for row in rows])):
            needles[f"index tag {number}"] = tag
    return needles


def _refusal(stage: DemoStage, subject: SubjectId) -> str:
    """Ask again for what was read before; return why not."""
    try:
        disclose(stage.workspace, stage.cast.analyst, Wish("credit.review", MEANT, (subject,), Form("masked")))
    except Refused as refusal:
        return f"{refusal.reasons[0][0]} ({refusal.reasons[0][1]})"
    except NotFound:
        return "not found"
    return ""


def _certified(stage: DemoStage, operation: OperationId, name: str, witness: str) -> tuple[Path, Verdict]:
    """Issue a certificate, write it to a file, and check the file with public keys only."""
    path = stage.home / f"certificate-{name}.json"
    document = certificate(stage.workspace, stage.cast.rights, operation)
    path.write_bytes(certificate_bytes(document))
    vkey = (stage.home / "public" / "log.vkey").read_text("utf-8").strip()
    read = read_certificate(path.read_bytes())
    return path, check(read, parse_verifier(vkey), [parse_verifier(witness)])


def _cosign(stage: DemoStage) -> str:
    """Publish the log and have a witness of another house cosign it; return the witness's key."""
    workspace = stage.workspace
    publish(workspace, stage.cast.operator)
    witness = WitnessFolder(stage.scratch / "witness", "affiliate-bank.example/witness")
    request = witness_request(workspace, witness.known(workspace.institution.origin))
    seconds = workspace.clock.now() // 1000
    answer = witness.add_checkpoint(workspace.head.verifier, request, seconds)
    accept_cosignature(workspace, answer.body, witness.verifier)
    return witness.verifier.vkey


def _tell_retained(scene: Scene, erasure: Erasure) -> None:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for part in erasure.having(Outcome.RETAINED):
        until = "its term, which has not begun to run" if part.until is None else part.until.isoformat()
        by_reason.setdefault((part.article, until), []).append(part.term)
    for (article, until), terms in by_reason.items():
        scene.lines.append(f"  retained: {', '.join(sorted(terms))} — {article}, until {until}")


def _asked_before(stage: DemoStage, scene: Scene) -> None:
    """Read both people, so that the refusals afterwards say something."""
    reads = [_refusal(stage, who) for who in (stage.declined, stage.borrower)]
    scene.check(reads == ["", ""], "before: an analyst reads both, masked")
    whole = film_of(stage, stage.workspace) == stage.film
    scene.check(whole, "before: a credit officer sees the borrower's film, to the last byte")


def _film_is_refused(stage: DemoStage) -> bool:
    """Ask again for the film that was seen before."""
    try:
        film_of(stage, stage.workspace)
    except (NotFound, Refused):
        return True
    return False


def _erase_both(stage: DemoStage, scene: Scene) -> list[tuple[OperationId, str]]:
    """Erase the declined applicant, and what may go of the borrower; return the two operations by name."""
    open_loan_system(stage, scene)
    refuses_a_word(stage, scene)
    first, whole = deleted(stage, scene, stage.declined, stage.known[0], "the declined applicant")
    second, partly = deleted(stage, scene, stage.borrower, stage.known[1], "the borrower")
    scene.check(
        whole.outcome == "erased",
        f"the declined applicant: {len(whole.having(Outcome.ERASED))} parts erased, none kept",
    )
    items = sorted({item for part in partly.having(Outcome.ERASED) for item in part.items})
    lost = {"interview.video", "address_book.tokens"} <= set(items)
    scene.check(
        partly.outcome == "erased-in-part" and lost,
        "the borrower: video and address book erased, and the rest that may go",
    )
    _tell_retained(scene, partly)
    aml = {part.article for part in partly.having(Outcome.RETAINED)}
    scene.check(aml == {"AML 34(3)"}, "  identity and contract stay, frozen, because 反洗钱法 34 says so")
    whys = {_refusal(stage, stage.declined), _refusal(stage, stage.borrower)}
    scene.check("" not in whys, f"the same reads again: {' / '.join(sorted(whys))}")
    scene.check(_film_is_refused(stage), "  the film is refused to the credit officer who saw it a moment ago")
    syncs_tonight(stage, scene)
    return [(first, "declined"), (second, "borrower")]


def _certify(stage: DemoStage, scene: Scene, operations: list[tuple[OperationId, str]]) -> None:
    """Have the log cosigned, issue a certificate of each erasure, and check it with public keys only."""
    witness = _cosign(stage)
    (stage.home / "witness.vkey").write_text(f"{witness}\n", "utf-8")
    for operation, name in operations:
        path, verdict = _certified(stage, operation, name, witness)
        held = verdict.sealed and verdict.witnesses == 1
        counts = (
            f"{verdict.erased} erased, {verdict.retained} retained, {counted(verdict.openings, 'opening')}, 1 witness"
        )
        scene.check(held, f"{path.name}: verified offline; {counts}")
    scene.command = stage.command(
        *("certificate", "verify", stage.place("certificate-declined.json")),
        *("--log-key", stage.place("public", "log.vkey"), "--witness-key", stage.place("witness.vkey")),
    )


def erased(stage: DemoStage) -> Scene:
    """Erase the declined applicant whole, and what may go of the borrower."""
    scene = Scene("erased", "Two people ask to be erased", "")
    workspace = stage.workspace
    _asked_before(stage, scene)
    declined = _cells(stage, stage.declined)
    part = [row for row in _cells(stage, stage.borrower) if row.purpose == "address-book.matching"]
    needles = {f"declined: {k}": v for k, v in _needles(stage, stage.declined, declined).items()}
    needles |= {f"borrower: {k}": v for k, v in _needles(stage, stage.borrower, part).items()}
    before = find(stage.home, needles)
    scene.check(
        all(before.values()), f"before: {len(needles)} keys, ciphertexts and tags looked for, all found on disk"
    )
    aside = put_data_aside(stage)
    operations = _erase_both(stage, scene)

    moved = advance(workspace, stage.cast.dpo, step=lambda reached: stage.say(f"      … key epoch: {reached.value}"))
    scene.check(
        moved.sealed >= 2,
        f"key epoch {moved.epoch}: {counted(moved.subjects, 'key chain')} carried over, the old root key destroyed",
    )
    after = find(stage.home, needles)
    scene.check(not any(after.values()), f"after: the same {len(needles)} looked for in every file: none is left")
    tried = tries_the_old_copy(stage, scene, aside)
    _certify(stage, scene, operations)
    scene.figures = {
        "searched": len(needles),
        "found_before": sum(map(bool, before.values())),
        "found_after": sum(map(bool, after.values())),
        "operations": [show(OperationId, operation) for operation, _ in operations],
        "epoch": int(moved.epoch),
        "old_copy": tried,
    }
    return scene


def _edit(copy: Path, leaf: int) -> None:
    """Change one byte of one entry, as somebody with write access to the database would."""
    with closing(sqlite3.connect(copy / "data" / "data.db")) as connection, connection:
        (body,) = connection.execute("SELECT body FROM entries WHERE leaf = ?", (leaf,)).fetchone()
        place = body.index(b'"role":"') + 8
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        connection.execute("UPDATE entries SET body = ? WHERE leaf = ?", (changed, leaf))


def _verify(home: Path) -> tuple[int, Mapping[str, Any]]:
    """Run the real command on a workspace and return its exit code and answer."""
    command = [sys.executable, "-m", "shouxin.cli", "ledger", "verify", "--home", str(home), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    try:
        answer: Mapping[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        answer = {}
    return done.returncode, answer


def _edited_copy(stage: DemoStage) -> str:
    """Return a line that copies the workspace that is kept, edits one byte of its history, and verifies the copy."""
    script = (
        "import sqlite3, sys; rows = sqlite3.connect(sys.argv[1]); "
        r"rows.execute(sys.argv[2], (\"credit.scoring\", \"credit.sc0ring\")); rows.commit()"
    )
    edit = "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), ?, ?) AS BLOB) WHERE leaf = "
    steps = (
        "copy=$(mktemp -d)",
        "trap 'rm -rf \"$copy\"' EXIT",  # it holds the keys as well
        f'cp -r "{stage.place()}/." "$copy"',
        f'python3 -c "{script}" "$copy/data/data.db" "{edit}{stage.leaf}"',
        f'"{program()}" ledger verify --home "$copy"',
    )
    return shlex.join(["sh", "-c", " && ".join(steps)])


def tampered(stage: DemoStage) -> Scene:
    """Edit one byte of history in a copy."""
    scene = Scene("tampered", "Somebody edits one byte of history in a copy", _edited_copy(stage))
    stage.say("      … reading the whole log, twice")
    intact, _ = _verify(stage.home)
    scene.check(
        intact == 0, "ledger verify on the workspace itself: every entry, tile, checkpoint and row holds (exit 0)"
    )
    copy = stage.scratch / "copy"
    shutil.copytree(stage.home, copy)
    leaf = stage.leaf
    _edit(copy, leaf)
    code, answer = _verify(copy)
    named = [str(flaw.get("place")) for flaw in answer.get("flaws", [])]
    scene.check(code == 3 and str(leaf) in named, f"on the copy: names entry {leaf} as altered and exits {code}")
    scene.figures = {"leaf": leaf, "exit": code, "flaws": len(named)}
    return scene
