"""A REST API as a source: pages of JSON, through the client, paginators and sign-ins of dlt.

Of dlt only its REST client is used, as an iterator: its pipelines write what they load as files, in the clear, which
law 2 forbids (ADR 15). Nothing of dlt's state is kept: where the source goes on is committed with the data.

Laws of this file. A record is known by its key and content, so that pages that repeat or change their order bring
nothing twice. The time from which changes are asked for moves on only when all pages were read: a record that a
killed run did not reach is asked for again. Pages that lead in a circle, or stay empty without end, end the reading.

Called by: ``bootstrap.open_intake_source``. Needs the extra ``collection``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Misconfigured, NotInThisState, ShouxinError, StoreUnavailable
from shouxin.operations.collecting.intake import Cursor, Reached
from shouxin.operations.collecting.intake_source import SourceRecord, Unfit, Yielded
from shouxin.policy.source import RestAddress

__all__ = ["RestPages", "flattened"]

_EMPTY_PAGES: Final = 100
_DEEPEST: Final = 6
_MOST_FIELDS: Final = 2_000
_OFFSET_LIMIT: Final = 500


def flattened(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a JSON object as text, those of objects within by dotted names; lists as JSON.

    Raises:
        ValueError: it is nested too deeply, or has more than 2,000 fields.
    """
    found: dict[str, str] = {}

    def walk(value: Mapping[str, Any], before: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise ValueError
        for name, inner in value.items():
            if isinstance(inner, dict):
                walk(inner, f"{before}{name}.", depth + 1)
            else:
                found[f"{before}{name}"] = _text(inner)
            if len(found) > _MOST_FIELDS:
                raise ValueError

    walk(record, "", 1)
    return found


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class RestPages:
    """An API at ``address``, let in by ``secret``.

    Raises:
        Misconfigured: the extra ``collection`` is not installed, or the API asks for a secret that was not sealed.
    """

    def __init__(self, address: RestAddress, secret: Plaintext | None = None) -> None:
        if not find_spec("dlt"):
            raise Misconfigured("the package dlt is needed: install shouxin[collection]")
        if address.auth != "none" and secret is None:
            raise Misconfigured("this source asks for a secret: seal it with 'source secret'")
        self._address = address
        guarded = import_module("shouxin.connectors.sources.guarded_session")
        self._session = guarded.GuardedSession(
            address.url, a_second=address.a_second, authority=address.ca, pin=address.pin
        )
        self._auth = None if secret is None else self._sign_in(secret.text())

    def _sign_in(self, secret: str) -> Any:  # noqa: ANN401 - one of dlt's
        kinds = import_module("dlt.sources.helpers.rest_client.auth")
        if self._address.auth == "bearer":
            return kinds.BearerTokenAuth(secret)
        if self._address.auth == "basic":
            return kinds.HttpBasicAuth(self._address.user, secret)
        return kinds.APIKeyAuth(name=self._address.auth_header, api_key=secret, location="header")

    def _paginator(self) -> Any:  # noqa: ANN401 - one of dlt's
        kinds = import_module("dlt.sources.helpers.rest_client.paginators")
        made = {
            "none": kinds.SinglePagePaginator,
            "page": lambda: kinds.PageNumberPaginator(base_page=1, total_path=None),
            "offset": lambda: kinds.OffsetPaginator(limit=_OFFSET_LIMIT, total_path=None),
            "cursor": lambda: kinds.JSONResponseCursorPaginator(self._address.next, cursor_param="cursor"),
            "next": lambda: kinds.JSONLinkPaginator(self._address.next),
            "header": kinds.HeaderLinkPaginator,
        }
        return made[self._address.paging]()

    def identity(self) -> bytes:
        """Return the address."""
        return self._address.url.encode()

    def describe(self) -> tuple[str, ...]:
        """Return nothing: an API says what its records hold only by handing them out."""
        return ()

    def _pages(self, since: str) -> Iterator[list[Any]]:
        """Yield pages until there are no more; one error for whatever goes wrong.

        Raises:
            StoreUnavailable: it dies, answers with no JSON, leads in a circle, or has empty pages without end.
        """
        client_of = import_module("dlt.sources.helpers.rest_client.client")
        runtime = import_module("dlt.common.configuration.specs").RuntimeConfiguration()
        client = client_of.RESTClient(self._address.url, auth=self._auth, session=self._session, config=runtime)
        params = {self._address.since: since} if self._address.since and since else {}
        seen: set[str] = set()
        empty = 0
        try:
            pages = client.paginate(
                "",
                params=params,
                paginator=self._paginator(),
                data_selector=self._address.records or "$",
                hooks={"response": []},
            )
            for page in pages:
                url = str(page.response.url)
                if url in seen:
                    raise StoreUnavailable("the pages of the source lead in a circle")
                seen.add(url)
                empty = 0 if page else empty + 1
                if empty > _EMPTY_PAGES:
                    raise StoreUnavailable("the source has empty pages without end")
                yield list(page)
        except ShouxinError:
            raise
        except Exception as error:  # a plug-in may raise anything
            raise StoreUnavailable(f"a page of the source does not read ({type(error).__name__})") from None

    def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
        """Yield every record that changed since what was read whole; the last one says from when to go on."""
        del wanted  # what an API hands out is its affair; what was not planned is dropped by the run
        since = str(reached.cursor[0]) if reached.cursor else ""
        latest, line = since, reached.line
        waiting: Yielded | None = None
        for page in self._pages(since):
            for record in page:
                if waiting is not None:
                    yield waiting
                line += 1
                waiting, changed = self._record(record, line, reached.cursor)
                latest = max(latest, changed)
        if waiting is not None:
            cursor: Cursor = (latest,) if latest else reached.cursor
            if isinstance(waiting, SourceRecord):
                yield SourceRecord(waiting.line, waiting.fields, cursor, waiting.key)
            else:
                yield Unfit(waiting.line, waiting.reason, cursor)

    def _record(self, record: object, line: int, cursor: Cursor) -> tuple[Yielded, str]:
        if not isinstance(record, dict):
            return Unfit(line, "not-an-object", cursor), ""
        try:
            fields = flattened(record)
        except ValueError:
            return Unfit(line, "too-deep-or-wide", cursor), ""
        key = fields.get(self._address.key, "")
        if not key:
            return Unfit(line, "no-key", cursor), ""
        return SourceRecord(line, fields, cursor, key), fields.get(self._address.changed, "")

    def erase(self, reached: Reached) -> int:
        """An API is erased by whoever keeps it."""
        del reached
        raise NotInThisState("an API is not erased from here: ask its owner, then look again")

    def verify(self, reached: Reached) -> int:
        """Return how many records it still hands out, from the beginning."""
        return sum(len(page) for page in self._pages("")) if reached.line else 0

    def close(self) -> None:
        """Close every connection."""
        self._session.close()
