"""The only place where drivers meet the core: makes a workspace, and opens one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from shouxin.actors.account import Token
from shouxin.config import Settings, read_settings
from shouxin.connectors.csv_file import CsvSource
from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.connectors.fides_file import read_fides
from shouxin.connectors.media.rendering import MediaRenderer
from shouxin.connectors.readers.notes_file import NotesFile
from shouxin.connectors.sources.push_server import PushServer
from shouxin.connectors.sources.replaced_columns import ReplacedColumns
from shouxin.consent.signature import SignatureReader
from shouxin.detection.media.rendition import Renderer
from shouxin.detection.scan import Finder
from shouxin.detection.survey.reading import Scannable
from shouxin.domain.authority import Notary
from shouxin.domain.clock import Clock, Instant, SystemClock
from shouxin.domain.event import Event, Fact
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, InstitutionId, OperationId, new
from shouxin.domain.institution import Handler, Institution
from shouxin.errors import Invalid, Misconfigured, NotInThisState
from shouxin.keys.custody import Custody
from shouxin.keys.suite import INTL
from shouxin.ledger.checkpoint import claimed_size
from shouxin.operations.acting import row_facts
from shouxin.operations.adopting.standing_law import write_law
from shouxin.operations.auditing.heads import LogHead
from shouxin.operations.collecting.intake_source import IntakeSource
from shouxin.operations.collecting.invite_edge import edge_key
from shouxin.operations.collecting.plan_file import PlanFile
from shouxin.operations.collecting.receive_push import PushDoor
from shouxin.operations.collecting.sources import RegisteredSource, list_sources, secret_of
from shouxin.operations.recovery.backup import catch_up, check_reach
from shouxin.operations.recovery.replay import replay_destructions, settle_pending
from shouxin.operations.workspace import Workspace
from shouxin.policy.engine import Engine
from shouxin.policy.lawpack import pack_of
from shouxin.policy.source import SourceKind
from shouxin.storage.backups import FileBackups, check_backup, put_back
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.files import write_whole
from shouxin.storage.index_store import SqlIndex
from shouxin.storage.journal_file import JournalFile
from shouxin.storage.key_file import KeyFile
from shouxin.storage.keyring_store import SqlKeyring
from shouxin.storage.object_store import ObstoreObjects
from shouxin.storage.publication import PublicFolder, verifier_script
from shouxin.storage.schema import add_tables, schema_of, write_schema
from shouxin.storage.shelf import FileShelf
from shouxin.storage.tables import SCHEMA_VERSION
from shouxin.storage.witness_file import WitnessFolder
from shouxin.vault.door import Door
from shouxin.vault.index import Tagger
from shouxin.vault.records import Records

__all__ = [
    "CsvSource",
    "NotesFile",
    "SqlDatabase",
    "WitnessFolder",
    "create_workspace",
    "english_recognisers",
    "forbidden_pages",
    "media_renderer",
    "open_database",
    "open_file",
    "open_intake_source",
    "open_observed",
    "open_push",
    "open_replaceable",
    "open_source",
    "open_workspace",
    "paper_notice",
    "read_fides",
    "restore_workspace",
    "signed_notices",
    "upgrade_workspace",
    "verifier_script",
]

_PAPER_FONT: Final = "Noto Sans SC"
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


def english_recognisers() -> tuple[str, Callable[[Finder], Finder]]:
    """Return the version of Presidio and what puts its English recognisers beside an engine.

    Raises:
        Misconfigured: presidio-analyzer is not installed.
    """
    presidio = import_module("shouxin.connectors.presidio")
    return presidio.presidio_version(), presidio.english_beside


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


def create_workspace(
    home: Path,
    name: str,
    origin: str,
    *,
    handler: Handler | None = None,
    clock: Clock | None = None,
    region: str = "cn",
    people: Sequence[str] = (),
    aml_obliged: bool | None = None,
) -> Workspace:
    """Make a workspace for the institution ``name`` whose log is called ``origin``, and open it.

    ``handler`` is what notices tell people about it; without one, its site: the domain at the head of ``origin``.

    ``region`` is where the institution is, ``people`` are further regions in which those live whose data it handles:
    the law of all of them is held against every decision. ``aml_obliged``: see ``Institution``.

    Its stores are durable on return and its ledger holds one event. A workspace that was half made by a crash is
    finished by calling again.

    Raises:
        Misconfigured: there is a workspace already, or the folder cannot be written.
        NotFound: no law pack ships for a region.
    """
    pack_of(region, people)
    site = f"https://{origin.partition('/')[0]}"
    told = handler or Handler(name, site, site, site)
    settings = Settings(
        home,
        new(InstitutionId).hex(),
        name,
        origin,
        contact=told.contact,
        dpo_contact=told.dpo_contact,
        complaint=told.complaint,
        region=region,
        people=",".join(people),
        aml_obliged=aml_obliged,
    )
    if (home / "config.toml").exists():
        raise Misconfigured("there is a workspace in this folder already")
    try:
        for folder in settings.folders():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"the folder cannot be made ({error.strerror})") from None
    _make_stores(settings)
    write_whole(home / "config.toml", settings.text().encode())
    workspace = open_workspace(home, clock=clock)
    workspace.data.transact(partial(_open_institution, workspace), covered=True)
    write_whole(settings.public / "log.vkey", f"{workspace.head.vkey}\n".encode(), mode=0o644)
    workspace.publication.put_verifier()
    return workspace


def _make_stores(settings: Settings) -> None:
    """Make the stores of a new workspace, or finish those that a crash left."""
    SqlDataStore.create(settings.data)
    SqlKeyring.create(settings.keyring)
    keyring = SqlKeyring(settings.keyring)
    custody = Custody(INTL, KeyFile(settings.root, INTL), keyring)
    if not keyring.epochs():
        row, services = custody.first_epoch()
        keyring.add_epoch(row, services)
        keyring.set_step(row.epoch, "settled")
    SqlIndex(settings.index).open_generation(custody.refresh())
    keyring.close()


def _open_institution(workspace: Workspace, records: Records) -> None:
    """Record that the institution begins, under the law pack that ships with this program."""
    now, salt = workspace.clock.now(), new(EventId)
    row = write_law(workspace, None, now)
    records.authority.put(row)
    facts: dict[str, Fact] = {"suite": INTL.name, "schema": SCHEMA_VERSION, "pack": workspace.pack.digest}
    vouched = row_facts(row)
    facts["row"] = workspace.notary.veil(salt, "row", vouched["row"])
    facts["was"] = workspace.notary.veil(salt, "was", vouched["was"])
    records.record(Event(EventKind.INSTITUTION_OPENED, now, salt, new(OperationId), facts))


def upgrade_workspace(home: Path) -> tuple[int, int]:
    """Bring the stores of the workspace at ``home`` to the schema of this program; return that before and that now.

    Durable on return; killed on its way, it is begun again. Nobody else may have the workspace open. What is sealed and
    what the log says stays as it is.

    Raises:
        Misconfigured: there is no workspace, a newer program wrote it, or a store has another shape.
        RootKeyUnavailable: the root key is missing or wrong.
    """
    try:
        settings = read_settings(home)
    except (FileNotFoundError, ValueError):
        raise Misconfigured("there is no workspace here: make one with 'shouxin init'") from None
    before = schema_of(settings.data)
    if before > SCHEMA_VERSION:
        raise Misconfigured(f"a newer program wrote this workspace (schema {before})")
    add_tables(settings.data, settings.keyring)
    keyring = SqlKeyring(settings.keyring)
    try:
        custody = Custody(INTL, KeyFile(settings.root, INTL), keyring)
        keyring.add_services(custody.lacking_services(), fence=custody.current)
    finally:
        keyring.close()
    write_schema(settings.data)
    return before, SCHEMA_VERSION


def media_renderer() -> Renderer:
    """Return what masks pictures, video and recordings; it says itself when the extra ``media`` is not installed."""
    return MediaRenderer()


def open_workspace(home: Path, *, clock: Clock | None = None) -> Workspace:
    """Open the workspace at ``home``.

    Raises:
        Misconfigured: there is none, or its settings do not read. RootKeyUnavailable: the root key is missing or wrong.
    """
    try:
        settings = read_settings(home)
        institution = Institution(
            InstitutionId(bytes.fromhex(settings.institution_id)),
            settings.name,
            settings.origin,
            settings.region,
            settings.aml_obliged,
        )
    except FileNotFoundError:
        raise Misconfigured("there is no workspace here: make one with 'shouxin init'") from None
    except (ValueError, OSError):
        raise Misconfigured("the workspace's config.toml does not read") from None
    keyring, provider = SqlKeyring(settings.keyring), KeyFile(settings.root, INTL)
    custody = Custody(INTL, provider, keyring)
    custody.refresh()
    head = LogHead(institution.origin, custody.service("log.signing"))
    objects = ObstoreObjects.local(settings.objects)
    shelf = FileShelf(settings.checkpoint)
    pack = pack_of(institution.region, settings.regions_of_people())
    data = SqlDataStore(settings.data, institution.institution_id, institution.origin, head, shelf, must_be_signed=True)
    index = SqlIndex(settings.index)
    workspace = Workspace(
        institution=institution,
        handler=Handler(settings.name, settings.contact, settings.dpo_contact, settings.complaint),
        clock=clock or SystemClock(),
        data=data,
        custody=custody,
        index=index,
        backups=FileBackups(settings, data, keyring, index, provider),
        publication=PublicFolder(settings.public),
        objects=objects,
        audit_days=settings.audit_days,
        archive=ObstoreObjects.archive(settings.archive, home) if settings.archive else None,
        shelf=shelf,
        journal=JournalFile(settings.journal, lambda: custody.service("journal.mac")),
        head=head,
        notary=Notary(institution.institution_id, custody.service("authority.mac")),
        tagger=Tagger(INTL, institution.institution_id, custody.service("index.prf")),
        door=Door(institution.institution_id, custody, objects),
        pack=pack,
        engine=Engine(pack, [], date.min),
        stores=(index, keyring, data),
    )
    replay_destructions(workspace)
    settle_pending(workspace)
    return workspace


def restore_workspace(home: Path, backup: Path, *, clock: Clock | None = None) -> tuple[Workspace, int]:
    """Put a backup back into the workspace at ``home``, append what was signed since, and open it.

    Returns the workspace and how many leaves were appended again. ``operations.recovery.backup.reconcile`` finishes the
    restore; until then, and for good when the published log does not reach the signed checkpoint, nothing can be
    written.

    Raises:
        Tampered: the backup is not what was written. RolledBack: what was signed since was not published as far as the
        signed checkpoint. In both cases nothing was replaced. RootKeyUnavailable: the backup's epoch was destroyed;
        only a backup made after that advance can be restored.
    """
    try:
        settings = read_settings(home)
    except (FileNotFoundError, ValueError):
        raise Misconfigured("restore goes into a workspace whose config.toml, root/ and apart/ are there") from None
    held = check_backup(backup).size
    # The key that checks the checkpoint is in the backup; here only its size is needed, and it is checked later.
    note = FileShelf(settings.checkpoint).get()
    check_reach(PublicFolder(settings.public), held, 0 if note is None else claimed_size(note))
    put_back(settings, backup)
    upgrade_workspace(home)  # an older version may have made the backup
    workspace = open_workspace(home, clock=clock)
    return workspace, catch_up(workspace)


def open_database(variable: str) -> SqlDatabase:
    """Return the database whose address stands in an environment variable of that name.

    Raises:
        Misconfigured: there is no such variable, or no driver for the address.
    """
    address = os.environ.get(variable, "")
    if not address:
        raise Misconfigured(f"the variable {variable} holds no address; set it to where the database is")
    return SqlDatabase(address)


def paper_notice(text: str, title: str, language: str, now: Instant) -> bytes:
    """Return a notice as a PDF to sign, with its exact text attached; set in the fonts that ship with the product.

    Raises:
        Misconfigured: the fonts, or the extra ``signing``, are not installed.
    """
    from shouxin.connectors.notice_pdf import notice_pdf  # noqa: PLC0415 - typesetting is loaded when it is needed
    from shouxin.documents.typst_pdf import packaged_fonts  # noqa: PLC0415

    return notice_pdf(text, title, language, _PAPER_FONT, now, tuple(packaged_fonts()))


def signed_notices(roots: bytes, sent: bytes) -> SignatureReader:
    """Return what checks signed notices against the trusted certificates ``roots`` (PEM).

    ``sent`` is the paper as it was handed out, from ``paper_notice``: what comes back begins with exactly its bytes.

    Raises:
        Misconfigured: the extra ``signing`` is not installed.
    """
    try:
        from shouxin.connectors.signed_pdf import SignedPdf  # noqa: PLC0415 - an extra
    except ImportError:
        raise Misconfigured("signed documents need the extra 'signing': pip install shouxin[signing]") from None
    return SignedPdf(roots, sent=sent)
