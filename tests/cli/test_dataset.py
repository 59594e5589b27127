"""``shouxin dataset`` from the command line: check, preview, import-fides."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.cli.shell import run
from tests.connectors.downstream.lender import TEXT, Person, Portfolio, build, contents
from tests.databases import Fresh
from tests.operations.downstream.test_fides import YAML


@pytest.fixture
def core(tmp_path: Path, sqlite: Fresh) -> tuple[Path, str, Portfolio]:
    """A description in a file, the address of its database, and who is in it."""
    (tmp_path / "core.toml").write_text(TEXT, "utf-8")
    made = Portfolio(4, random.Random(1))
    address = sqlite()
    build(address, made)
    return tmp_path / "core.toml", address, made


def test_check_holds_a_description_against_the_database(core: tuple[Path, str, Portfolio]) -> None:
    """Without a difference it is good; a column that nobody described blocks, and is named."""
    file, address, _ = core
    good = run("dataset", "check", file, "--dsn", address, "--json")
    assert good.code == 0
    assert {one["code"] for one in good.data["findings"]} == {"soft-reference"}
    file.write_text(TEXT.replace('line = { item = "contact.address" }\n', ""), "utf-8")
    bad = run("dataset", "check", file, "--dsn", "$CORE", "--json", CORE=address)
    assert bad.code == 1
    assert {"column-not-described"} == {one["code"] for one in bad.data["findings"] if one["blocks"]}
    assert "line" in run("dataset", "check", file, "--dsn", address).out
    alone = run("dataset", "check", file, "--json")
    assert (alone.code, alone.data["findings"]) == (0, [])


def test_preview_counts_and_changes_nothing(core: tuple[Path, str, Portfolio]) -> None:
    """Who is meant comes from a file or standard input; no value of theirs is printed."""
    file, address, made = core
    who: Person = next(one for one in made.people if not made.shared(one.mobile))
    given = f'id_number = ["{who.id_number}"]'
    ran = run("dataset", "preview", file, "--dsn", address, "--identities", "-", "--json", given=given)
    assert ran.code == 0
    assert ran.data["outcome"] == "erased"
    assert {"customer", "marketing"} <= {one["table"] for one in ran.data["parts"] if one["rows"]}
    told = run("dataset", "preview", file, "--dsn", address, "--identities", "-", given=given)
    assert "nothing was changed" in told.out
    for text in (who.id_number, who.customer_no, who.mobile, who.name):
        assert text not in told.out + ran.out + told.err + ran.err
    import sqlalchemy as sa

    engine = sa.create_engine(address, poolclass=sa.NullPool)
    assert contents(engine) == made.contents()


@pytest.mark.parametrize("given", ["", "nobody = ['x']", "id_number = [7]", "id_number ="])
def test_preview_refuses_what_names_nobody(core: tuple[Path, str, Portfolio], given: str) -> None:
    """An unknown kind, a number, no TOML: said, with the kinds that there are."""
    file, address, _ = core
    ran = run("dataset", "preview", file, "--dsn", address, "--identities", "-", "--json", given=given)
    assert (ran.code, ran.data["error"]) == (1, "invalid")


def test_a_password_is_no_argument(core: tuple[Path, str, Portfolio]) -> None:
    """An address with a password on the command line is refused, and not repeated."""
    file, _, _ = core
    ran = run("dataset", "check", file, "--dsn", "postgresql://me:sesame@127.0.0.1/core")
    assert ran.code == 1
    assert "sesame" not in ran.out + ran.err


def test_import_fides_writes_what_check_reads(tmp_path: Path) -> None:
    """The description is written once, never over another; what must be looked at is listed."""
    (tmp_path / "fides.yml").write_text(YAML, "utf-8")
    out = tmp_path / "made.toml"
    ran = run("dataset", "import-fides", tmp_path / "fides.yml", "--out", out, "--json")
    assert ran.code == 0
    assert "customer.mood" in {one["place"] for one in ran.data["unmapped"]}
    assert ran.data["undecided"] == ["orders.customer_id"]
    undecided = run("dataset", "check", out)
    assert undecided.code != 0
    assert "orders.customer_id" in undecided.err
    said = out.read_text("utf-8").replace('"customer.id"', '"customer.id", of = "person"')
    out.write_text(said, "utf-8")
    assert run("dataset", "check", out, "--json").data["dataset"] == "loan_db"
    assert run("dataset", "import-fides", tmp_path / "fides.yml", "--out", out).code == 1
