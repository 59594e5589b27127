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
from urllib.parse import unquote, urlsplit

import msgspec

from shouxin.errors import Invalid
from shouxin.policy.declared_toml import from_toml, line_too_many

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
    ``none``; ``next`` the path of the cursor or link. ``at`` is the parameter of the page, offset or cursor (without
    it, called as the paging), ``limit`` how many records a page is asked for by the parameter ``most``, ``first`` the
    number of the first page. ``since`` is the parameter by which only what changed is asked for, ``changed`` the field
    that says when. ``auth`` is ``bearer``, ``basic``, ``header`` or ``none``; ``a_second`` is how often it is asked.
    ``pin`` is the SHA-256 of the server's certificate. ``erase`` is the path at which one record is deleted, with
    ``{key}`` in it (DELETE); without it nothing is.
    """

    url: str
    key: str
    records: str = ""
    paging: str = "none"
    next: str = ""
    at: str = ""
    most: str = "limit"
    limit: int = 500
    first: int = 1
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


# Parameters of an address that let somebody in; what is not known may pass, what is must not stand in the register.
_SECRET: Final = re.compile(
    r"(?i)(?:^|[?&;\s])[a-z0-9_.-]*(?:api[_-]?key|access[_-]?key|token|secret|passw(?:or)?d|passphrase|pwd|credential"
    r"|signature|auth|sas|sig|session)[a-z0-9_.-]*="
)


def _has_secret(address: str) -> bool:
    """Say whether an address carries what would let somebody in: a user with a password, or such a parameter."""
    words = address.partition("://")[2]
    user = words.partition("/")[0].rpartition("@")[0]
    tail = words.partition("?")[1] + words.partition("?")[2]
    return bool(user.partition(":")[2]) or bool(_SECRET.search(unquote(tail))) or bool(_SECRET.search(tail))


def _is_safe(url: str, schemes: tuple[str, ...]) -> bool:
    """Say whether an address is one of ``schemes``, or plain HTTP on this machine, without a secret in it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None or _has_secret(url):
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
    if _has_secret(sql.dsn):
        yield "no password stands in an address: seal it with 'source secret'"


def _web_mistakes(web: WebAddress) -> Iterator[str]:
    if not web.start or not all(_is_safe(url, ("https",)) for url in web.start):
        yield "pages are fetched over https, or http on this machine, without a secret in their address"
    if any(urlsplit(url).hostname not in web.hosts for url in web.start):
        yield "every page to begin with is on one of the hosts"
    if web.key not in web.fields or web.pages < 1 or web.seconds_between < 0:
        yield "the key is one of the fields, and there is at least one page"


def _rest_mistakes(rest: RestAddress) -> Iterator[str]:
    if not _is_safe(rest.url, ("https",)):
        yield "an API is asked over https (http on this machine only), without a secret in its address: seal it apart"
    if rest.paging not in {"none", "page", "offset", "cursor", "next", "header"}:
        yield "paging is none, page, offset, cursor, next or header"
    if rest.paging in {"cursor", "next"} and not rest.next:
        yield "paging by cursor or link says where in the page it stands"
    if rest.auth not in {"none", "bearer", "basic", "header"} or (rest.auth == "header") != bool(rest.auth_header):
        yield "auth is none, bearer, basic or header; header names its header"
    if not 0 < rest.a_second <= 1000 or not rest.key or bool(rest.since) != bool(rest.changed):
        yield "a_second is above 0 and at most 1000, key names a field, since goes with changed"
    if not 0 < rest.limit <= 100_000 or not rest.most or not 0 <= rest.first <= 1:
        yield "limit is 1 to 100000, most names its parameter, first is 0 or 1"
    if rest.erase and (rest.erase.count("{key}") != 1 or not rest.erase.startswith("/") or "//" in rest.erase):
        yield "erase is a path on the same host with {key} in it"
    if rest.erase and _has_secret(f"https://host{rest.erase}"):
        yield "no secret stands in a path"


def read_source(text: str, file: str = "source") -> Source:
    """Read a source as written in TOML.

    Raises:
        Invalid: too large, not TOML, an unknown or missing field, or one that contradicts another.
    """
    if len(text) > _LARGEST:
        raise Invalid(f"a source has at most {_LARGEST} characters", f"{file}:{line_too_many(text, _LARGEST)}")
    source = from_toml(text, Source, file)
    for mistake in _mistakes(source):
        raise Invalid(mistake, file)
    return source
