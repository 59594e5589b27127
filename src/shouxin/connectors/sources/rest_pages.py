"""A REST API as a source: pages of JSON, through the client, paginators and sign-ins of dlt.

Of dlt only its REST client is used, as an iterator: its pipelines write what they load as files, in the clear, which
law 2 forbids (ADR 15). Nothing of dlt's state is kept: where the source goes on is committed with the data.

Laws of this file. A record is known by its key and content, so that pages that repeat or change their order bring
nothing twice. The time from which changes are asked for moves on only when all pages were read: a record that a
killed run did not reach is asked for again. It never moves beyond the time of asking: one record from the future would
end collection for good. An offset moves by what came, not by what was asked for: an API may hand out less. Pages that
lead in a circle, or stay empty without end, end the reading. An empty list is the end of the records; a page without
its list is none: an error in the words of the API, or an API that was made anew.

Called by: ``bootstrap.open_intake_source``. Needs the extra ``collection``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Final
from urllib.parse import quote, urljoin

from shouxin.config import how_to_install
from shouxin.domain.clock import CHINA, Clock, Instant, SystemClock, local_date
from shouxin.domain.plaintext import PlainFields, Plaintext
from shouxin.errors import Misconfigured, NotInThisState, ShouxinError, StoreUnavailable
from shouxin.operations.collecting.intake import Cursor, Reached
from shouxin.operations.collecting.intake_source import (
    NO_TEXT,
    Looked,
    Met,
    Recall,
    SourceNote,
    SourceRecord,
    SourceSignal,
    Unfit,
    Yielded,
    looked_at,
)
from shouxin.policy.source import RestAddress, SourceKind

__all__ = ["RestPages", "flattened"]

_EMPTY_PAGES: Final = 100
_DEEPEST: Final = 6
_MOST_FIELDS: Final = 2_000
_MILLISECONDS: Final = 10**11  # a larger number of seconds lies beyond the year 5000


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

    kind: ClassVar = SourceKind.REST
    lines_stand: ClassVar = False

    def __init__(
        self,
        address: RestAddress,
        secret: Plaintext | None = None,
        clock: Clock = SystemClock(),  # noqa: B008 - no state
    ) -> None:
        if not find_spec("dlt"):
            raise Misconfigured(f"the package dlt is needed: {how_to_install('collection')}")
        if address.auth != "none" and secret is None:
            raise Misconfigured("this source asks for a secret: seal it with 'source secret'")
        self._address = address
        self._clock = clock
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
        kinds, told = import_module("dlt.sources.helpers.rest_client.paginators"), self._address
        at = told.at or told.paging
        made = {
            "none": kinds.SinglePagePaginator,
            "page": lambda: kinds.PageNumberPaginator(base_page=told.first, page_param=at, total_path=None),
            "offset": lambda: _by_what_came(kinds.OffsetPaginator)(
                limit=told.limit, offset_param=at, limit_param=told.most, total_path=None
            ),
            "cursor": lambda: kinds.JSONResponseCursorPaginator(told.next, cursor_param=at),
            "next": lambda: kinds.JSONLinkPaginator(told.next),
            "header": kinds.HeaderLinkPaginator,
        }
        return made[told.paging]()

    def identity(self) -> bytes:
        """Return the address."""
        return self._address.url.encode()

    def locator(self) -> bytes:
        """Return the address."""
        return self.identity()

    def describe(self) -> tuple[str, ...]:
        """Return nothing: an API says what its records hold only by handing them out."""
        return ()

    def _pages(self, since: str) -> Iterator[list[Any] | SourceNote]:
        """Yield pages until there are no more; one error for whatever goes wrong.

        Raises:
            StoreUnavailable: it dies, answers with no JSON, leads in a circle, has empty pages without end, or a page
                has no list where its records stand: that is noted first.
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
                if not self._has_list(page.response.json()):
                    yield SourceNote(SourceSignal.PAGE_UNLIKE, self._address.records)
                    raise StoreUnavailable("a page of the source has no list where its records stand")
                empty = 0 if page else empty + 1
                if empty > _EMPTY_PAGES:
                    raise StoreUnavailable("the source has empty pages without end")
                yield list(page)
        except ShouxinError:
            raise
        except Exception as error:  # a plug-in may raise anything
            raise StoreUnavailable(f"a page of the source does not read ({type(error).__name__})") from None

    def _has_list(self, said: object) -> bool:
        """Say whether a page has one list where the register says; its client takes whatever it finds for records."""
        paths = import_module("dlt.common.jsonpath")
        found = paths.find_values((self._address.records or "$").removesuffix("[*]"), said)
        return len(found) == 1 and isinstance(found[0], list)

    def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
        """Yield every record that changed since what was read whole; the last one says from when to go on.

        A time of change that lies ahead of the asking is told, and never asked from.
        """
        del wanted  # what an API hands out is its affair; what was not planned is dropped by the run
        asked = self._clock.now()
        since = str(reached.cursor[0]) if reached.cursor else ""
        if _is_ahead(since, asked):  # kept before times were held against the clock: everything is asked for again
            since = ""
        latest, line, ahead = since, reached.line, 0
        waiting: SourceRecord | Unfit | None = None
        for page in self._pages(since):
            if isinstance(page, SourceNote):
                yield page
                continue
            for record in page:
                if waiting is not None:
                    yield waiting
                line += 1
                waiting, changed = self._record(record, line, reached.cursor)
                if _is_ahead(changed, asked):
                    ahead += 1
                else:
                    latest = max(latest, changed)
        if ahead:
            yield SourceNote(SourceSignal.FUTURE_CHANGE, self._address.changed, ahead)
        if waiting is not None:
            yield replace(waiting, cursor=(latest,) if latest else ())

    def _record(self, record: object, line: int, cursor: Cursor) -> tuple[SourceRecord | Unfit, str]:
        if not isinstance(record, dict):
            return Unfit(line, "not-an-object", cursor), ""
        try:
            fields = flattened(record)
        except ValueError:
            return Unfit(line, "too-deep-or-wide", cursor), ""
        key, held = fields.get(self._address.key, ""), PlainFields(fields)
        if not key:
            return Unfit(line, "no-key", cursor), ""
        if not held.is_text():
            return Unfit(line, NO_TEXT, cursor), ""
        return SourceRecord(line, held, cursor, key), fields.get(self._address.changed, "")

    def again(self, places: Sequence[Reached], wanted: Collection[str]) -> Iterator[SourceRecord | Unfit]:
        """Yield nothing: what an API hands out again is met there, and what it does not cannot be asked for."""
        del places, wanted
        return iter(())

    def erase(self, reached: Reached, wanted: Collection[str], recall: Recall) -> int:
        """Delete every record that stands as it arrived, one by one, where the register says at which path.

        Raises:
            NotInThisState: it does not say so. StoreUnavailable: a deletion was refused; those before it are done.
        """
        del wanted
        if not self._address.erase:
            raise NotInThisState("an API is not erased from here unless the register says how: ask its owner")
        gone = 0
        # All are read before the first goes: pages shift under who deletes from them.
        for record in list(self.read(Reached(reached.line))):
            if isinstance(record, SourceRecord) and recall([record]) == [Met.SAME]:
                path = self._address.erase.replace("{key}", quote(record.key, safe=""))
                self._session.delete(urljoin(self._address.url, path), auth=self._auth)
                gone += 1
        return gone

    def verify(self, reached: Reached, wanted: Collection[str], recall: Recall) -> Looked:
        """Return which of the records that it hands out, from the beginning, had arrived."""
        del wanted
        return looked_at(self.read(Reached(reached.line)), recall) if reached.line else Looked(0)

    def close(self) -> None:
        """Close every connection."""
        self._session.close()


def _by_what_came(kind: Any) -> Any:  # noqa: ANN401 - a class of dlt, which is not there without its extra
    """Return the paginator whose offset moves by the records of a page, where dlt's moves by the limit."""

    class Advancing(kind):  # type: ignore[misc]
        def update_state(self, response: Any, data: list[Any] | None = None) -> None:  # noqa: ANN401 - dlt's
            self.value_step = len(data or ())
            super().update_state(response, data)

    return Advancing


def _is_ahead(said: str, asked: Instant) -> bool:
    """Say whether a time of change lies ahead of ``asked``; what is no time that can be told is not.

    A date or time without a zone is taken as one of where the institution works.
    """
    try:
        if said.isascii() and said.isdigit() and len(said) >= 9:
            number = int(said)
            return (number if number >= _MILLISECONDS else number * 1000) > asked
        if len(said) == 10:
            return date.fromisoformat(said) > local_date(asked)
        told = datetime.fromisoformat(said)
    except ValueError:
        return False
    return (told if told.tzinfo else told.replace(tzinfo=CHINA)).timestamp() * 1000 > asked
