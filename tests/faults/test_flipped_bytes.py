"""One byte on disk is another one: it is found and said, or no answer changes; nobody ever gets a wrong answer."""

from __future__ import annotations

import itertools
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from shouxin.actors.account import Token
from shouxin.bootstrap import open_workspace
from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.errors import CallerError, IntegrityError, OperatorError
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose_object import disclose_object
from tests.house.tree import expect_none
from tests.operations.portfolio import CARD_NUMBER, JOB, MARK, VIDEO, Hands, Lender, lender, values_of
from tests.workspaces import close

SAMPLES: Final = 25
STAYING: Final = (1, 2, 4)
FRAMES: Final = MARK.encode() * 50
# Where a byte is flipped: a pattern below the workspace that finds exactly one file.
TARGETS: Final = {
    "data": "data/data.db",
    "keyring": "keyring/keyring.db",
    "index": "index/*.db",
    "checkpoint": "apart/checkpoint",
    "revocations": "apart/revocations",
    "journal": "apart/destructions",
    "object": "data/objects/*/*",
    "root-key": "root/*.key",
}
# Nobody is answered from these, so an audit must name every flipped byte of them.
PUBLISHED: Final = {
    "checkpoint": "public/checkpoint",
    "key": "public/log.vkey",
    "hashes": "public/tile/0/000.p/*",
    "entries": "public/tile/entries/000.p/*",
}


@dataclass
class Vault:
    """A closed workspace with a history, and the right answers about it."""

    home: Path
    tokens: dict[str, Token]
    people: dict[int, SubjectId]
    film: ObjectId
    masked: dict[int, object] = field(default_factory=dict)

    def file(self, pattern: str) -> Path:
        """Return the one file that ``pattern`` finds, as a path below the workspace."""
        (found,) = (path for path in self.home.glob(pattern) if path.is_file())
        return found.relative_to(self.home)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """Two customers, a declined applicant who stays and one who is erased, a video, a signed and published log."""
    bank = lender(tmp_path_factory.mktemp("vault"), Hands())
    bank.take([1, 2], contact=True)
    bank.take([3, 4], customer=False)
    film = bank.film(bank.people[1], FRAMES)
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    bank.raw(bank.people[1])
    publish(bank.workspace, bank.tokens["operator"])
    made = Vault(bank.home, bank.tokens, bank.people, film)
    for number in STAYING:
        made.masked[number] = bank.masked(bank.people[number])
    bank.raw(bank.people[1])  # signs what was done last
    close(bank.workspace)
    return made


def questions(vault: Vault, bank: Lender) -> Iterator[tuple[str, Callable[[], object], object, tuple[object, ...]]]:
    """Yield everything that is asked: its name, how, the right answer, and what else means that nothing is known."""

    def filmed() -> object:
        wish = bank.wish(bank.people[1], purpose="interview.video", items={VIDEO}, form="raw")
        _, parts = disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, vault.film)
        return b"".join(part.reveal() for part in parts)

    for number in STAYING:
        who, values = bank.people[number], values_of(number)
        right = {CARD_NUMBER: values[CARD_NUMBER].text(), JOB: values[JOB].text()}
        yield f"masked {number}", lambda who=who: bank.masked(who), vault.masked[number], ({}, {who: {}})
        yield f"raw {number}", lambda who=who: bank.raw(who), right, ({},)
        yield f"find {number}", lambda number=number: bank.find(number), [who], ([],)
    yield "film", filmed, FRAMES, ()
    yield "erased", lambda: (bank.is_gone(bank.people[3]), bank.find(3)), (True, []), ()


def judged(vault: Vault, home: Path) -> str:
    """Open a damaged workspace, audit it and ask everything; return what is wrong about it, or nothing."""
    try:
        workspace = open_workspace(home, clock=Hands())
    except (IntegrityError, OperatorError):
        return ""
    bank = Lender(workspace, vault.tokens, home, vault.people)
    silent: list[str] = []
    try:
        said = False
        try:
            said = not verify_ledger(workspace).intact
        except (IntegrityError, OperatorError):
            said = True
        for name, ask, right, nothing in questions(vault, bank):
            try:
                answer = ask()
            except (IntegrityError, OperatorError):
                said = True
                continue
            except CallerError as error:
                silent.append(f"{name} is refused as {error.code}")
                continue
            if answer == right:
                continue
            if answer not in nothing:
                return f"{name} has a wrong answer"
            silent.append(f"{name} says nothing")
    except Exception as error:  # the point of this test: no other error gets out
        return f"{type(error).__name__} came out: {error}"
    finally:
        workspace.close()
    return "" if said else ", ".join(silent)


def flipped(vault: Vault, home: Path, file: Path, offset: int) -> str:
    """Judge a copy of the workspace at ``home`` in which one bit of one byte is another one."""
    shutil.copytree(vault.home, home)
    content = bytearray((home / file).read_bytes())
    content[offset] ^= 1 << (offset % 8)  # ASCII stays ASCII
    (home / file).write_bytes(content)
    try:
        return judged(vault, home)
    except Exception as error:
        return f"{type(error).__name__} came out of opening: {error}"
    finally:
        shutil.rmtree(home)


def offsets(size: int) -> list[int]:
    """Return where to flip: the same places in every run, one from each part of the file."""
    chance = random.Random(size)
    edges = [size * part // SAMPLES for part in range(SAMPLES + 1)]
    return sorted({chance.randrange(low, max(high, low + 1)) for low, high in itertools.pairwise(edges)})


def test_untouched_every_answer_is_right(tmp_path: Path, vault: Vault) -> None:
    """Without a flipped byte nothing is found and everything is answered: the other tests start from there."""
    home = tmp_path / "workspace"
    shutil.copytree(vault.home, home)
    bank = Lender(open_workspace(home, clock=Hands()), vault.tokens, home, vault.people)
    assert verify_ledger(bank.workspace).flaws == []
    assert all(ask() == right for _, ask, right, _ in questions(vault, bank))
    close(bank.workspace)


@pytest.mark.parametrize("target", TARGETS)
def test_a_flipped_byte_is_found_or_changes_no_answer(tmp_path: Path, vault: Vault, target: str) -> None:
    """A flipped byte in any file is an integrity or operator error, or a flaw that the audit names, or no matter."""
    file = vault.file(TARGETS[target])
    places = offsets((vault.home / file).stat().st_size)
    found = ((at, flipped(vault, tmp_path / "workspace", file, at)) for at in places)
    expect_none(f"{file} at {at}: {problem}" for at, problem in found if problem)


@pytest.mark.parametrize("target", PUBLISHED)
def test_a_flipped_byte_in_what_is_published_is_named(tmp_path: Path, vault: Vault, target: str) -> None:
    """Whoever checks us from outside reads these files: wherever a bit is another one, the audit names that file."""
    file = vault.file(PUBLISHED[target])
    home = tmp_path / "workspace"
    shutil.copytree(vault.home, home)
    whole = (home / file).read_bytes()
    unnamed: list[str] = []
    for at in offsets(len(whole)):
        (home / file).write_bytes(whole[:at] + bytes([whole[at] ^ 1 << (at % 8)]) + whole[at + 1 :])
        workspace = open_workspace(home, clock=Hands())
        if [flaw.place for flaw in verify_ledger(workspace).flaws] != [str(file)]:
            unnamed.append(f"{file} at {at}")
        workspace.close()
    expect_none(unnamed)
