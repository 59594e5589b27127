"""The only place where drivers meet the core; edges import from here and know no driver.

::

    workspaces.py   workspaces made, opened, upgraded, restored
    sources.py      where data comes from, by its path, address or kind
    renderings.py   papers, pictures and recognisers that come with an extra
"""

from shouxin.bootstrap.renderings import english_recognisers, media_renderer, paper_notice, signed_notices
from shouxin.bootstrap.sources import (
    forbidden_pages,
    open_database,
    open_file,
    open_intake_source,
    open_observed,
    open_push,
    open_replaceable,
    open_source,
)
from shouxin.bootstrap.workspaces import (
    create_workspace,
    open_workspace,
    restore_workspace,
    take_back_upgrade,
    unrecorded_upgrade,
    upgrade_recorded,
    upgrade_workspace,
)
from shouxin.connectors.csv_file import CsvSource
from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.connectors.fides_file import read_fides
from shouxin.connectors.readers.notes_file import NotesFile
from shouxin.storage.publication import verifier_script
from shouxin.storage.witness_file import WitnessFolder

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
    "take_back_upgrade",
    "unrecorded_upgrade",
    "upgrade_recorded",
    "upgrade_workspace",
    "verifier_script",
]
