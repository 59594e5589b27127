"""A typed confirmation with a one-time code: how somebody confirms a choice without a certificate of their own.

Laws of this file. A code is for one person and one notice, works once, for five minutes and five attempts. It is kept
as a keyed digest only, compared in constant time, and shown to nobody but whoever delivers it. What must be typed
beside it is the purpose's title, so that nobody confirms what they did not name. A miss does not say what was wrong.

The lifecycle is a table; an attempt returns the challenge as it then stands, and whoever calls stores it before they
say anything: an attempt that is not stored can be repeated. Randomness and key come in as arguments.

Called by: operations that record choices; the ``seal`` of a ``Confirmation`` goes into the ``Answer``.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.domain.steps import next_state
from shouxin.errors import Invalid

__all__ = [
    "TRANSITIONS",
    "Challenge",
    "ChallengeEvent",
    "ChallengeState",
    "Confirmation",
    "attempt",
    "challenge",
    "follow",
]

LASTS: Final = 5 * 60 * 1000  # milliseconds
ATTEMPTS: Final = 5
_DIGITS: Final = 6
_KEY: Final = 32
_CODE_LABEL: Final = b"shouxin/confirmation-code/v1"
_SEAL_LABEL: Final = b"shouxin/confirmation-seal/v1"


class ChallengeState(StrEnum):
    """Where a code stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"


class ChallengeEvent(StrEnum):
    """What can happen to a code."""

    MATCH = "match"
    MISS = "miss"
    EXHAUST = "exhaust"
    EXPIRE = "expire"


TRANSITIONS: Final[dict[tuple[ChallengeState, ChallengeEvent], ChallengeState]] = {
    (ChallengeState.OPEN, ChallengeEvent.MISS): ChallengeState.OPEN,
    (ChallengeState.OPEN, ChallengeEvent.MATCH): ChallengeState.CONFIRMED,
    (ChallengeState.OPEN, ChallengeEvent.EXHAUST): ChallengeState.EXHAUSTED,
    (ChallengeState.OPEN, ChallengeEvent.EXPIRE): ChallengeState.EXPIRED,
}


def follow(state: ChallengeState, event: ChallengeEvent) -> ChallengeState:
    """Return the state after ``event``.

    Raises:
        NotInThisState: the table has no such step; a code that was used, used up or late opens nothing any more.
    """
    return next_state(TRANSITIONS, state, event, "a code")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code that was sent, without the code: ``digest`` is keyed and bound to person, notice, title, salt and end."""

    subject: SubjectId
    notice: bytes
    title: str
    salt: bytes
    digest: bytes
    expires: Instant
    attempts_left: int = ATTEMPTS
    state: ChallengeState = ChallengeState.OPEN


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That the code was typed: ``seal`` is a keyed digest over person, notice, time and code digest."""

    subject: SubjectId
    notice: bytes
    at: Instant
    seal: bytes


def _mac(key: bytes, label: bytes, *parts: bytes) -> bytes:
    """Return HMAC-SHA256 over ``parts``, each with its length before it, so that no two lists have one message."""
    if len(key) < _KEY:
        raise Invalid(f"a confirmation needs a key of {_KEY} bytes", "key")
    message = b"".join(len(part).to_bytes(8, "big") + part for part in (label, *parts))
    return hmac.digest(key, message, "sha256")


def _time(instant: Instant) -> bytes:
    return instant.to_bytes(8, "big")


def _typed(text: str) -> str:
    """Return what was typed as it is compared: full-width letters and digits, and blanks around, make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _digest(key: bytes, challenge: Challenge, code: str) -> bytes:
    title = hashlib.sha256(_typed(challenge.title).encode("utf-8", "surrogatepass")).digest()
    bound = (challenge.subject, challenge.notice, title, challenge.salt, _time(challenge.expires))
    return _mac(key, _CODE_LABEL, *bound, code.encode("utf-8", "surrogatepass"))


def challenge(
    subject: SubjectId, notice: bytes, title: str, key: bytes, now: Instant, below: Callable[[int], int]
) -> tuple[Challenge, Plaintext]:
    """Return a new challenge and its code of six digits, to be delivered and forgotten.

    ``notice`` is the digest of the notice that was served, ``title`` what must be typed; ``below(n)`` is a random
    number from 0 to n - 1 that nobody can guess (``secrets.randbelow``).

    Raises:
        Invalid: a key below 32 bytes, or an empty title.
    """
    if not _typed(title):
        raise Invalid("what must be typed is the purpose's title", "title")
    code = f"{below(10**_DIGITS):0{_DIGITS}d}"
    salt = below(1 << 128).to_bytes(16, "big")
    made = Challenge(subject, notice, title, salt, b"", Instant(now + LASTS))
    return replace(made, digest=_digest(key, made, code)), Plaintext.of(code)


def attempt(
    challenge: Challenge, subject: SubjectId, notice: bytes, title: str, code: str, key: bytes, now: Instant
) -> tuple[Challenge, Confirmation | None]:
    """Return the challenge after somebody typed ``title`` and ``code``, and the confirmation if both were right.

    The caller stores the challenge, durable, before answering. At ``expires`` itself it is late.

    Raises:
        NotInThisState: the code was used, used up or late before.
    """
    if now >= challenge.expires:
        return replace(challenge, state=follow(challenge.state, ChallengeEvent.EXPIRE)), None
    asked = replace(challenge, subject=subject, notice=notice, title=title)
    left = challenge.attempts_left - 1
    if not hmac.compare_digest(_digest(key, asked, _typed(code)), challenge.digest):
        event = ChallengeEvent.MISS if left > 0 else ChallengeEvent.EXHAUST
        return replace(challenge, attempts_left=left, state=follow(challenge.state, event)), None
    done = replace(challenge, attempts_left=left, state=follow(challenge.state, ChallengeEvent.MATCH))
    seal = _mac(key, _SEAL_LABEL, subject, notice, _time(now), challenge.digest)
    return done, Confirmation(subject, notice, now, seal)
