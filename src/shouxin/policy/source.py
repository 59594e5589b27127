"""A source: an outside system from which people's data may come, as the lender's register has it.

A plan names a source by code; what it is, under which contract and until when, how it was audited and how it is reached
stand here, once. No secret stands here: it is sealed beside it (``operations.collecting.sources``). Nothing here
decides: ``policy.plan_check`` holds a plan against it.

**Source:** NDSR 12(1) (contract between handlers, supervision), NDSR 18 (automated tools), PIPL 27 (public pages).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import msgspec

from shouxin.errors import Invalid
from shouxin.policy.declared_toml import from_toml

__all__ = ["RestAddress", "Source", "SourceKind", "SqlAddress", "WebAddress", "read_source"]

_CODE: Final = re.compile(r"(?!(?:[^0-9]*[0-9]){7})[a-z0-9][a-z0-9_.-]{0,61}")
_KEY: Final = re.compile(r"[0-9a-f]{64}")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_LARGEST: Final = 64 * 1024


class SourceKind(StrEnum):
    """How a source is reached."""

    FILE = "file"
    SQL = "sql"
    REST = "rest"
    WEB = "web"
    PUSH = "push"


class SqlAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a database. ``order`` are columns, indexed, by which every row has one place that never changes.

    A row whose place comes after what was read is new; one that changes without moving is not read again. ``key``
    names the rows when they are purged or become tokens; without it, ``order`` does. ``ca`` is a file with the
    authority that signed the server's certificate.
    """

    dsn: str
    table: str
    order: tuple[str, ...]
    key: tuple[str, ...] = ()
    ca: str = ""


class RestAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An API that hands out pages of JSON.

    ``records`` says where in a page its records stand (a dotted path), ``key`` the field that names a record.
    ``paging`` is ``page``, ``offset``, ``cursor``, ``next`` (a link in the body), ``header`` (a link in the header) or
    ``none``; ``next`` the path of the cursor or link. ``since`` is the parameter by which only what changed is asked
    for, ``changed`` the field that says when. ``auth`` is ``bearer``, ``basic``, ``header`` or ``none``; ``a_second``
    is how often it may be asked. ``pin`` is the SHA-256 of the server's certificate.
    """

    url: str
    key: str
    records: str = ""
    paging: str = "none"
    next: str = ""
    since: str = ""
    changed: str = ""
    auth: str = "none"
    auth_header: str = ""
    user: str = ""
    a_second: float = 10.0
    ca: str = ""
    pin: str = ""
    erase: str = ""


class WebAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Public pages: where to begin, which hosts, how fast, and where on a page each field stands (CSS selectors).

    ``record`` selects each record of a page, ``fields`` a field within it, ``follow`` the links to go on by.
    ``terms`` is what the site's terms say of collecting by programs, as somebody read them on ``terms_read``:
    ``permit`` or ``forbid``.
    """

    start: tuple[str, ...]
    hosts: tuple[str, ...]
    record: str
    fields: dict[str, str]
    key: str
    terms: str = ""
    terms_read: date | None = None
    follow: str = ""
    pages: int = 100
    seconds_between: float = 1.0


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One source as written. ``own`` is the lender's own system, which needs no contract with anybody.

    ``contract`` is the lender's reference of the contract, ``contract_ends`` its last day (included), ``audit_due``
    the day by which it is looked at again (included). ``push_key`` is the partner's Ed25519 public key (hexadecimal).
    """

    source: str
    kind: SourceKind
    title: str
    audit_due: date
    own: bool = False
    contract: str = ""
    contract_ends: date | None = None
    sql: SqlAddress | None = None
    rest: RestAddress | None = None
    web: WebAddress | None = None
    push_key: str = ""

    def contract_runs(self, on: date) -> bool:
        """Say whether a contract runs on ``on``, or none is needed; its last day counts."""
        return self.own or (bool(self.contract) and self.contract_ends is not None and on <= self.contract_ends)


def _is_safe(url: str, schemes: tuple[str, ...]) -> bool:
    """Say whether an address is one of ``schemes``, or plain HTTP on this machine, without a password in it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.password is not None:
        return False
    return parts.scheme in schemes or (parts.scheme == "http" and host in _LOOPBACK)


def _mistakes(source: Source) -> Iterator[str]:
    """Yield what contradicts itself."""
    if not _CODE.fullmatch(source.source):
        yield "a source is a code: at most 62 of a-z, 0-9 (no more than six), dot, hyphen and underscore"
    if not source.title.strip():
        yield "a source has a title"
    wanted = {SourceKind.SQL: source.sql, SourceKind.REST: source.rest, SourceKind.WEB: source.web}
    if any((value is not None) != (kind is source.kind) for kind, value in wanted.items()):
        yield "a source of kind sql, rest or web has that table and no other"
    if (source.kind is SourceKind.PUSH) != bool(source.push_key) or (
        source.push_key and not _KEY.fullmatch(source.push_key)
    ):
        yield "a source that pushes has its public key: 64 hexadecimal digits, and only such a source has one"
    if source.sql is not None:
        yield from _sql_mistakes(source.sql)
    if source.rest is not None:
        yield from _rest_mistakes(source.rest)
    if source.web is not None:
        yield from _web_mistakes(source.web)


def _sql_mistakes(sql: SqlAddress) -> Iterator[str]:
    if not sql.table or not sql.order:
        yield "a database source names a table and the columns of its order"
    user = sql.dsn.partition("://")[2].rpartition("@")[0]
    if "password=" in sql.dsn or user.partition(":")[2]:
        yield "no password stands in an address: seal it with 'source secret'"


def _web_mistakes(web: WebAddress) -> Iterator[str]:
    if not web.start or not all(_is_safe(url, ("https",)) for url in web.start):
        yield "pages are fetched over https, or http on this machine"
    if any(urlsplit(url).hostname not in web.hosts for url in web.start):
        yield "every page to begin with is on one of the hosts"
    if web.key not in web.fields or web.pages < 1 or web.seconds_between < 0:
        yield "the key is one of the fields, and there is at least one page"


def _rest_mistakes(rest: RestAddress) -> Iterator[str]:
    if not _is_safe(rest.url, ("https",)):
        yield "an API is asked over https (http on this machine only), without a password in its address"
    if rest.paging not in {"none", "page", "offset", "cursor", "next", "header"}:
        yield "paging is none, page, offset, cursor, next or header"
    if rest.paging in {"cursor", "next"} and not rest.next:
        yield "paging by cursor or link says where in the page it stands"
    if rest.auth not in {"none", "bearer", "basic", "header"} or (rest.auth == "header") != bool(rest.auth_header):
        yield "auth is none, bearer, basic or header; header names its header"
    if not 0 < rest.a_second <= 1000 or not rest.key or bool(rest.since) != bool(rest.changed):
        yield "a_second is above 0 and at most 1000, key names a field, since goes with changed"


def read_source(text: str, file: str = "source") -> Source:
    """Read a source as written in TOML.

    Raises:
        Invalid: too large, not TOML, an unknown or missing field, or one that contradicts another.
    """
    if len(text) > _LARGEST:
        raise Invalid(f"a source has at most {_LARGEST} characters", file)
    source = from_toml(text, Source, file)
    for mistake in _mistakes(source):
        raise Invalid(mistake, file)
    return source
