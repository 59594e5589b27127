"""Six digits from a telephone: right in their half minute and its neighbours, once, and never out of the keyring."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from shouxin.domain.clock import Instant
from shouxin.keys.second_factor import SecondFactor, step_of
from tests import workspaces

NOW = Instant(1_700_000_000_000)


def test_a_code_is_right_for_a_minute_and_a_half_and_once(tmp_path: Path) -> None:
    """The step before, this one and the next; none earlier than the last that was used."""
    factor = SecondFactor(workspaces.fresh(tmp_path).custody)
    wrapped, address = factor.enrol("sun", "银行")
    secret = base64.b32decode(address.partition("secret=")[2].partition("&")[0])
    telephone = TOTP(secret, 6, SHA1(), 30)
    for off, right in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        code = telephone.generate(NOW // 1000 + off).decode()
        assert (factor.check(wrapped, code, NOW, 0) is not None) is right
    code = telephone.generate(NOW // 1000).decode()
    assert factor.check(wrapped, code, NOW, step_of(NOW) - 1) == step_of(NOW)
    assert factor.check(wrapped, code, NOW, step_of(NOW)) is None
    for wrong in ("", "00000", "abcdef", "１２３４５６", "\udcff"):
        assert factor.check(wrapped, wrong, NOW, 0) is None
    assert secret not in wrapped


def test_the_address_is_what_telephones_read(tmp_path: Path) -> None:
    """No padding in the secret, and the issuer is named (RFC 6238 applications)."""
    _, address = SecondFactor(workspaces.fresh(tmp_path).custody).enrol("sun", "bank.example")
    assert address.startswith("otpauth://totp/bank.example:sun?")
    assert "%3D" not in address
