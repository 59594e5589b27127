"""What people may ask, as one table: by which articles, within which time, who answers, and how sure one must be.

Laws of this file. Articles and deadlines are names of rules of the law pack, and nothing else: a test holds them
against the pack, so that no deadline is invented here. How sure one must be of who asks stands in no law but for a
transfer (网络数据安全管理条例 25(1)(1)); the levels below are this product's, in proportion to what a wrong answer
would do to the person (23: no unreasonable conditions).

**Source:** PIPL 24, 44-50; 征信业管理条例 25, 26; 网络数据安全管理条例 20, 23, 25.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from shouxin.errors import Invalid

__all__ = ["KINDS", "Assurance", "Capacity", "KindOfRight", "RightKind", "kind_of", "shown_for"]


class RightKind(StrEnum):
    """What is asked."""

    KNOW = "know"
    ACCESS = "access"
    COPY = "copy"
    PORT = "port"
    CORRECT = "correct"
    SUPPLEMENT = "supplement"
    DELETE = "delete"
    RESTRICT = "restrict"
    REFUSE_AUTOMATION = "refuse-automation"
    EXPLAIN = "explain"
    CLOSE_ACCOUNT = "close-account"
    OBJECT_CREDIT = "object-credit"
    COMPLAIN = "complain"
    REPORT_LEAK = "report-leak"


class Assurance(IntEnum):
    """How sure one is of who asks, as its number.

    ``NONE``: whoever it is may ask. ``SAID``: they said who they are. ``MATCHED``: what they said is what is kept of
    the person. ``PROVEN``: they showed what only that person has: a document, a sign-in, an electronic signature.
    """

    NONE = 0
    SAID = 1
    MATCHED = 2
    PROVEN = 3


class Capacity(StrEnum):
    """For whom somebody asks: for themselves, as a guardian or agent, as a relative of the dead, or for anybody."""

    SELF = "self"
    GUARDIAN = "guardian"
    AGENT = "agent"
    RELATIVE = "relative"
    ANYBODY = "anybody"


# What must be shown beside who one is, by the capacity in which one asks (PIPL 31, 49).
_SHOWN: Final[dict[Capacity, frozenset[str]]] = {
    Capacity.SELF: frozenset(),
    Capacity.GUARDIAN: frozenset({"guardianship"}),
    Capacity.AGENT: frozenset({"authority-to-act"}),
    Capacity.RELATIVE: frozenset({"death", "kinship", "own-lawful-interest", "no-other-arrangement"}),
    Capacity.ANYBODY: frozenset(),
}
_DESK: Final = ("rights_desk", "dpo")
# The articles of PIPL 49 name these rights of the relatives, with 等; nothing else is read into it here.
_OF_RELATIVES: Final = frozenset(
    {
        RightKind.ACCESS,
        RightKind.COPY,
        RightKind.CORRECT,
        RightKind.SUPPLEMENT,
        RightKind.DELETE,
    }
)
# Both ask for one erasure.
ERASING: Final = frozenset({RightKind.DELETE, RightKind.CLOSE_ACCOUNT})
OF_ANYBODY: Final = frozenset({RightKind.COMPLAIN, RightKind.REPORT_LEAK})


@dataclass(frozen=True, slots=True)
class KindOfRight:
    """One row of the table.

    ``grounds`` are the rules by which it is owed, ``clocks`` those by which it hurries; ``word`` is what the law pack
    calls such a request (empty: no rule speaks of it). ``harder`` is the clock of a complex matter, which takes the
    place of the clock it lengthens. ``assurance`` is what must be reached; ``desks`` who answers, in the order in which
    it escalates.
    """

    kind: RightKind
    word: str
    grounds: tuple[str, ...]
    clocks: tuple[str, ...]
    assurance: Assurance
    desks: tuple[str, ...] = _DESK
    harder: tuple[tuple[str, str], ...] = ()


_INTAKE: Final = ("CN-NDSR-23-INTIME", "CN-GBT35273-ANSWER")
_ACCESS: Final = ("CN-PIPL-45-2-INTIME", "CN-CC-1037-1", *_INTAKE)
_CORRECT: Final = ("CN-PIPL-46-2-INTIME", "CN-CC-1037-1", "CN-APPVIOL-RIGHTS", *_INTAKE)
_COMPLAINT: Final = ("CN-NDSR-20", "CN-CSL-51-1-COMPLAINT", "CN-COMPL-SIMPLE", "CN-APPVIOL-COMPLAINT")
# A report of a leak is how a lender learns of an incident: both clocks run from its receipt, side by side, and the
# four hours run until the authority was told, or whoever looks into it finds that it is of a lesser grade
# (``operations.rights.handle.end_clock``).
_INCIDENT: Final = ("CN-PIPL-57-1-NOTIFY", "CN-INC-4-PROVINCE")
_COMPLEX: Final = (("CN-COMPL-SIMPLE", "CN-COMPL-COMPLEX"),)

_K, _C = RightKind, Assurance
KINDS: Final[dict[RightKind, KindOfRight]] = {
    row.kind: row
    for row in (
        KindOfRight(_K.KNOW, "", ("CN-PIPL-44-DECIDE", "CN-PIPL-48"), _INTAKE, _C.SAID),
        KindOfRight(_K.ACCESS, "access", ("CN-PIPL-45-1-ACCESS",), ("CN-CC-1029", *_ACCESS), _C.PROVEN),
        KindOfRight(_K.COPY, "copy", ("CN-PIPL-45-1-ACCESS",), _ACCESS, _C.PROVEN),
        KindOfRight(_K.PORT, "port", ("CN-PIPL-45-3-PORT", "CN-NDSR-25-1-1-IDENTITY"), _INTAKE, _C.PROVEN),
        KindOfRight(_K.CORRECT, "correct", ("CN-PIPL-46-1-CORRECT",), _CORRECT, _C.MATCHED),
        KindOfRight(_K.SUPPLEMENT, "correct", ("CN-PIPL-46-1-CORRECT",), _CORRECT, _C.MATCHED),
        KindOfRight(
            _K.DELETE,
            "delete",
            ("CN-PIPL-47-1-DELETE",),
            ("CN-CC-1037-2-DELETE", "CN-APPVIOL-RIGHTS", *_INTAKE),
            _C.PROVEN,
        ),
        KindOfRight(_K.RESTRICT, "restrict", ("CN-PIPL-44-DECIDE",), _INTAKE, _C.MATCHED),
        KindOfRight(_K.REFUSE_AUTOMATION, "", ("CN-PIPL-24-3-REFUSE",), _INTAKE, _C.MATCHED),
        KindOfRight(_K.EXPLAIN, "explain", ("CN-PIPL-24-3-EXPLAIN", "CN-PIPL-48"), _INTAKE, _C.MATCHED),
        KindOfRight(
            _K.CLOSE_ACCOUNT,
            "close_account",
            ("CN-NDSR-24-DELETE", "CN-PIPL-47-1-DELETE"),
            ("CN-APPVIOL-RIGHTS", "CN-GBT35273-CLOSURE", *_INTAKE),
            _C.PROVEN,
        ),
        KindOfRight(
            _K.OBJECT_CREDIT,
            "object_credit",
            ("CN-CRR-25-2-MARK", "CN-CRR-25-2-ANSWER"),
            ("CN-CRR-25-2-ANSWER", "CN-CC-1029"),
            _C.MATCHED,
        ),
        KindOfRight(
            _K.COMPLAIN,
            "complain",
            ("CN-NDSR-20", "CN-CSL-51-1-COMPLAINT"),
            _COMPLAINT,
            _C.NONE,
            harder=_COMPLEX,
        ),
        KindOfRight(
            _K.REPORT_LEAK,
            "complain",
            ("CN-NDSR-20", "CN-CSL-51-1-COMPLAINT"),
            (*_INCIDENT, *_COMPLAINT),
            _C.NONE,
            harder=_COMPLEX,
        ),
    )
}


def kind_of(kind: RightKind) -> KindOfRight:
    """Return the row of ``kind``."""
    return KINDS[kind]


def shown_for(kind: RightKind, capacity: Capacity) -> frozenset[str]:
    """Return what must be shown beside who one is, by whoever asks for ``kind`` in ``capacity``.

    Raises:
        Invalid: nobody may ask for this in that capacity.
    """
    if capacity is Capacity.ANYBODY and kind not in OF_ANYBODY:
        raise Invalid("this is asked about one's own data, not about anybody's", "capacity")
    if capacity is Capacity.RELATIVE and kind not in _OF_RELATIVES:
        raise Invalid("the law gives relatives of the dead access, copies, correction and deletion", "capacity")
    return _SHOWN[capacity]
