"""Where data comes from, by its path, address or kind: what is scanned, collected, replaced or erased there.

A driver that an extra brings is loaded when it is asked for.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from shouxin.actors.account import Token
from shouxin.connectors.csv_file import CsvSource
from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.connectors.sources.push_server import PushServer
from shouxin.connectors.sources.replaced_columns import ReplacedColumns
from shouxin.detection.survey.reading import Scannable
from shouxin.errors import Invalid, Misconfigured, NotInThisState
from shouxin.operations.collecting.intake_source import IntakeSource
from shouxin.operations.collecting.invite_edge import edge_key
from shouxin.operations.collecting.plan_file import PlanFile
from shouxin.operations.collecting.receive_push import PushDoor
from shouxin.operations.collecting.sources import RegisteredSource, list_sources, secret_of
from shouxin.operations.workspace import Workspace
from shouxin.policy.source import SourceKind

__all__ = [
    "forbidden_pages",
    "open_database",
    "open_file",
    "open_intake_source",
    "open_observed",
    "open_push",
    "open_replaceable",
    "open_source",
]

_BUCKETS: Final = frozenset({"abfs", "abfss", "adl", "az", "azure", "file", "gs", "s3", "s3a"})


def open_source(where: str) -> Scannable:
    """Return what can be scanned at a path, a URL of a bucket, or the DSN of a database.

    Raises:
        Invalid: there is nothing of that name or kind. Misconfigured: its driver is not installed.
    """
    scheme, divided, _ = where.partition("://")
    if not divided:
        files = import_module("shouxin.connectors.readers.files")
        return cast("Scannable", files.FolderFiles(Path(where)))
    if scheme in _BUCKETS:
        files = import_module("shouxin.connectors.readers.files")
        return cast("Scannable", files.BucketFiles(where))
    return cast("Scannable", import_module("shouxin.connectors.readers.database").DatabaseTables(where))


def open_file(workspace: Workspace, file: Path | str, plan: str) -> IntakeSource:
    """Return the driver of a file by its suffix: sealed by an edge under ``plan``, a table, an archive, or else CSV.

    ``file`` is a path, or as text the URL of an object in a bucket (``s3://bucket/folder/people.csv``).

    Raises:
        Invalid: the URL is of no kind of bucket that is known, or one that an edge sealed: that is a file.
    """
    if isinstance(file, str):
        scheme, divided, _ = file.partition("://")
        if divided and scheme not in _BUCKETS:
            raise Invalid(f"a bucket is one of {', '.join(sorted(_BUCKETS))}", "--file")
        file = file if divided else Path(file)
    suffix = Path(str(file)).suffix.lower()
    if suffix == ".sealed":
        if isinstance(file, str):
            raise Invalid("what an edge sealed is taken in from a file", "--file")
        sealed = import_module("shouxin.connectors.sources.sealed_file")
        opening = edge_key(workspace, plan)
        return cast("IntakeSource", sealed.SealedFile(file, opening, workspace.institution.origin, plan))
    tables = import_module("shouxin.connectors.sources.table_file")
    if suffix in tables.SUFFIXES:
        return cast("IntakeSource", tables.TableFile(file))
    return CsvSource(file)


def open_observed(workspace: Workspace, registered: RegisteredSource, where: str) -> Scannable:
    """Return what is scanned under a plan in mode observe: the files at ``where``, or the registered table.

    Raises:
        Invalid: files without a place, or a place for a table; there is nothing of that name.
    """
    source = registered.source
    if (source.kind is SourceKind.FILE) != bool(where):
        raise Invalid("a source of files is looked at where it lies, and a table where the register says", "source")
    if source.sql is None:
        return open_source(where)
    tables = import_module("shouxin.connectors.sources.observed_table")
    return cast("Scannable", tables.ObservedTable(source.sql, secret_of(workspace, registered)))


def open_intake_source(
    workspace: Workspace, registered: RegisteredSource, file: Path | str | None = None, plan: str = ""
) -> IntakeSource:
    """Return the driver of a registered source, with its secret; ``file`` is the file where the source is files.

    ``plan`` is the plan's code, without which nothing opens that an edge has sealed.

    Raises:
        Invalid: files without a file, or the other way round. Misconfigured: its driver is not installed.
        NotInThisState: partners push to it; nothing is fetched.
    """
    source = registered.source
    if (source.kind is SourceKind.FILE) != (file is not None):
        raise Invalid("a source of files needs --file, and no other takes it", "--file")
    if file is not None:
        return open_file(workspace, file, plan)
    secret = secret_of(workspace, registered)
    if source.sql is not None:
        tables = import_module("shouxin.connectors.sources.sql_table")
        return cast("IntakeSource", tables.SqlTable(source.sql, secret))
    if source.rest is not None:
        pages = import_module("shouxin.connectors.sources.rest_pages")
        return cast("IntakeSource", pages.RestPages(source.rest, secret))
    if source.web is not None:
        pages = import_module("shouxin.connectors.sources.web_pages")
        return cast("IntakeSource", pages.WebPages(source.web))
    raise NotInThisState("partners push to this source: nothing is fetched from it")


def forbidden_pages(workspace: Workspace, token: Token, plan: PlanFile) -> tuple[str, ...]:
    """Return the pages of a plan's source that their site's robots file forbids; none of a source of another kind.

    Raises:
        Misconfigured: the extra ``web`` is not installed.
    """
    sources = {one.source.source: one.source for one in list_sources(workspace, token) if not one.ended}
    source = sources.get(plan.source)
    if source is None or source.web is None:
        return ()
    pages = import_module("shouxin.connectors.sources.web_pages").WebPages(source.web)
    return tuple(map(str, pages.forbidden()))


def open_replaceable(workspace: Workspace, registered: RegisteredSource) -> ReplacedColumns:
    """Return the table of a registered source whose columns may become tokens.

    Raises:
        Invalid: the source is no database. Misconfigured: it is no PostgreSQL, or its driver is not installed.
    """
    if registered.source.sql is None:
        raise Invalid("columns become tokens in a database only", "source")
    return ReplacedColumns(registered.source.sql, secret_of(workspace, registered))


def open_push(workspace: Workspace, token: Token, plan: str, port: int) -> PushServer:
    """Return the server through which partners push under ``plan``, bound to ``port`` of this machine.

    Raises:
        Misconfigured: the port is taken, or not for us.
    """
    try:
        return PushServer(PushDoor(workspace, token, plan), port)
    except OSError as error:
        raise Misconfigured(f"cannot listen on this port ({error.strerror})") from None


def open_database(variable: str) -> SqlDatabase:
    """Return the database whose address stands in an environment variable of that name.

    Raises:
        Misconfigured: there is no such variable, or no driver for the address.
    """
    address = os.environ.get(variable, "")
    if not address:
        raise Misconfigured(f"the variable {variable} holds no address; set it to where the database is")
    return SqlDatabase(address)
