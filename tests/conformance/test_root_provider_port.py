"""The port of root providers (``keys.root``): one suite over every driver."""

from __future__ import annotations

import pytest

from shouxin.errors import (
    RootKeyUnavailable,
    Tampered,
)
from shouxin.keys.root import RootProvider
from shouxin.keys.suite import INTL
from shouxin.storage.key_file import KeyFile
from tests.conformance.drivers import ONE, TWO, Driver, Opener, over

ROOT_PROVIDERS: dict[str, Driver[RootProvider]] = {
    "key file": lambda folder: lambda: KeyFile(folder, INTL),
}


root_provider = over(ROOT_PROVIDERS)


KEY = b"k" * 32


def test_a_root_key_wraps_and_unwraps(root_provider: Opener[RootProvider]) -> None:
    """What was wrapped under an epoch's root key is unwrapped by it, also by a provider opened later."""
    provider = root_provider()
    provider.create(ONE)
    wrapped = provider.wrap(ONE, KEY)
    assert KEY not in wrapped
    assert root_provider().unwrap(ONE, wrapped) == KEY


def test_creating_a_root_key_again_keeps_it(root_provider: Opener[RootProvider]) -> None:
    """Creating is safe to repeat: the key that is there stays."""
    provider = root_provider()
    provider.create(ONE)
    wrapped = provider.wrap(ONE, KEY)
    provider.create(ONE)
    assert provider.unwrap(ONE, wrapped) == KEY


def test_each_epoch_has_a_root_key_of_its_own(root_provider: Opener[RootProvider]) -> None:
    """Another epoch's root key, or altered bytes, is seen and opens nothing."""
    provider = root_provider()
    provider.create(ONE)
    provider.create(TWO)
    wrapped = provider.wrap(ONE, KEY)
    with pytest.raises(Tampered):
        provider.unwrap(TWO, wrapped)
    for altered in (b"", wrapped[:-1], wrapped[:-1] + bytes([wrapped[-1] ^ 1])):
        with pytest.raises(Tampered):
            provider.unwrap(ONE, altered)


def test_a_root_key_that_was_never_made_is_unavailable(root_provider: Opener[RootProvider]) -> None:
    """Wrapping and unwrapping under a missing root key names the operator's problem."""
    provider = root_provider()
    assert not provider.exists(ONE)
    with pytest.raises(RootKeyUnavailable):
        provider.wrap(ONE, KEY)
    with pytest.raises(RootKeyUnavailable):
        provider.unwrap(ONE, bytes(40))


def test_a_destroyed_root_key_opens_nothing_ever_again(root_provider: Opener[RootProvider]) -> None:
    """Destruction can be repeated, reaches later openings, spares other epochs, and a new key is another one."""
    provider = root_provider()
    provider.create(ONE)
    provider.create(TWO)
    old, kept = provider.wrap(ONE, KEY), provider.wrap(TWO, KEY)
    provider.destroy(ONE)
    provider.destroy(ONE)
    for one in (provider, root_provider()):
        assert not one.exists(ONE)
        with pytest.raises(RootKeyUnavailable):
            one.unwrap(ONE, old)
        assert one.unwrap(TWO, kept) == KEY
    provider.create(ONE)
    with pytest.raises(Tampered):
        provider.unwrap(ONE, old)


def test_a_provider_says_what_it_cannot_destroy(root_provider: Opener[RootProvider]) -> None:
    """Residuals are codes for certificates, each once, with days that are not negative."""
    residuals = root_provider().residuals()
    codes = [one.code for one in residuals]
    assert len(set(codes)) == len(codes)
    assert all(code.isascii() and " " not in code for code in codes)
    assert all(one.days is None or one.days >= 0 for one in residuals)
