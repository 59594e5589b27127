"""Our bytes are everybody's bytes: published examples, typed here from the sources named."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shouxin.errors import Tampered
from shouxin.ledger import note
from shouxin.ledger.checkpoint import open_checkpoint, parse_body
from shouxin.ledger.note import KeySigner, SignatureKind, Verifier, parse_verifier
from shouxin.ledger.proof import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from shouxin.ledger.tiles import ENTRIES, Tile, append_tiles, changed_tiles, parse_path, path
from shouxin.ledger.tree import leaf_hash, root_of
from shouxin.ledger.witness import parse_request

# The reference leaves of Certificate Transparency and the roots of their first n: google/certificate-transparency,
# merkletree/merkle_tree_test.cc; repeated in transparency-dev/merkle, testing/.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# transparency-dev/merkle, testdata: inclusion/2 (leaf 5 of 8) and consistency/2 (6 to 8).
INCLUSION_5_OF_8 = [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
CONSISTENCY_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]

# c2sp.org/signed-note, "Example".
SIGNED_NOTE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SIGNED_NOTE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
# c2sp.org/signed-note, at its head.
POEM = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+\
EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""
# c2sp.org/tlog-witness, "add-checkpoint", example request body (its first proof line and first signature).
ADD_CHECKPOINT = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URY\
N7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""
# transparency-dev/tessera, testdata/build_log.sh (public key, entries) and testdata/log/checkpoint.3.
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
TESSERA_ENTRIES = [b"one", b"two", b"three"]
TESSERA_CHECKPOINT = """example.com/log/testdata
3
Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

— example.com/log/testdata M9e0lvAQRtH832pk2RTbeSeZMkp4FZSdJYFBUjO5SKxuRbywPUF3cx+HUrb50kjd3rUWW/fj53Wj1dwcwh9bGQnqVAg=
"""


def _read(level: int, index: int) -> bytes:
    return append_tiles({}, 0, list(map(leaf_hash, LEAVES)))[0][level, index]


@pytest.mark.parametrize("size", range(9))
def test_the_reference_leaves_have_the_reference_roots(size: int) -> None:
    """The first n leaves of the Certificate Transparency reference tree hash to its published roots."""
    assert root_of(list(map(leaf_hash, LEAVES[:size]))).hex() == ROOTS[size]


def test_the_reference_inclusion_proof() -> None:
    """We prove leaf 5 of 8 with the published hashes, and accept them."""
    proof = inclusion_proof(5, 8, _read)
    assert [each.hex() for each in proof] == INCLUSION_5_OF_8
    verify_inclusion(leaf_hash(LEAVES[5]), 5, 8, proof, bytes.fromhex(ROOTS[8]))


def test_the_reference_consistency_proof() -> None:
    """We prove 6 to 8 with the published hashes, and accept them."""
    proof = consistency_proof(6, 8, _read)
    assert [each.hex() for each in proof] == CONSISTENCY_6_TO_8
    verify_consistency(6, 8, bytes.fromhex(ROOTS[6]), bytes.fromhex(ROOTS[8]), proof)


def test_the_signed_note_of_the_specification_verifies() -> None:
    """The example key verifies the example note, and not the note with one letter changed."""
    verifier = parse_verifier(SIGNED_NOTE_KEY)
    assert verifier.vkey == SIGNED_NOTE_KEY
    assert note.verify(SIGNED_NOTE, [verifier]).text == "This is an example message.\n"
    with pytest.raises(Tampered):
        note.verify(SIGNED_NOTE.replace("message", "massage"), [verifier])


def test_the_poem_is_divided_at_its_last_empty_line() -> None:
    """A text with an empty line of its own, and letters beyond ASCII, comes apart and together again."""
    parsed = note.parse(POEM)
    assert parsed.text.endswith("ed è subito sera.\n")
    assert [signature.name for signature in parsed.signatures] == ["quasimodo.example/salvatore"]
    assert str(parsed) == POEM


def test_the_request_of_the_specification_reads() -> None:
    """The example request to a witness comes apart: old size, proof, origin, and the checkpoint that it carries."""
    request = parse_request(ADD_CHECKPOINT)
    assert (request.old_size, len(request.proof), request.origin) == (20852014, 1, "example.com/behind-the-sofa")
    assert parse_body(note.parse(request.signed).text).size == 20852163


def test_a_checkpoint_that_tessera_signed_opens_and_its_root_is_ours() -> None:
    """Another implementation's checkpoint verifies, and its root is that of its entries."""
    opened = open_checkpoint(TESSERA_CHECKPOINT, [parse_verifier(TESSERA_KEY)])
    assert opened.checkpoint.root == root_of(list(map(leaf_hash, TESSERA_ENTRIES)))


def test_ed25519_notes_are_deterministic() -> None:
    """Signing with the key of RFC 8032 section 7.1, test 1, gives the key id and line that any implementation gives."""
    key = Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert key.public_key().public_bytes_raw() == public
    signer = KeySigner(Verifier("rfc8032.example", SignatureKind.ED25519, public), key.sign)
    signed = note.sign("text\n", [signer])
    assert signed == note.sign("text\n", [signer])
    assert note.verify(str(signed), [signer.verifier]).text == "text\n"


@pytest.mark.parametrize(
    ("tile", "text"),
    [
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
        (Tile(0, 0, 1), "tile/0/000.p/1"),
        (Tile(63, 999, 255), "tile/63/999.p/255"),
        (Tile(1, 1000), "tile/1/x001/000"),
        (Tile(ENTRIES, 1_234_067), "tile/entries/x001/x234/067"),
    ],
)
def test_tile_paths_are_those_of_the_specification(tile: Tile, text: str) -> None:
    """c2sp.org/tlog-tiles, "Merkle Tree": the index in groups of three digits, all but the last after an x."""
    assert path(tile) == text
    assert parse_path(text) == tile


@pytest.mark.parametrize(
    ("size", "full", "partial"),
    [
        (70_000, {0: 273, 1: 1}, {Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)}),
        (256, {0: 1}, {Tile(1, 0, 1)}),
    ],
)
def test_a_log_has_the_tiles_of_the_specification(size: int, full: dict[int, int], partial: set[Tile]) -> None:
    """c2sp.org/tlog-tiles, "Partial Tiles": the examples of 70,000 and of 256 leaves."""
    tiles = set(changed_tiles(0, size))
    assert {tile for tile in tiles if tile.width < 256} == partial
    assert tiles - partial == {Tile(level, index) for level, count in full.items() for index in range(count)}
