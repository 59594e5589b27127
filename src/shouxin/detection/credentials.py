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
    ("ASIA", r"[0-9A-Z]{16}"),
    ("AIza", r"[0-9A-Za-z_-]{35}"),  # Google
    *((f"gh{use}_", r"[0-9A-Za-z]{36}") for use in "pousr"),  # GitHub
    ("github_pat_", r"[0-9A-Za-z_]{22,255}"),
    ("glpat-", r"[0-9A-Za-z_-]{20,64}"),  # GitLab
    *((f"xox{use}-", r"[0-9A-Za-z-]{10,72}") for use in "abprs"),  # Slack
    *((f"{use}k_{mode}_", r"[0-9A-Za-z]{16,128}") for use in "sr" for mode in ("live", "test")),  # Stripe
    ("whsec_", r"[0-9A-Za-z+/=]{24,128}"),
    ("hf_", r"[0-9A-Za-z]{30,40}"),  # Hugging Face
    ("npm_", r"[0-9A-Za-z]{36}"),
    ("SG.", r"[0-9A-Za-z_-]{16,32}\.[0-9A-Za-z_-]{16,64}"),  # SendGrid
    ("shpat_", r"[0-9a-f]{32}"),  # Shopify
    ("dop_v1_", r"[0-9a-f]{64}"),  # DigitalOcean
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


# What a key says about a password or a token when it is not its value: password_min_length, token_type.
_ABOUT: Final = (
    "hash|algo|policy|len|min|max|type|count|expir|ttl|age|file|path|url|uri|hint|field|rule|retry|encoder|enabled|"
    "required|strength|limit|column|_name|provider|format|version|status|valid|bucket"
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
    kinds = sum(re.search(kind, value) is not None for kind in (rb"[0-9]", rb"[A-Z]", rb"[a-z]", rb"[!#-&*+=?@^~]"))
    mixed = len(value) >= _LEAST and figures > 1 and letters > 1 and len(set(value)) > _DISTINCT
    mixed |= len(value) >= _PIN and figures > 0 and kinds > 2 and len(set(value)) >= _DISTINCT
    mixed |= re.fullmatch(rb"[a-z]{3,10}[0-9]{3,8}", value) is not None
    return SHAPE | CONTEXT if mixed and not _method().search(value) and not _placeholder().fullmatch(value) else 0


def _each(value: bytes) -> Iterator[bytes]:
    return (value[at : at + 1] for at in range(len(value)))


@cache
def _method() -> re.Pattern[bytes]:
    return re.compile(rb"(?i:sha-?[0-9]|md5|aes|rsa|sm[234]|hmac|base64|oauth|bcrypt|pbkdf|://|utf-?8)")


def _judge_mixed(value: bytes) -> int:
    """Evidence of a value whose word also means other things: digits and letters, as no plain word has them."""
    mixed = len(value) >= _LEAST and any(map(bytes.isdigit, _each(value))) and any(map(bytes.isalpha, _each(value)))
    return SHAPE | CONTEXT if mixed and not _placeholder().fullmatch(value) else 0


def _judge_strict(value: bytes) -> int:
    """Evidence of a value that only a doubtful word announces: digits, capitals and small letters."""
    each = [bool(re.search(kind, value)) for kind in (rb"[0-9]", rb"[A-Z]", rb"[a-z]")]
    return _judge_mixed(value) if all(each) else 0


def _judge_issued(value: bytes) -> int:
    """Evidence of a key that says itself what it is, unless it is filled with one character."""
    return SHAPE | CONTEXT if len(set(value[6:])) > 2 else 0


def _judge_key(value: bytes) -> int:
    mixed = not value.isdigit() and any(byte in value for byte in b"0123456789") and len(set(value)) > _DISTINCT
    return SHAPE | CONTEXT if mixed and not _placeholder().fullmatch(value) else 0


def _named() -> Iterator[Labelled]:
    sign = "(?:=>|:=|[:=]|：|→)"
    between = rf"\\?[\"']?[ \t]{{0,3}}{sign}[ \t]{{0,3}}\\?[\"']?|[\"'], ?[\"']|[\"'] value=[\"']"  # also of a call
    assigned = rf"(?![A-Za-z_0-9]{{0,12}}?(?i:{_ABOUT}))[A-Za-z_0-9]{{0,12}}(?:{between})"
    set_to = "(?:改|设|设置|重置|换|更新|修改)(?:成了|成|为|了)|就是|还是|仍是|叫|是|为"
    of_key = rf"(?![A-Za-z_0-9-]{{0,12}}?(?i:{_ABOUT}))[A-Za-z_0-9]{{0,12}}"
    spoken = rf"{of_key}\\?[\"']?[ \t]{{0,3}}(?:->|{sign}|{set_to}| is |%3[Dd])[ \t：:]{{0,3}}\\?[\"']?{OPENING}?"
    spoken = rf"(?:{spoken}|[A-Za-z_0-9]{{0,12}}[\"'] value=[\"']|\([\"']|{OPENING}(?=[!-~]{{4,40}}(?:）|】|」|』|》)))"
    visible = r"(?P<v>[\x21\x23-\x26\x28-\x2b\x2d-\x3a\x3c-\x7e]{4,64})"  # neither quotes nor comma nor semicolon
    words = "密码 口令 password passwd pwd pswd psw passphrase passcode mima kouling"
    yield make(FindingKind.PASSWORD, words, spoken + visible, _judge_password)
    named = r"(?:[ \t]{0,2}(?:=>|=|:|：)[ \t]{0,2}|[ \t]is )[\"']?"
    ahead = r"[ \t=:\xef][^\n]{7}"
    words = "pass pgpassword pw pin码 psk wpa_passphrase wpa2~key wifi~key wep~key"
    yield make(FindingKind.PASSWORD, words, f"{named}{visible}", _judge_mixed, ahead)
    pin = r"(?:码)?(?:[ \t]{0,2}(?:[:=]|：|是|为)[ \t]{0,2}|[ \t]is |(?<=码))[\"']?(?P<v>[0-9]{6})(?![0-9A-Za-z])"
    yield make(FindingKind.PASSWORD, "pin pincode", pin, ahead=r"[^0-9\n]{0,12}[0-9]{6}")
    six = (
        r"(?:为|是|：|:|,|，| )?(?:六位数|6位数|六位|6位)(?:字|码)?(?:为|是|：|:|,|，| )?(?P<v>[0-9]{6})(?![0-9A-Za-z])"
    )
    yield make(FindingKind.PASSWORD, "密码", six, ahead=r"[^\n]{0,24}[0-9]{6}")
    short = r"[\"']p(?:w|wd|ass)?[\"'] ?: ?[\"'](?P<v>[\x21\x23-\x26\x28-\x2b\x2d-\x3a\x3c-\x7e]{6,64})[\"']"
    logins = '"u":" "user":" "username":" "uid":" "login":" "account":"'
    yield make(FindingKind.PASSWORD, logins, rf"[^\"\n]{{1,64}}\"[ ,]{{1,3}}{short}", _judge_mixed, r"[^\n]{8}")
    yield make(FindingKind.PASSWORD, '"p":" "pw":"', r"(?P<v>[!#-~]{8,64})(?=\")", _judge_strict, r"[^\n]{8}")
    name = r"(?:密码|名称|名)?[ \t]{0,2}(?:[:=]|：|是)[ \t]{0,2}[^\s/:]{2,32} ?/ ?"
    yield make(FindingKind.PASSWORD, "wifi wi-fi wlan 无线", f"{name}(?P<v>[!-~]{{8,32}})", _judge_bare, r"[^\n]{8}")
    yield make(FindingKind.PASSWORD, "wifi", rf"(?P<v>[a-z]{{4,10}}[0-9]{{5,8}}){RIGHT}", ahead="[a-z]{4,10}[0-9]{5}")
    licence = rf"(?:码)?[ \t]{{0,2}}(?:[:=]|：|是|为| )[ \t]{{0,2}}(?P<v>[a-z]{{16}}){RIGHT}"  # of mailboxes
    yield make(FindingKind.PASSWORD, "授权码", licence)
    words = "--password --pass requirepass masterauth identified~by"
    yield make(FindingKind.PASSWORD, words, rf"[ \t]{{1,2}}[\"']?{visible}", _judge_mixed, ahead)
    yield make(FindingKind.PASSWORD, "mm", rf"(?:{named}|[ \t]){visible}", _judge_strict, ahead)
    before = re.compile(rb"(?<![!-~])(?P<v>[!-~]{8,32}?)[ ,]{0,2}\Z")
    after = ("这是密码", "是密码", "（密码", "(密码", "（账号/密码", "(账号/密码", "（用户名/密码", "(用户名/密码")
    yield Labelled(FindingKind.PASSWORD, after, before, _judge_strict, behind=True)
    words = "pass password passwd pwd secret token"
    tag = r">(?P<v>[^<>\s]{6,256})(?=</)"
    yield make(
        FindingKind.PASSWORD,
        words,
        f"(?!(?i:port|enger))[A-Za-z_0-9]{{0,12}}{tag}",
        _judge_password,
        ahead="[A-Za-z_0-9]{0,12}>",
    )
    words = (
        "aes_key aeskey sign_key signkey signing_key encrypt_key encryption_key accountkey secretkey 签名key session "
        "secret api_key api-key apikey access_key accesskey token authorization private_key appsecret appkey 密钥 秘钥 "
        "sessionid session_id jsessionid phpsessid sid jwt apitoken authtoken access-token auth-token"
    )
    yield make(
        FindingKind.PASSWORD, "密码 口令", rf"[ \t]{{0,2}}{OPENING}?{visible}", _judge_bare, r"[^\n]{0,5}[!-~]{6}"
    )
    shown = r"(?P<v>(?=[A-Za-z0-9+/_.-]{0,40}[0-9])(?=[^\n]{0,40}[A-Z])[A-Za-z0-9+/_.-]{16,512}={0,2})"
    yield make(FindingKind.SECRET_KEY, "bearer basic", f" {shown}", _judge_key, ahead=" [A-Za-z0-9+/_.-]{16}")
    value = r"(?i:bearer |basic )?(?P<v>[A-Za-z0-9+/_.=-]{12,512})"
    yield make(FindingKind.SECRET_KEY, words, assigned + value, _judge_key)
    yield make(FindingKind.SECRET_KEY, "密钥 秘钥", r"(?:为|是)?[ \t]{0,3}(?P<v>[A-Za-z0-9+/_.=-]{12,512})", _judge_key)


def _typed() -> Iterator[Labelled]:
    """Passwords that stand in a command line."""
    value = r"[\"']?(?P<v>[\x21\x23-\x26\x28-\x2b\x2d-\x3a\x3c-\x7e]{4,64})"
    line = r"[^\n]{0,120}? "
    yield make(FindingKind.PASSWORD, "mysql mysqldump mysqladmin", rf"{line}-p{value}", _judge_password)
    yield make(FindingKind.PASSWORD, "sshpass", rf"{line}-p ?{value}", _judge_password)
    yield make(FindingKind.PASSWORD, "redis-cli", rf"{line}(?:-a|--pass) {value}", _judge_password)
    yield make(FindingKind.PASSWORD, "net~user", rf" [A-Za-z0-9._-]{{1,32}} {value}", _judge_mixed)
    yield make(
        FindingKind.PASSWORD, "curl wget", rf"{line}(?:-u|--user) ?[\"']?[^\s:\"']{{1,64}}:{value}", _judge_password
    )


def _shaped() -> Iterator[Labelled]:
    for word, rest in _SHAPES:
        expression = rf"(?<![0-9])(?P<v>{word}{rest}){RIGHT}"
        yield Labelled(FindingKind.SECRET_KEY, (word,), re.compile(expression.encode()), _judge_issued, with_word=True)
    begin = "-----BEGIN "
    expression = f"(?P<v>{begin}{_PRIVATE_KEY})"
    yield Labelled(FindingKind.SECRET_KEY, (begin,), re.compile(expression.encode()), certain, with_word=True)
    of_a_source = r"(?P<v>[^\s:/@\"']{1,64}:[^\s/@\"']{1,128})@(?=[A-Za-z0-9])"
    yield Labelled(FindingKind.SECRET_KEY, ("://",), re.compile(of_a_source.encode()), certain)
    of_nobody = r":(?P<v>[^\s:/@\"']{6,128})@(?=[A-Za-z0-9])"  # redis://:password@host
    yield Labelled(FindingKind.SECRET_KEY, ("://",), re.compile(of_nobody.encode()), certain, ahead=":[^\n]{7}")


@cache
def credentials() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    return (*_named(), *_typed(), *_shaped())
