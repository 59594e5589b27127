"""The suite's algorithms are the published ones: vectors of other people, typed in here."""

from __future__ import annotations

import pytest

from shouxin.keys.signing import SigningKey
from shouxin.keys.suite import INTL
from shouxin.ledger.commitment import blinding

h = bytes.fromhex


def test_key_wrap_of_rfc_3394() -> None:
    """RFC 3394 section 4.6: 256 bits of key data under a 256-bit key."""
    wrapping = h("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F")
    key = h("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F")
    wrapped = h("28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21")
    assert INTL.wrap(wrapping, key) == wrapped
    assert INTL.unwrap(wrapping, wrapped) == key


# The Galois/Counter Mode of Operation (McGrew, Viega), appendix B, test cases 13 to 16: AES-256, 96-bit nonce.
_KEY = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
_PLAIN = (
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
_SEALED = (
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
)
_ABOUT = "feedfacedeadbeeffeedfacedeadbeefabaddad2"


@pytest.mark.parametrize(
    ("key", "nonce", "plain", "about", "sealed", "tag"),
    [
        ("00" * 32, "00" * 12, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
        ("00" * 32, "00" * 12, "00" * 16, "", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"),
        (_KEY, "cafebabefacedbaddecaf888", _PLAIN, "", _SEALED, "b094dac5d93471bdec1a502270e3cc6c"),
        (_KEY, "cafebabefacedbaddecaf888", _PLAIN[:120], _ABOUT, _SEALED[:120], "76fc6ece0f4e1768cddf8853bb2d551b"),
    ],
    ids=["case 13", "case 14", "case 15", "case 16"],
)
def test_gcm_of_mcgrew_and_viega(key: str, nonce: str, plain: str, about: str, sealed: str, tag: str) -> None:
    """The vectors that NIST SP 800-38D points to: ciphertext and tag, both ways."""
    aead = INTL.aead(h(key))
    assert aead.encrypt(h(nonce), h(plain), h(about)) == h(sealed + tag)
    assert aead.decrypt(h(nonce), h(sealed + tag), h(about)) == h(plain)


@pytest.mark.parametrize(
    ("key", "message", "made"),
    [
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (
            bytes(range(1, 26)),
            b"\xcd" * 50,
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ],
    ids=["case 1", "case 2", "case 3", "case 4", "case 6"],
)
def test_hmac_of_rfc_4231(key: bytes, message: bytes, made: str) -> None:
    """RFC 4231 section 4: HMAC-SHA-256."""
    assert INTL.prf(key, message) == h(made)


@pytest.mark.parametrize(
    ("seed", "public", "message", "signature"),
    [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            (
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
            ),
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            (
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            ),
        ),
    ],
    ids=["test 1", "test 2"],
)
def test_ed25519_of_rfc_8032(seed: str, public: str, message: str, signature: str) -> None:
    """RFC 8032 section 7.1: public key and signature from the seed."""
    key = SigningKey(h(seed))
    assert key.public == h(public)
    assert key.sign(h(message)) == h(signature)


@pytest.mark.parametrize(
    ("key", "plain", "sealed"),
    [
        (
            "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
            (
                "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
            ),
            (
                "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"
                "b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7"
            ),
        ),
    ],
    ids=["F.1.5"],
)
def test_tags_are_single_blocks_of_nist_sp_800_38a(key: str, plain: str, sealed: str) -> None:
    """NIST SP 800-38A F.1.5 and F.1.6: four blocks under AES-256, each by itself, and back."""
    assert INTL.encipher_tags(h(key), h(plain)) == h(sealed)
    assert INTL.decipher_tags(h(key), h(sealed)) == h(plain)


def test_the_blinding_is_hkdf_of_rfc_5869() -> None:
    """RFC 5869: extract with the event as salt, expand one block under our label, as pyca/cryptography does it."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    pepper, event = bytes(range(32)), bytes(range(16))
    other = HKDF(algorithm=SHA256(), length=32, salt=event, info=b"shouxin/blinding/v1").derive(pepper)
    assert blinding(pepper, event) == other
