"""Whatever a driver of a database raises becomes one error of ours, with what to do behind a semicolon.

Laws of this file. No statement and no value of the driver's message is passed on: it might quote a person. What is
said is a code, the table, and the permission to ask for.

Called by: ``sql_database``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError

from shouxin.errors import Misconfigured, OperatorError, ShouxinError, StoreUnavailable

__all__ = ["again", "code_of", "explain", "explained"]

# What a database says when the same transaction may well succeed a second time.
_AGAIN: Final = frozenset({"40001", "40P01", "1213", "1205", "1020", "SQLITE_BUSY", "SQLITE_LOCKED"})
_DENIED: Final = frozenset({"42501", "1142", "1143", "1044", "1227", "1370"})
_LOGIN: Final = frozenset({"28P01", "28000", "3D000", "1045", "1049", "1698"})
_READ_ONLY: Final = frozenset({"SQLITE_READONLY", "SQLITE_READONLY_DIRECTORY", "25006", "1290", "1792"})
_TOO_LONG: Final = frozenset({"57014", "55P03", "1969", "3024", "SQLITE_INTERRUPT"})


def code_of(error: BaseException) -> str:
    """Return SQLSTATE (PostgreSQL), error number (MySQL), name (SQLite), or the class of the driver's error."""
    cause = getattr(error, "orig", None) or error
    first = cause.args[0] if getattr(cause, "args", ()) else ""
    if isinstance(first, int):  # MySQL: SQLSTATE is 42000 for most of what can go wrong
        return str(first)
    state = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return str(state or type(cause).__name__)


def again(error: BaseException) -> bool:
    """True if the transaction should be tried once more."""
    return isinstance(error, DBAPIError) and code_of(error) in _AGAIN


def explain(error: Exception, doing: tuple[str, str], user: str) -> OperatorError:
    """Return the error to raise in place of a driver's, while ``doing`` (action and table)."""
    code = code_of(error)
    action, table = doing
    where = f" ON {table}" if table else ""
    denied = {
        **dict.fromkeys(
            _DENIED, f"{action}{where} is not permitted ({code}); ask for: GRANT {action}{where} TO {user}"
        ),
        **dict.fromkeys(_LOGIN, f"the database does not let us in ({code}); check user, password and database name"),
        **dict.fromkeys(_READ_ONLY, f"the database is read only ({code}); connect to the one that takes writes"),
    }
    if code in denied:
        return Misconfigured(denied[code])
    if code in _AGAIN:
        return StoreUnavailable(f"the database was busy{where} to the end ({code}); run again when it is quieter")
    if code in _TOO_LONG:
        return StoreUnavailable(f"a statement took too long{where} ({code}); add an index, or allow it more time")
    if code.startswith(("23", "SQLITE_CONSTRAINT")) or code in {"1451", "1452", "1048", "1062", "4025", "3819"}:
        detail = f"a constraint refused {action}{where} ({code})"
        return StoreUnavailable(f"{detail}; change the strategy of the column, or describe what depends on it")
    if code.startswith("22") or code in {"1406", "1264", "1292", "1366"}:
        return StoreUnavailable(f"a value does not fit{where} ({code}); change the strategy of the column")
    if isinstance(error, NoSuchTableError):
        return Misconfigured("a table is not there; check the description against the database")
    if isinstance(error, SQLAlchemyError):
        return StoreUnavailable(f"the database cannot be used now{where} ({code}); see that it runs and can be reached")
    return StoreUnavailable(f"the driver failed{where} ({code}); report this line")


@contextmanager
def explained(doing: tuple[str, str], user: str) -> Iterator[None]:
    """Raise, in place of whatever a driver raises inside, the error that says what to do; see ``explain``."""
    try:
        yield
    except ShouxinError:
        raise
    except Exception as error:  # a plug-in may raise anything
        raise explain(error, doing, user) from None
