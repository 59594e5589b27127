"""Attacks on the pages: nobody makes the server read more than a form."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from shouxin.web.guard import Guard


def asked(method: str, headers: dict[str, str]) -> tuple[int, bool]:
    """Ask the guard; return the status, and whether the pages were asked at all."""
    told: list[Message] = []
    reached: list[bool] = []

    async def pages(_scope: Scope, _receive: Receive, send: Send) -> None:
        reached.append(True)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    sent = [(name.encode(), value.encode()) for name, value in {"host": "localhost", **headers}.items()]
    scope = {"type": "http", "method": method, "path": "/sign-in", "query_string": b"", "headers": sent}
    asyncio.run(Guard(pages)(scope, receive, send))
    return told[0]["status"], bool(reached)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    "headers",
    [{"content-length": "10", "transfer-encoding": "chunked"}, {"content-length": str(1 << 40)}],
    ids=["chunks beside a length", "a terabyte"],
)
def test_a_body_without_an_end_is_not_read(method: str, headers: dict[str, str]) -> None:
    """Without any sign-in: every page reads the whole body into memory, so none is asked."""
    assert asked(method, headers) == (413, False)


def test_an_ordinary_question_is_answered() -> None:
    """A browser sends no length with what has no body."""
    assert asked("GET", {}) == (200, True)
    assert asked("POST", {"content-length": "64"}) == (200, True)
