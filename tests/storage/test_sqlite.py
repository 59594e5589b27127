"""SQLite as we use it: durable, private, one writer, and its errors are ours without values in them."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, Table, insert, select

from shouxin.errors import Misconfigured, StoreUnavailable, Tampered
from shouxin.storage import sqlite
from shouxin.storage.sqlite import compact, empty_log, engine, guarded, loading, reading, writing

SCHEMA = MetaData()
NOTES = Table("notes", SCHEMA, Column("note", LargeBinary, primary_key=True))
SECRET = b"13800138000 is what nobody should find"


def _file(tmp_path: Path) -> Path:
    return tmp_path / "notes.db"


def _rows(tmp_path: Path) -> list[bytes]:
    with sqlite3.connect(_file(tmp_path)) as connection:
        return [row[0] for row in connection.execute("SELECT note FROM notes")]


def test_a_store_is_private_and_synchronous(tmp_path: Path) -> None:
    """Mode 0600 for the file and its log, write-ahead log with full synchronisation, deleted bytes overwritten."""
    made = engine(_file(tmp_path), SCHEMA, create=True)
    with writing(made) as connection:
        connection.execute(insert(NOTES), {"note": b"a"})
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_a_store_that_is_not_there_is_not_made_by_accident(tmp_path: Path) -> None:
    """Opening names the missing store and makes nothing; creating twice keeps what is there."""
    with pytest.raises(Misconfigured, match=r"notes\.db"):
        engine(_file(tmp_path), SCHEMA)
    assert list(tmp_path.iterdir()) == []
    for _ in range(2):
        made = engine(_file(tmp_path), SCHEMA, create=True)
        with writing(made) as connection:
            connection.execute(NOTES.insert().prefix_with("OR IGNORE"), {"note": b"a"})
    assert _rows(tmp_path) == [b"a"]


def test_what_fails_is_undone(tmp_path: Path) -> None:
    """An error inside, of ours or of Python, leaves nothing, and the store goes on working."""
    made = engine(_file(tmp_path), SCHEMA, create=True)

    def fail(error: BaseException) -> None:
        with writing(made) as connection:
            connection.execute(insert(NOTES), {"note": b"a"})
            raise error

    for error in (ValueError("x"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            fail(error)
    with writing(made) as connection:
        connection.execute(insert(NOTES), {"note": b"b"})
    assert _rows(tmp_path) == [b"b"]


def test_a_reader_keeps_its_snapshot(tmp_path: Path) -> None:
    """What is committed meanwhile is seen by the next reader, not by this one."""
    made = engine(_file(tmp_path), SCHEMA, create=True)
    with reading(made) as reader:
        assert reader.execute(select(NOTES)).all() == []
        with writing(made) as writer:
            writer.execute(insert(NOTES), {"note": b"a"})
        assert reader.execute(select(NOTES)).all() == []
    with reading(made) as reader:
        assert len(reader.execute(select(NOTES)).all()) == 1


def test_a_row_that_stands_already_is_an_operators_error_without_values(tmp_path: Path) -> None:
    """A constraint that is broken names neither statement nor value."""
    made = engine(_file(tmp_path), SCHEMA, create=True)
    with writing(made) as connection:
        connection.execute(insert(NOTES), {"note": SECRET})
    with pytest.raises(StoreUnavailable) as caught, writing(made) as connection:
        connection.execute(insert(NOTES), {"note": SECRET})
    assert "13800138000" not in repr(caught.value)
    assert "INSERT" not in repr(caught.value)
    assert caught.value.__suppress_context__


def test_a_locked_store_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another process holds the write lock too long, nothing was changed and the error names the lock."""
    monkeypatch.setattr(sqlite, "_PRAGMAS", ("PRAGMA journal_mode=WAL", "PRAGMA busy_timeout=1"))
    made = engine(_file(tmp_path), SCHEMA, create=True)
    other = sqlite3.connect(_file(tmp_path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="SQLITE_BUSY"), writing(made) as connection:
        connection.execute(insert(NOTES), {"note": b"a"})
    other.execute("ROLLBACK")
    other.close()
    assert _rows(tmp_path) == []


@pytest.mark.parametrize("damage", [b"this is no database, not at all", b"\0" * 4096])
def test_a_damaged_file_is_tampering(tmp_path: Path, damage: bytes) -> None:
    """A file that is no database any more is an integrity failure, not a lock or a missing table."""
    engine(_file(tmp_path), SCHEMA, create=True).dispose()
    for tail in ("-wal", "-shm"):
        Path(f"{_file(tmp_path)}{tail}").unlink(missing_ok=True)
    _file(tmp_path).write_bytes(damage)
    with pytest.raises(Tampered):
        engine(_file(tmp_path), SCHEMA)


def test_compacting_leaves_nothing_of_what_was_deleted(tmp_path: Path) -> None:
    """After a deletion and a compaction the bytes stand in no file of the store, and the rest is there."""
    made = engine(_file(tmp_path), SCHEMA, create=True)
    with writing(made) as connection:
        connection.execute(insert(NOTES), [{"note": SECRET}, {"note": b"kept"}])
    assert any(SECRET in path.read_bytes() for path in tmp_path.iterdir())
    with writing(made) as connection:
        connection.execute(NOTES.delete().where(NOTES.c.note == SECRET))
    compact(made)
    assert not any(SECRET in path.read_bytes() for path in tmp_path.iterdir())
    assert _rows(tmp_path) == [b"kept"]


def test_an_emptied_log_holds_nothing_and_the_file_everything(tmp_path: Path) -> None:
    """What was overwritten stands in the log until it is emptied; then the log has no byte and the rows are there."""
    made = engine(_file(tmp_path), SCHEMA, create=True)
    with writing(made) as connection:
        connection.execute(insert(NOTES), [{"note": SECRET}, {"note": b"kept"}])
    with writing(made) as connection:
        connection.execute(NOTES.delete().where(NOTES.c.note == SECRET))
    log = Path(f"{_file(tmp_path)}-wal")
    assert SECRET in log.read_bytes()
    empty_log(made)
    assert log.stat().st_size == 0
    assert _rows(tmp_path) == [b"kept"]


def test_a_log_that_somebody_still_reads_is_not_said_to_be_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of an old state keeps the log from being emptied, and that is an error, not a silence."""
    monkeypatch.setattr(sqlite, "_HELD_OFF_MILLISECONDS", 1)
    monkeypatch.setattr(sqlite, "_TRIES", 2)
    made = engine(_file(tmp_path), SCHEMA, create=True)
    with reading(made) as reader:
        assert reader.execute(select(NOTES)).all() == []
        with writing(made) as writer:
            writer.execute(insert(NOTES), {"note": b"a"})
        with pytest.raises(StoreUnavailable, match="old state"):
            empty_log(made)
        with writing(made) as writer:  # whoever writes does so as patiently as before
            assert writer.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == sqlite.BUSY_MILLISECONDS
    empty_log(made)
    assert _rows(tmp_path) == [b"a"]


def test_a_file_that_was_loaded_is_a_store_like_any_other(tmp_path: Path) -> None:
    """It is private, holds its rows, and goes on with a write-ahead log; nothing lies beside it."""
    with loading(_file(tmp_path), SCHEMA) as connection:
        connection.execute(insert(NOTES), {"note": b"a"})
    assert [path.name for path in tmp_path.iterdir()] == ["notes.db"]
    assert stat.S_IMODE(_file(tmp_path).stat().st_mode) == 0o600
    made = engine(_file(tmp_path), SCHEMA)
    with writing(made) as connection:
        connection.execute(insert(NOTES), {"note": b"b"})
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    assert _rows(tmp_path) == [b"a", b"b"]


def test_our_own_errors_pass_through() -> None:
    """The guard turns the driver's errors into ours and touches no other."""
    with pytest.raises(Misconfigured), guarded():
        raise Misconfigured("as it is")
    with pytest.raises(ZeroDivisionError), guarded():
        raise ZeroDivisionError


def test_text_where_bytes_were_written_is_tampering(tmp_path: Path) -> None:
    """A column that somebody overwrote with text that does not decode is damage, and the file is not out of reach."""
    made = engine(_file(tmp_path), SCHEMA, create=True)
    with writing(made) as connection:
        connection.exec_driver_sql("INSERT INTO notes VALUES (CAST(x'ff' AS TEXT))")
    with pytest.raises(Tampered), reading(made) as connection:
        connection.execute(select(NOTES)).all()
