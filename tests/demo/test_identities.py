from __future__ import annotations

import re
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.demo.identities import AS_OF, CAPACITY, FabricatedIdentity, Fabricator, is_fabricated
from shouxin.demo.words import PLACES, RELATIONS, SURNAMES, Sex
from shouxin.detection.checksums import id_number_is_valid, luhn_is_valid
from shouxin.errors import Invalid

PROVINCES = {code for code, *_ in PLACES}
seeds = st.integers(-(2**63), 2**63 - 1)
people = st.integers(0, CAPACITY - 1)


def _numbers(person: FabricatedIdentity) -> list[str]:
    return [person.mobile, *(contact.mobile for contact in person.emergency), *(person.address_book or ())]


def _full_years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@given(seeds, people)
def test_every_number_is_well_formed(seed: int, i: int) -> None:
    """ID number, card, mobiles and e-mail of any person have the shape and check digit of real ones."""
    person = Fabricator(seed).identity(i)
    assert id_number_is_valid(person.id_number)
    assert luhn_is_valid(person.card_number)
    assert re.fullmatch(r"62[0-9]{17}", person.card_number)
    assert all(re.fullmatch(r"1[3-9][0-9]{9}", number) for number in _numbers(person))
    assert re.fullmatch(r"[a-z]+[0-9]{6}@(example\.(com|net|org)|[a-z]+\.test)", person.email)


@given(seeds, people)
def test_no_living_person_has_these_numbers(seed: int, i: int) -> None:
    """Every ID number names a real province and its prefecture 99, which was never assigned; every mobile is in 154."""
    person = Fabricator(seed).identity(i)
    assert person.id_number[:2] in PROVINCES
    assert person.id_number[2:4] == "99"
    assert person.id_number[4:6] != "00"
    assert is_fabricated(person.id_number)
    assert all(number.startswith("154") for number in _numbers(person))
    assert person.card_number.startswith("620000")


def test_a_real_looking_number_is_not_taken_for_a_fabricated_one() -> None:
    """The examples of the standard, and text of another length, are not marked as fabricated."""
    assert not is_fabricated("11010519491231002X")
    assert not is_fabricated("1199")


@given(seeds, people, st.integers(0, 120), st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_age_and_birth_date_agree(seed: int, i: int, age: int, as_of: date) -> None:
    """A person of a given age is exactly so many full years old on the day of reference, and the ID number says so."""
    person = Fabricator(seed, as_of).identity(i, age=age)
    assert _full_years(date.fromisoformat(person.birth_date), as_of) == age
    assert person.id_number[6:14] == person.birth_date.replace("-", "")


@given(people)
def test_drawn_applicants_are_adults(i: int) -> None:
    """Without a given age a person is 20 to 59."""
    assert 20 <= _full_years(date.fromisoformat(Fabricator(1).identity(i).birth_date), AS_OF) < 60


@given(seeds, people, st.sampled_from(["female", "male"]))
def test_the_id_number_agrees_with_the_sex(seed: int, i: int, sex: Sex) -> None:
    """The 17th digit is odd for men and even for women."""
    person = Fabricator(seed).identity(i, sex=sex)
    assert person.sex == sex
    assert int(person.id_number[16]) % 2 == (sex == "male")


@given(seeds, people)
def test_an_address_is_of_one_place(seed: int, i: int) -> None:
    """Province, city and district of an address belong together, and to the province of the ID number."""
    person = Fabricator(seed).identity(i)
    _, province, city, districts = next(place for place in PLACES if place[0] == person.id_number[:2])
    assert person.address.startswith(tuple(province + city + district for district in districts))
    assert re.search(r"[路街巷道][0-9]+号[0-9]+栋[0-9]{3,4}室$", person.address)


@given(seeds, people, st.integers(0, 120), st.integers(0, 120))
def test_a_person_follows_from_seed_and_number(seed: int, i: int, age: int, other: int) -> None:
    """Two makers with one seed agree, whatever was asked before; another age changes only what depends on it."""
    used = Fabricator(seed)
    one = used.identity(i, age=age)
    two = used.identity(i, age=other)
    assert one == Fabricator(seed).identity(i, age=age)
    assert (one.name, one.mobile, one.card_number, one.address, one.emergency, one.address_book) == (
        two.name,
        two.mobile,
        two.card_number,
        two.address,
        two.emergency,
        two.address_book,
    )


def test_a_seed_never_changes_its_people() -> None:
    """Person 0 of seed 1 is the same on every machine and in every version."""
    person = Fabricator(1).identity(0, age=30, sex="female")
    assert (person.name, person.id_number, person.mobile) == ("邱妹", "429905199504152162", "15439764953")


def test_seeds_differ() -> None:
    """Another seed gives other people."""
    assert Fabricator(1).identity(0).id_number != Fabricator(2).identity(0).id_number


@pytest.fixture(scope="module")
def crowd() -> list[FabricatedIdentity]:
    """The first 30,000 people of a seed: as many as the larger loan set has."""
    fabricator = Fabricator(3)
    return [fabricator.identity(i) for i in range(30_000)]


@pytest.mark.slow
def test_numbers_are_never_shared_by_accident(crowd: list[FabricatedIdentity]) -> None:
    """ID numbers, cards, e-mails and mobiles, contacts' included, are distinct over 30,000 people."""
    own = [number for person in crowd for number in _numbers(person)[:3]]
    assert len(set(own)) == len(own)
    for field in ("id_number", "card_number", "email"):
        assert len({getattr(person, field) for person in crowd}) == len(crowd)


@pytest.mark.slow
def test_address_books_overlap(crowd: list[FabricatedIdentity]) -> None:
    """About 60% give an address book; it holds their contacts, other applicants, and people of others' books."""
    books = [(person, set(person.address_book)) for person in crowd if person.address_book is not None]
    applicants = {person.mobile for person in crowd}
    assert 0.58 < len(books) / len(crowd) < 0.62
    for person, book in books[:1000]:
        contacts = {contact.mobile for contact in person.emergency}
        assert contacts < book
        assert person.mobile not in book
        assert 3 <= len(book & applicants) <= 6
        assert 6 <= len(book - applicants - contacts) <= 12
    seen = [number for _, book in books for number in book - applicants]
    assert len(set(seen)) < 0.6 * len(seen)


@given(seeds, people)
def test_contacts_are_two_people(seed: int, i: int) -> None:
    """The contacts stand in known relations; a father, brother or sister has the applicant's surname."""
    person = Fabricator(seed).identity(i)
    first, second = person.emergency
    assert first.mobile != second.mobile
    for contact in person.emergency:
        shares = {shares for relation, shares, _ in RELATIONS if relation == contact.relation}
        assert shares
        if shares == {True}:
            surname = max((s for s, _ in SURNAMES if person.name.startswith(s)), key=len)
            assert contact.name.startswith(surname)
    assert {first.relation, second.relation} & {"同事", "朋友"} or first.relation != second.relation


@pytest.mark.parametrize(("i", "age", "place"), [(-1, 30, "i"), (CAPACITY, 30, "i"), (0, -1, "age"), (0, 121, "age")])
def test_out_of_range_is_refused(i: int, age: int, place: str) -> None:
    """A number or an age outside the documented range is refused and named."""
    with pytest.raises(Invalid) as caught:
        Fabricator(1).identity(i, age=age)
    assert caught.value.place == place


@pytest.mark.slow
def test_fabrication_is_fast_enough_for_load_tests() -> None:
    """5,000 people take well under a second (25,000 to 30,000 a second were measured on two busy cores)."""
    fabricator = Fabricator(5)
    start = time.perf_counter()
    for i in range(5_000):
        fabricator.identity(i)
    assert time.perf_counter() - start < 1.5
