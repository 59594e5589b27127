"""Accounts and sign-ins: who acts. No operation believes a name that is given as an argument.

A person proves themselves by a passphrase (Argon2id); a program by a secret of its own kept the same way. The result
is a *sign-in*: a row with an end, and a token that names it and carries a MAC, so that guessing identifiers opens
nothing. What an operation receives is the token; what it works with is the ``Actor`` that the token stands for,
read from rows in the same transaction that records the operation.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shouxin.actors.bearer import name_of, words_for
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, SignInId

__all__ = [
    "ROLES",
    "Account",
    "AccountKind",
    "Actor",
    "SignIn",
    "Token",
    "check_code",
    "check_passphrase",
    "hash_passphrase",
    "issue_code",
    "issue_token",
    "read_token",
]

Token = NewType("Token", str)
_USE: Final = b"shouxin/sign-in/v1"
MOST_FAILURES: Final = 5
SHUT_MINUTES: Final = 15

# What a role may do with personal information is the cards' affair; these are the names that exist.
ROLES: Final = frozenset(
    ("operator collector analyst credit_officer approver dpo auditor model rights_desk data_steward").split()
)


class AccountKind(StrEnum):
    """A person, or a program."""

    PERSON = "person"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as its authority row says it. ``pepper`` keys the commitments to this actor in the ledger.

    ``failures`` counts failed sign-ins since the last that succeeded, ``shut_until`` is when the next may be tried.
    ``made_by`` added the account (nothing: one of the first two), ``confirmed_by`` is somebody else; ``code`` is the
    keyed digest of the code by which the person takes it over until ``code_until``, empty once they did. What follows
    from these is read by ``transitions.state_of``. ``telephone``: a second factor was enrolled at some time, so its row
    is there, ended or not.
    """

    name: str
    kind: AccountKind
    roles: tuple[str, ...]
    secret: str
    pepper: bytes
    closed: bool = False
    failures: int = 0
    shut_until: Instant | None = None
    made_by: AccountId | None = None
    confirmed_by: AccountId | None = None
    code: bytes = b""
    code_until: Instant | None = None
    telephone: bool = False

    def failed(self, now: Instant) -> Account:
        """Return the account after one more failed sign-in; the fifth in a row shuts it for a quarter of an hour.

        Once that is over, counting begins anew: a stranger's single guess keeps nobody out.

        **Source:** NIST SP 800-63B-4 section 3.2.2 (rate limiting), which allows far more.
        """
        over = self.shut_until is not None and now >= self.shut_until
        failures = 1 if over else self.failures + 1
        shut = Instant(now + SHUT_MINUTES * 60_000) if failures >= MOST_FAILURES else self.shut_until
        return replace(self, failures=failures, shut_until=shut)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in as its authority row says it."""

    account: AccountId
    opened: Instant
    until: Instant
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts now: made from checked rows only, never from arguments."""

    account: AccountId
    name: str
    roles: frozenset[str]
    pepper: bytes
    sign_in: SignInId

    def acts_as(self, *wanted: str) -> str:
        """Return the first of ``wanted`` that is a role of this actor, else any role (for the ledger's code)."""
        return next((role for role in wanted if role in self.roles), min(self.roles, default="none"))


def hash_passphrase(passphrase: str) -> str:
    """Return the Argon2id hash of ``passphrase`` with its parameters. **Source:** RFC 9106 section 4."""
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4).hash(passphrase)


def check_passphrase(secret: str, passphrase: str) -> bool:
    """Say whether ``passphrase`` is the one that was hashed; takes as long for a wrong one.

    A damaged ``secret`` is the hash of nothing, and what is not UTF-8 was never hashed.
    """
    try:
        return PasswordHasher().verify(secret, passphrase)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def _code_mac(key: bytes, account: AccountId, code: str) -> bytes:
    typed = code.strip().replace("-", "").lower().encode("utf-8", "surrogatepass")
    return hmac.digest(key, b"shouxin/enrolment/v1\0" + account + typed, "sha256")


def issue_code(key: bytes, account: AccountId) -> tuple[str, bytes]:
    """Return a new code of 64 random bits by which a person takes ``account`` over, and its keyed digest."""
    code = "-".join(secrets.token_hex(2) for _ in range(4))
    return code, _code_mac(key, account, code)


def check_code(key: bytes, account: AccountId, code: str, digest: bytes) -> bool:
    """Say whether ``code`` is the one of ``digest``; hyphens, blanks around and capitals make no difference."""
    return hmac.compare_digest(_code_mac(key, account, code), digest)


def issue_token(key: bytes, sign_in: SignInId) -> Token:
    """Return the token that stands for ``sign_in``; whoever holds it acts as that account until the sign-in ends."""
    return Token(words_for(key, _USE, SignInId, sign_in))


def read_token(key: bytes, token: Token) -> SignInId:
    """Return the sign-in that ``token`` names.

    Raises:
        NotSignedIn: not a token of this institution.
    """
    return name_of(key, _USE, SignInId, token)
