"""Settings: read once from ``config.toml`` in the workspace, written once by ``shouxin init``.

Layout of an embedded workspace; every store is a place of its own, so that each can move to another machine::

    config.toml      institution and log origin; no secret
    data/            data.db: state and ledger; objects/: sealed blobs
    keyring/         keyring.db: wrapped keys; never in the same backup as data/
    index/           one file an epoch: the blind index
    root/            the root keys (mode 0600)
    apart/           the last signed checkpoint, destructions, revocations; keep them on another disk
    public/          what is published: verifier key, checkpoint with cosignatures, tiles
    sign-ins/        tokens of whoever signed in from this machine (mode 0600)
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

__all__ = ["Settings", "default_home", "how_to_install", "read_settings"]

FILE: Final = "config.toml"
_MOST_RESIDUAL_DAYS: Final = 3660
FOLDERS: Final = ("data", "data/objects", "keyring", "index", "root", "apart", "public", "sign-ins")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a workspace is and whose it is. ``institution_id`` is 32 hexadecimal digits.

    ``contact``, ``dpo_contact`` and ``complaint`` are what notices tell people: how to reach the institution, its
    data-protection officer, and where to complain (PIPL 17(1)(1), 50(1), 52(2)). ``region`` is where the
    institution is, ``people`` further regions (with commas) of those whose data it handles: both choose the law pack.
    ``language`` (zh or en) is that of
    documents, unless a command says another. ``archive`` is where old objects go: a folder (from the workspace on) or
    ``s3://bucket/prefix``; empty: there is none. ``audit_days`` is how old the last audit of integrity may become,
    ``review_days`` the last review of what has no date: no law names either.
    ``archive_residual_days`` is how long an archive's bucket keeps, behind a deletion, what was deleted in it (0: it
    does not; nothing: nobody said); certificates name it.
    ``facts`` are what the institution says of itself, by the short names of ``shouxin law applies`` (``aml_obliged``):
    a rule that they rule out takes no part; what was not said is not known, and binds.
    """

    home: Path
    institution_id: str
    name: str
    origin: str
    region: str = "cn"
    people: str = ""
    contact: str = ""
    dpo_contact: str = ""
    complaint: str = ""
    language: str = "zh"
    archive: str = ""
    audit_days: int = 30
    review_days: int = 90
    archive_residual_days: int | None = None
    facts: Mapping[str, bool | int] = field(default_factory=dict, hash=False)

    @property
    def archive_is_bucket(self) -> bool:
        """True if the archive is none of this machine's folders."""
        return urlsplit(self.archive).scheme not in {"", "file"}

    @property
    def data(self) -> Path:
        """The data store's file."""
        return self.home / "data" / "data.db"

    @property
    def objects(self) -> Path:
        """The folder of sealed objects."""
        return self.home / "data" / "objects"

    @property
    def keyring(self) -> Path:
        """The keyring's file."""
        return self.home / "keyring" / "keyring.db"

    @property
    def index(self) -> Path:
        """The folder of the blind index."""
        return self.home / "index"

    @property
    def root(self) -> Path:
        """The folder of root keys."""
        return self.home / "root"

    @property
    def checkpoint(self) -> Path:
        """The file of the last signed checkpoint, kept apart."""
        return self.home / "apart" / "checkpoint"

    @property
    def journal(self) -> Path:
        """The file of the journal of destructions, kept apart."""
        return self.home / "apart" / "destructions"

    @property
    def restoring(self) -> Path:
        """The file that says, apart, that a backup was put back and is not reconciled yet."""
        return self.home / "apart" / "restoring"

    @property
    def revocations(self) -> Path:
        """The file of the list of revocations, kept apart."""
        return self.home / "apart" / "revocations"

    @property
    def public(self) -> Path:
        """The folder of what is published."""
        return self.home / "public"

    @property
    def sign_ins(self) -> Path:
        """The folder of this machine's sign-ins."""
        return self.home / "sign-ins"

    def folders(self) -> list[Path]:
        """Return all folders of a workspace, parents first."""
        return [self.home, *(self.home / name for name in FOLDERS)]

    def regions_of_people(self) -> list[str]:
        """Return the further regions in which those live whose data is handled."""
        return [one.strip() for one in self.people.split(",") if one.strip()]

    def text(self) -> str:
        """Return the content of ``config.toml``."""

        def quoted(value: str) -> str:
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

        return (
            "# One institution's workspace. No secret stands here.\n"
            f"institution_id = {quoted(self.institution_id)}\n"
            f"name = {quoted(self.name)}\n"
            f"origin = {quoted(self.origin)}\n"
            f"region = {quoted(self.region)}\n"
            f"people = {quoted(self.people)}\n"
            f"contact = {quoted(self.contact)}\n"
            f"dpo_contact = {quoted(self.dpo_contact)}\n"
            f"complaint = {quoted(self.complaint)}\n"
            f"language = {quoted(self.language)}\n"
            f"archive = {quoted(self.archive)}\n"
            f"audit_days = {self.audit_days}\n"
            f"review_days = {self.review_days}\n"
            + ("" if self.archive_residual_days is None else f"archive_residual_days = {self.archive_residual_days}\n")
            + "\n# What the law asks about the institution ('shouxin law applies'); what is not said is not known.\n"
            "[facts]\n" + "".join(f"{name} = {str(value).lower()}\n" for name, value in sorted(self.facts.items()))
        )


def default_home() -> Path:
    """Return ``$SHOUXIN_HOME``, else ``~/.shouxin``."""
    return Path(os.environ.get("SHOUXIN_HOME") or Path.home() / ".shouxin")


def how_to_install(extra: str) -> str:
    """Return what to type for an optional part of the program, by its name in ``pyproject.toml``."""
    return f"pip install '.[{extra}]' in the checkout"


def read_settings(home: Path) -> Settings:
    """Read the settings of the workspace at ``home``.

    Raises:
        FileNotFoundError: there is no workspace. ValueError: the file does not read, or lacks or adds a field.
    """
    try:
        body: dict[str, Any] = tomllib.loads((home / FILE).read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"config.toml is not TOML: {error}") from None
    except UnicodeDecodeError:
        raise ValueError("config.toml is not UTF-8 text") from None
    except RecursionError:
        raise ValueError("config.toml is nested too deeply") from None
    except ValueError:
        raise ValueError("config.toml has a number with too many digits") from None
    if "aml_obliged" in body:  # as workspaces of older programs say it
        body["facts"] = {"aml_obliged": body.pop("aml_obliged"), **body.get("facts", {})}
    try:
        settings = Settings(home, **body)
    except TypeError:
        raise ValueError("config.toml lacks a field or has one that is unknown") from None
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    """Raise ``ValueError`` for a field of another type, or out of its range."""
    words = (
        settings.people,
        settings.region,
        settings.institution_id,
        settings.name,
        settings.origin,
        settings.archive,
    )
    days = (settings.audit_days, settings.review_days)
    if any(not isinstance(value, str) for value in words) or any(type(one) is not int for one in days):
        raise ValueError("config.toml has a field of another type")
    residual = settings.archive_residual_days
    if residual is not None and (type(residual) is not int or not 0 <= residual <= _MOST_RESIDUAL_DAYS):
        raise ValueError(f"config.toml: archive_residual_days is 0 to {_MOST_RESIDUAL_DAYS}")
    if not isinstance(settings.facts, dict) or any(type(value) not in {bool, int} for value in settings.facts.values()):
        raise ValueError("config.toml: each of [facts] is true, false or a whole number")
    if settings.language not in {"zh", "en"}:
        raise ValueError("config.toml: language is zh or en")
