"""Marked values go through every operation; then everything written, logged and raised is searched for them."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import shutil
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import IntegrityError, OperatorError, Refused, ShouxinError
from shouxin.operations.advance import advance
from shouxin.operations.auditing.publish import publish
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.correct import correct
from shouxin.operations.erasing.erase import erase
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.opening.approve import approve, request_access
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.look_up import look_up
from shouxin.operations.recovery.backup import back_up
from tests.marks import Marks
from tests.operations.portfolio import (
    ID_NUMBER,
    JOB,
    MARK,
    MOBILE,
    NAME,
    PLAN,
    VIDEO,
    WHO,
    Hands,
    Lender,
    contact_of,
    lender,
    record,
    values_of,
)
from tests.workspaces import close

NUMBERS: Final = range(1, 7)
RIGHT: Final = {MOBILE: Plaintext.of("13512345678"), JOB: Plaintext.of(f"{MARK}教书")}


def marks() -> list[str]:
    """Return everything that anybody ever said here."""
    texts = {MARK, *(value.text() for value in RIGHT.values())}
    for number in NUMBERS:
        texts |= {value.text() for value in {**values_of(number), **contact_of(number)[0].values}.values()}
    return sorted(texts)


@cache
def searched() -> Marks:
    """Return the search for all of it."""
    return Marks(marks())


def written(folder: Path) -> list[str]:
    """Return every file below ``folder`` that has a marked value in its name or content, in whatever form."""
    return [str(Path(path).relative_to(folder)) for path in searched().files(folder)]


def everything_of(error: BaseException) -> str:
    """Return all that an error says: itself, its parts, its traceback with what it came from, and as a pickle."""
    parts = [str(error), repr(error), repr(error.args), repr(vars(error))]
    parts.append("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
        parts += [str(error), repr(error), repr(vars(error))]
    return "\n".join(parts)


def said_in(text: str) -> set[str]:
    """Return the marked values that stand in ``text``."""
    return searched().within(text)


def story(bank: Lender) -> None:
    """Collect, film, disclose raw with approval, correct, look up, miss, back up, erase, advance."""
    bank.take([1, 2], contact=True)
    bank.take([3, 4], customer=False)
    bank.film(bank.people[1])
    wish = bank.wish(bank.people[1], form="raw")
    request = request_access(bank.workspace, bank.tokens["analyst"], wish)
    approve(bank.workspace, bank.tokens["approver"], request)
    approve(bank.workspace, bank.tokens["dpo"], request)
    assert MARK in repr({item: one.text() for item, one in opened(bank, bank.people[1]).items()})
    assert MARK in bank.raw(bank.people[2])[JOB]
    bank.masked(*bank.people.values())
    correct(bank.workspace, bank.tokens["dpo"], bank.people[2], RIGHT)
    assert bank.look_up(MOBILE, RIGHT[MOBILE]) == [bank.people[2]]
    assert bank.find(6) == []
    publish(bank.workspace, bank.tokens["operator"])
    back_up(bank.workspace, bank.tokens["operator"], bank.home.parent / "backup")
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    erase(bank.workspace, bank.tokens["dpo"], bank.people[1])


def opened(bank: Lender, subject: SubjectId) -> dict[ItemCode, Plaintext]:
    """Return what the analyst's grant opens."""
    values = disclose(bank.workspace, bank.tokens["analyst"], bank.wish(subject, form="raw")).values[subject]
    return {item: value for item, value in values.items() if isinstance(value, Plaintext)}


def refusals(bank: Lender) -> list[tuple[str, Callable[[], object]]]:
    """Return whatever is refused while marked values are at hand."""
    one, values = bank.people[2], values_of(2)
    tokens, workspace = bank.tokens, bank.workspace
    return [
        ("no approval", lambda: opened(bank, one)),
        ("no purpose", lambda: disclose(workspace, tokens["analyst"], bank.wish(one, purpose=""))),
        ("a purpose of that name", lambda: disclose(workspace, tokens["analyst"], bank.wish(one, purpose=f"{MARK}x"))),
        (
            "an item of that name",
            lambda: disclose(workspace, tokens["analyst"], bank.wish(one, items=[ItemCode(MARK)])),
        ),
        ("another role", lambda: disclose(workspace, tokens["collector"], bank.wish(one, items=WHO))),
        ("a form of that name", lambda: disclose(workspace, tokens["analyst"], bank.wish(one, form=MARK))),
        ("somebody erased", lambda: bank.masked(bank.people[3])),
        ("look up without a purpose", lambda: look_up(workspace, tokens["analyst"], "", ID_NUMBER, values[ID_NUMBER])),
        ("look up what is not indexed", lambda: bank.look_up(JOB, values[JOB], purpose="loan.file")),
        (
            "look up in another role",
            lambda: look_up(workspace, tokens["operator"], "customer.file", NAME, values[NAME]),
        ),
        ("correct in another role", lambda: correct(workspace, tokens["analyst"], one, RIGHT)),
        ("correct an unknown item", lambda: correct(workspace, tokens["dpo"], one, {ItemCode(MARK): RIGHT[JOB]})),
        ("correct somebody erased", lambda: correct(workspace, tokens["dpo"], bank.people[3], RIGHT)),
        (
            "film without consent",
            lambda: keep_object(workspace, tokens["collector"], one, "interview.video", VIDEO, [MARK.encode() * 9]),
        ),
    ]


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Nobody yet."""
    return lender(tmp_path, Hands())


def test_nothing_that_is_written_or_logged_has_a_marked_value(
    tmp_path: Path, bank: Lender, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """From collecting to leaving an epoch no file, write-ahead log, backup, log record or output has what was said."""
    caplog.set_level(logging.NOTSET)
    story(bank)
    assert list(bank.home.rglob("*-wal")), "the write-ahead logs must be there to be searched"
    assert written(tmp_path) == []
    advance(bank.workspace, bank.tokens["operator"])
    bank.raw(bank.people[2])
    assert written(tmp_path) == []
    close(bank.workspace)
    assert written(tmp_path) == []
    for entry in caplog.records:
        assert said_in(f"{entry.getMessage()} {entry.args!r} {vars(entry)!r}") == set()
    assert said_in("".join(capfd.readouterr())) == set()


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    """The search is no formality: it finds a marked value in a file, in a file's name and in an error."""
    (tmp_path / "a").write_bytes(b"x" * 5000 + values_of(2)[ID_NUMBER].reveal())
    (tmp_path / f"{MARK}.txt").write_bytes(b"")
    (tmp_path / "clean").write_bytes(bytes(100))
    assert sorted(written(tmp_path)) == sorted(["a", f"{MARK}.txt"])
    assert said_in(everything_of(ValueError(values_of(1)[NAME].text())))


def test_no_refusal_says_what_it_was_asked_about(bank: Lender, caplog: pytest.LogCaptureFixture) -> None:
    """Every refusal, with its arguments and where it came from, is made of codes and identifiers only."""
    caplog.set_level(logging.NOTSET)
    story(bank)
    for name, ask in refusals(bank):
        with pytest.raises(ShouxinError) as caught:
            ask()
        error = caught.value
        told = [str(error), repr(error), repr(error.args), repr(vars(error)), *traceback.format_exception(error)]
        assert said_in("\n".join(told)) == set(), name
    place = source_digest("core", b"another file")
    with pytest.raises(Refused) as refused:
        collect(bank.workspace, bank.tokens["analyst"], PLAN, [record(1, 6)], place=place)
    assert said_in("\n".join(traceback.format_exception(refused.value))) == set()
    untold = record(1, 6)
    untold = replace(untold, person=replace(untold.person, choices=()))
    done = collect(bank.workspace, bank.tokens["collector"], PLAN, [untold], place=place)
    assert done.taken == 0
    assert len(done.aside) == 1
    assert said_in(repr(done)) == set()
    assert not [entry for entry in caplog.records if said_in(f"{entry.getMessage()} {vars(entry)!r}")]
    assert written(bank.home) == []
    close(bank.workspace)


@pytest.mark.parametrize("store", ["data/data.db", "keyring/keyring.db", "index/1.db"])
def test_no_error_of_a_damaged_store_says_what_was_being_written(bank: Lender, store: str) -> None:
    """A store that is damaged under marked values raises an error without them, whatever it came from."""
    bank.take([1, 2])
    close(bank.workspace)
    for path in bank.home.glob(f"{store}-*"):
        path.unlink()
    content = bytearray((bank.home / store).read_bytes())
    page = int.from_bytes(content[16:18], "big")  # the first one stays: it says what the file is
    content[page:] = b"\xff" * (len(content) - page)
    (bank.home / store).write_bytes(content)
    with pytest.raises((IntegrityError, OperatorError)) as caught:
        bank.reopened().take([5, 6], contact=True)
    assert said_in(everything_of(caught.value)) == set()
    assert written(bank.home) == []


def test_what_was_disclosed_shows_and_keeps_nothing_of_itself(bank: Lender) -> None:
    """A disclosed value cannot be pickled, copied or written as JSON, and neither ``str`` nor a log shows it."""
    bank.take([1])
    wish = bank.wish(bank.people[1], purpose="loan.file", items=[JOB], form="raw")
    seen = disclose(bank.workspace, bank.tokens["credit_officer"], wish)
    value = seen.values[bank.people[1]][JOB]
    assert isinstance(value, Plaintext)
    assert MARK in value.text()
    for keep in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        for what in (value, seen, record(1, 1)):
            if keep is copy.copy and what is not value:
                continue  # a shallow copy of what holds a value makes no second value
            with pytest.raises(TypeError) as caught:
                keep(what)
            assert said_in("".join(traceback.format_exception(caught.value))) == set()
    assert said_in(f"{value} {value!r} {seen} {seen!r} {record(1, 1)!r} {value:>40} {[value]}") == set()
    close(bank.workspace)
    shutil.rmtree(bank.home)
