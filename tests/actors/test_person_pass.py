from __future__ import annotations

import pytest

from shouxin.actors.account import issue_token, read_token
from shouxin.actors.person_pass import Pass, PassCode, issue_code, read_code
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, PassId, SignInId, SubjectId, new
from shouxin.errors import NotSignedIn

KEY = b"k" * 32


def test_a_code_names_its_pass_and_nothing_else_does() -> None:
    """Another key, another pass, one letter more or less, another kind of token: refused."""
    pass_id = new(PassId)
    code = issue_code(KEY, pass_id)
    assert read_code(KEY, code) == pass_id
    sign_in = SignInId(bytes(pass_id))
    wrong = [
        issue_code(b"x" * 32, pass_id),
        code[:-1],
        code + "0",
        code.replace(code[10], "0" if code[10] != "0" else "1", 1),
        issue_token(KEY, sign_in),
        "pas_" + issue_token(KEY, sign_in)[4:],
        "",
        "é",
        f"{code.partition('.')[0]}.é",
    ]
    for one in wrong:
        with pytest.raises(NotSignedIn):
            read_code(KEY, PassCode(one))
    with pytest.raises(NotSignedIn):
        read_token(KEY, "sgn_" + code[4:])  # type: ignore[arg-type]


def test_a_pass_runs_until_its_end() -> None:
    """To the millisecond; ended by a restore it does not run at all."""
    value = Pass(new(SubjectId), new(AccountId), Instant(1000))
    assert [value.runs(Instant(at)) for at in (0, 999, 1000)] == [True, True, False]
    assert not Pass(value.subject, value.issuer, value.until, ended=True).runs(Instant(0))
