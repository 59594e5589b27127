from __future__ import annotations

import stat
from pathlib import Path

import pytest

from shouxin.actors.account import Token
from shouxin.cli import sign_ins
from shouxin.errors import Misconfigured, NotSignedIn


@pytest.mark.parametrize("name", ["wang", "王伟", "../../escape", "a/b", "per%cent", "."])
def test_a_token_is_kept_under_any_name_inside_its_folder(tmp_path: Path, name: str) -> None:
    """Whatever an account is called, its token lies in ``sign-ins``, mode 0600, and comes back."""
    sign_ins.keep(tmp_path, name, Token("token"))
    assert sign_ins.stored(tmp_path, name) == sign_ins.stored(tmp_path) == "token"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent for path in files} == {tmp_path / "sign-ins"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    sign_ins.forget(tmp_path, name)
    assert not list((tmp_path / "sign-ins").iterdir())


def test_a_token_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    """As with a private key of ssh."""
    sign_ins.keep(tmp_path, "wang", Token("token"))
    (tmp_path / "sign-ins" / "wang.token").chmod(0o644)
    with pytest.raises(Misconfigured):
        sign_ins.stored(tmp_path, "wang")


def test_nobody_is_signed_in_at_first(tmp_path: Path) -> None:
    """Neither the last nor a named one."""
    for name in ("", "wang"):
        with pytest.raises(NotSignedIn):
            sign_ins.stored(tmp_path, name)
