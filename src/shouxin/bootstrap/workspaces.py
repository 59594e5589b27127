"""Workspaces: made, opened, brought to a newer schema, put back from a backup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from shouxin.config import Settings, read_settings
from shouxin.domain.authority import Notary
from shouxin.domain.clock import Clock, SystemClock
from shouxin.domain.event import Event, Fact
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, InstitutionId, OperationId, new
from shouxin.domain.institution import Handler, Institution
from shouxin.errors import Invalid, Misconfigured, ShouxinError
from shouxin.keys.custody import Custody
from shouxin.keys.root import Residual
from shouxin.keys.suite import INTL
from shouxin.ledger.checkpoint import claimed_size
from shouxin.operations.acting import row_facts
from shouxin.operations.adopting.standing_law import write_law
from shouxin.operations.auditing.heads import LogHead
from shouxin.operations.certifying.behind import ARCHIVE_VERSIONS
from shouxin.operations.index_age import lagging
from shouxin.operations.recovery.backup import catch_up, check_reach
from shouxin.operations.recovery.replay import replay_destructions, settle_pending
from shouxin.operations.workspace import Workspace
from shouxin.policy.engine import Engine
from shouxin.policy.institution_facts import checked_facts
from shouxin.policy.lawpack import pack_of
from shouxin.storage.backups import FileBackups, check_backup, clear_rehearsal, put_back
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.files import write_whole
from shouxin.storage.index_store import SqlIndex
from shouxin.storage.journal_file import JournalFile
from shouxin.storage.key_file import KeyFile
from shouxin.storage.keyring_store import SqlKeyring
from shouxin.storage.object_store import ObstoreObjects
from shouxin.storage.publication import PublicFolder
from shouxin.storage.revocation_file import RevocationFile
from shouxin.storage.schema import add_tables, forget_upgrade, schema_before, schema_of, write_schema
from shouxin.storage.shelf import FileShelf
from shouxin.storage.tables import SCHEMA_VERSION
from shouxin.vault.door import Door
from shouxin.vault.index import Tagger
from shouxin.vault.records import Records

__all__ = [
    "create_workspace",
    "open_workspace",
    "restore_workspace",
    "take_back_upgrade",
    "unrecorded_upgrade",
    "upgrade_recorded",
    "upgrade_workspace",
]

# The schema from which on a workspace has a list of revocations.
_LISTS_REVOCATIONS: Final = 3


def create_workspace(
    home: Path,
    name: str,
    origin: str,
    *,
    handler: Handler | None = None,
    clock: Clock | None = None,
    region: str = "cn",
    people: Sequence[str] = (),
    facts: Mapping[str, object] = MappingProxyType({}),
) -> Workspace:
    """Make a workspace for the institution ``name`` whose log is called ``origin``, and open it.

    ``handler`` is what notices tell people about it; without one, its site: the domain at the head of ``origin``.

    ``region`` is where the institution is, ``people`` are further regions in which those live whose data it handles:
    the law of all of them is held against every decision. ``facts`` are what it says of itself, by
    the short names of ``institution_facts``.

    Its stores are durable on return and its ledger holds one event. A workspace that was half made by a crash is
    finished by calling again.

    Raises:
        Misconfigured: there is a workspace already, or the folder cannot be written.
        NotFound: no law pack ships for a region. Invalid: a fact that the law does not ask for.
    """
    pack_of(region, people)
    checked_facts(facts)
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
        facts={name: value for name, value in facts.items() if isinstance(value, int)},
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
    custody.refresh()
    _revocations(settings, custody).create()
    SqlIndex(settings.index).open_generation(custody.refresh())
    keyring.close()


def _revocations(settings: Settings, custody: Custody) -> RevocationFile:
    return RevocationFile(settings.revocations, lambda: custody.service("journal.mac"), settings.restoring.exists)


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

    Durable on return; killed on its way, it is begun again, and until ``upgrade_recorded`` that before stays the same.
    Nobody else may have the workspace open. What is sealed and what the log says stays as it is.

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
    before = schema_before(settings.data, before)
    add_tables(settings.data, settings.keyring)
    keyring = SqlKeyring(settings.keyring)
    try:
        custody = Custody(INTL, KeyFile(settings.root, INTL), keyring)
        keyring.add_services(custody.lacking_services(), fence=custody.current)
        custody.refresh()
        if before < _LISTS_REVOCATIONS:  # later a list that is missing is a loss, and never begun anew
            _revocations(settings, custody).create()
    finally:
        keyring.close()
    write_schema(settings.data)
    return before, SCHEMA_VERSION


def take_back_upgrade(home: Path, was: int) -> None:
    """Give the data store its schema ``was`` back, which nobody recorded: whoever upgraded it may not.

    Durable on return; the program of before uses the workspace again. Tables that it does not know stay, empty.
    """
    settings = read_settings(home)
    if was != SCHEMA_VERSION:
        write_schema(settings.data, was)
    forget_upgrade(settings.data)


def unrecorded_upgrade(home: Path) -> tuple[int, int] | None:
    """Return the schemas, before and now, of an upgrade that the ledger does not have yet; nothing if there is none."""
    before = schema_before(read_settings(home).data, SCHEMA_VERSION)
    return None if before == SCHEMA_VERSION else (before, SCHEMA_VERSION)


def upgrade_recorded(home: Path) -> None:
    """Forget the schema of before: the ledger has it (``operations.recovery.upgrade.record_upgrade``)."""
    forget_upgrade(read_settings(home).data)


def _read_home(home: Path) -> tuple[Settings, Institution]:
    """Return what the workspace at ``home`` says of itself.

    Raises:
        Misconfigured: there is none, or its settings do not read.
    """
    try:
        settings = read_settings(home)
        institution = Institution(
            InstitutionId(bytes.fromhex(settings.institution_id)),
            settings.name,
            settings.origin,
            settings.region,
            checked_facts(settings.facts),
        )
    except FileNotFoundError:
        raise Misconfigured("there is no workspace here: make one with 'shouxin init'") from None
    except Invalid as error:
        raise Misconfigured(f"config.toml, [facts]: {error}") from None
    except ValueError as error:
        raise Misconfigured(f"the workspace's config.toml does not read: {error}") from None
    except OSError:
        raise Misconfigured("the workspace's config.toml does not read") from None
    return settings, institution


def open_workspace(home: Path, *, clock: Clock | None = None) -> Workspace:
    """Open the workspace at ``home``.

    Raises:
        Misconfigured: there is none, or its settings do not read. RootKeyUnavailable: the root key is missing or wrong.
    """
    settings, institution = _read_home(home)
    clear_rehearsal(home)
    keyring, provider = SqlKeyring(settings.keyring), KeyFile(settings.root, INTL)
    custody = Custody(INTL, provider, keyring)
    custody.refresh()
    head = LogHead(institution.origin, custody.service("log.signing"))
    objects = ObstoreObjects.local(settings.objects)
    shelf = FileShelf(settings.checkpoint)
    pack = pack_of(institution.region, settings.regions_of_people())
    revocations = _revocations(settings, custody)
    data = SqlDataStore(
        settings.data,
        institution.institution_id,
        institution.origin,
        head,
        shelf,
        revocations=revocations,
        restoring=settings.restoring,
        must_be_signed=True,
    )
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
        review_days=settings.review_days,
        archive=ObstoreObjects.archive(settings.archive, home) if settings.archive else None,
        archive_residual=_archive_residual(settings),
        shelf=shelf,
        journal=JournalFile(settings.journal, lambda: custody.service("journal.mac")),
        head=head,
        notary=Notary(institution.institution_id, INTL.prf_under(custody.service("authority.mac"))),
        tagger=Tagger(INTL, institution.institution_id, custody.service("index.prf")),
        door=Door(institution.institution_id, custody, objects),
        pack=pack,
        engine=Engine(pack, [], date.min),
        stores=(index, keyring, data),
    )
    with suppress(ShouxinError):  # what is wrong with a store is said where it is used: verify and restore must open it
        data.settle()
    replay_destructions(workspace)
    if not _is_behind(workspace):
        settle_pending(workspace)
    return workspace


def _is_behind(workspace: Workspace) -> bool:
    """Say whether a store is older than what is said of it elsewhere: the data store, or the index.

    Rows of an old data store tell nothing of today's keys, and what is removed from an old index stays in today's.
    """
    try:
        note = workspace.shelf.get()
        signed = 0 if note is None else workspace.head.open(note).size
        held, late = workspace.data.read(lambda records: (records.ledger.size, lagging(workspace, records)))
        return held < signed or late is not None or workspace.data.rolled_back()
    except ShouxinError:  # what is wrong is said where it is used
        return True


def _archive_residual(settings: Settings) -> Residual | None:
    """Return what a bucket may keep of what was removed from it: no protocol we speak says whether versions are off.

    A folder of this machine keeps nothing behind; of a bucket the institution says for how long it does, or that it
    does not (0 days).
    """
    days = settings.archive_residual_days
    return Residual(ARCHIVE_VERSIONS, days) if settings.archive_is_bucket and days != 0 else None


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
