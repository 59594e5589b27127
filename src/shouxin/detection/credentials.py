"""Passwords, tokens and keys, in logs and configuration: what opens everything else.

Laws. Those of ``labelled``. A placeholder (``******``, ``null``, ``${password}``) is nobody's password, and a word of
a sentence no key: a key is long and mixes digits with letters. Some keys say themselves what they are; their first
letters are the word then, and belong to the value.

Called by: ``plain`` and ``bulk`` through ``credentials``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from shouxin.detection.finding import CONTEXT, SHAPE, FindingKind
from shouxin.detection.labelled import OPENING, RIGHT, Labelled, certain, make

__all__ = ["credentials"]

_PIN: Final = 6  # digits of the password of a bank card
_LEAST: Final = 8
_DISTINCT: Final = 6  # characters that differ, at least one more in a key
_SHAPES: Final = (  # first letters, and the rest; as the issuers document them
    ("AKIA", r"[0-9A-Z]{16}"),  # Amazon
    ("LTAI", r"[0-9A-Za-z]{12,24}"),  # Alibaba Cloud
    ("AKID", r"[0-9A-Za-z]{13,40}"),  # Tencent Cloud
    ("ghp_", r"[0-9A-Za-z]{36}"),  # GitHub
    ("xoxb-", r"[0-9A-Za-z-]{10,72}"),  # Slack
    ("sk-", r"[0-9A-Za-z_-]{20,200}"),
    ("eyJ", r"[0-9A-Za-z_-]{10,1000}+\.[0-9A-Za-z_-]{10,2000}+\.[0-9A-Za-z_-]{10,1000}"),  # JSON web token
)
_PRIVATE_KEY: Final = (
    r"[A-Z ]{0,20}PRIVATE KEY-----[0-9A-Za-z+/=\s\\]{0,3600}(?:-----END [A-Z ]{0,20}PRIVATE KEY-----)?"
)
_PLACEHOLDERS: Final = (
    "null none nil true false undefined required invalid incorrect expired reset changed string error hidden redacted "
    "masked empty wrong success failed changeme password passwd secret token"
)


@cache
def _placeholder() -> re.Pattern[bytes]:
    words = "|".join(_PLACEHOLDERS.split())
    return re.compile(
        rf"[*xX.#?-]+|(?:{words})[.!]?|[<\[{{(].*|[$%].*|os\.environ.*|process\.env.*|getenv.*".encode(),
        re.IGNORECASE | re.DOTALL,
    )


def _judge_password(value: bytes) -> int:
    return 0 if _placeholder().fullmatch(value) else SHAPE | CONTEXT


def _judge_bare(value: bytes) -> int:
    """Evidence of a value with nothing between it and its word: a PIN, or mixed as no name of a method is."""
    if value.isdigit():
        return SHAPE | CONTEXT if len(value) == _PIN else 0
    figures, letters = sum(map(bytes.isdigit, _each(value))), sum(map(bytes.isalpha, _each(value)))
    mixed = len(value) >= _LEAST and figures > 1 and letters > 1 and len(set(value)) > _DISTINCT
    return SHAPE | CONTEXT if mixed and not _method().search(value) and not _placeholder().fullmatch(value) else 0


def _each(value: bytes) -> Iterator[bytes]:
    return (value[at : at + 1] for at in range(len(value)))


@cache
def _method() -> re.Pattern[bytes]:
    return re.compile(rb"(?i:sha-?[0-9]|md5|aes|rsa|sm[234]|hmac|base64|oauth|bcrypt|pbkdf|://|utf-?8)")


def _judge_key(value: bytes) -> int:
    mixed = not value.isdigit() and any(byte in value for byte in b"0123456789") and len(set(value)) > _DISTINCT
    return SHAPE | CONTEXT if mixed and not _placeholder().fullmatch(value) else 0


def _named() -> Iterator[Labelled]:
    assigned = r"[A-Za-z_0-9]{0,12}(?:[\"']?[ \t]{0,3}(?:[:=]|：)[ \t]{0,3}[\"']?|[\"'], ?[\"'])"  # also of a call
    spoken = r"[A-Za-z_0-9]{0,12}[\"']?[ \t]{0,3}(?:[:=]|：|是|为| is )[ \t]{0,3}[\"']?" + f"{OPENING}?"
    visible = r"(?P<v>[\x21\x23-\x26\x28-\x2b\x2d-\x3a\x3c-\x7e]{4,64})"  # neither quotes nor comma nor semicolon
    words = "密码 口令 password passwd pwd passphrase mima"
    yield make(FindingKind.PASSWORD, words, spoken + visible, _judge_password)
    words = (
        "secret api_key api-key apikey access_key accesskey token authorization private_key appsecret appkey 密钥 秘钥 "
        "sessionid session_id jsessionid phpsessid"
    )
    yield make(
        FindingKind.PASSWORD, "密码 口令", rf"[ \t]{{0,2}}{OPENING}?{visible}", _judge_bare, r"[^\n]{0,5}[!-~]{6}"
    )
    value = r"(?i:bearer |basic )?(?P<v>[A-Za-z0-9+/_.=-]{12,512})"
    yield make(FindingKind.SECRET_KEY, words, assigned + value, _judge_key)


def _typed() -> Iterator[Labelled]:
    """Passwords that stand in a command line."""
    value = r"[\"']?(?P<v>[\x21\x23-\x26\x28-\x2b\x2d-\x3a\x3c-\x7e]{4,64})"
    line = r"[^\n]{0,120}? "
    yield make(FindingKind.PASSWORD, "mysql mysqldump mysqladmin", rf"{line}-p{value}", _judge_password)
    yield make(FindingKind.PASSWORD, "sshpass", rf"{line}-p ?{value}", _judge_password)
    yield make(
        FindingKind.PASSWORD, "curl wget", rf"{line}(?:-u|--user) ?[\"']?[^\s:\"']{{1,64}}:{value}", _judge_password
    )


def _shaped() -> Iterator[Labelled]:
    for word, rest in _SHAPES:
        expression = rf"(?<![0-9])(?P<v>{word}{rest}){RIGHT}"
        yield Labelled(FindingKind.SECRET_KEY, (word,), re.compile(expression.encode()), certain, with_word=True)
    begin = "-----BEGIN "
    expression = f"(?P<v>{begin}{_PRIVATE_KEY})"
    yield Labelled(FindingKind.SECRET_KEY, (begin,), re.compile(expression.encode()), certain, with_word=True)
    of_a_source = r"(?P<v>[^\s:/@\"']{1,64}:[^\s/@\"']{1,128})@(?=[A-Za-z0-9])"
    yield Labelled(FindingKind.SECRET_KEY, ("://",), re.compile(of_a_source.encode()), certain)


@cache
def credentials() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    return (*_named(), *_typed(), *_shaped())
