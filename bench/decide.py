"""Policy decisions with the whole law pack loaded, uncached, against Cedar called bare and Cedar called naively."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle
from statistics import median
from typing import Any

import cedarpy

from bench.figure import at_least, figure
from bench.house import card
from bench.people import ID_NUMBER, MOBILE, NAME, RECORD
from shouxin.policy.card import Form, read_card
from shouxin.policy.decision import Question
from shouxin.policy.engine import Engine
from shouxin.policy.lawpack import LawPack, load_pack

CARDS = 12


def _questions() -> list[Question]:
    """Return what is asked in turn: masked and raw, few items and many, told and untold, permitted and refused."""
    return [
        Question(
            roles=frozenset(roles),
            purpose=f"loan.review{number % CARDS}",
            items=frozenset(items),
            form=Form(form),
            notified=notified,
            frozen=number % 5 == 4,
        )
        for number, (roles, items, form, notified) in enumerate(
            (roles, items, form, notified)
            for roles in (("analyst",), ("collector",))
            for items in ((NAME, ID_NUMBER), (MOBILE,), RECORD)
            for form in ("masked", "raw")
            for notified in (True, False)
        )
    ]


def _rate(work: Callable[[Any], object], over: list[Any], duration: float) -> float:
    source = cycle(over)
    done = 0
    start = time.perf_counter()
    while time.perf_counter() - start < duration:
        for _ in range(50):
            work(next(source))
        done += 50
    return done / (time.perf_counter() - start)


def _bare(pack: LawPack, naive: bool) -> Callable[[dict[str, Any]], object]:
    """Return Cedar alone on the same rules and one permit: policies parsed once, or as text on each call."""
    rules = [rule.when for rule in pack.deciding(datetime.now(UTC).date())]
    text = "\n".join(
        [
            *(f"forbid(principal, action, resource) when {{ {when} }};" for when in rules),
            "permit(principal, action, resource);",
        ]
    )
    policies: Any = text if naive else cedarpy.PolicySet.from_str(text)
    entities: Any = "[]" if naive else cedarpy.Entities.from_json_str("[]")
    return lambda request: cedarpy.is_authorized(request, policies, entities)


def _requests(engine: Engine, questions: list[Question]) -> list[dict[str, Any]]:
    """Return the same questions as Cedar requests, built beforehand: the peer only has to answer."""
    return [
        {
            "principal": 'Account::"actor"',
            "action": 'Action::"disclose"',
            "resource": 'Subject::"subject"',
            "context": json.dumps(engine._context(one, engine.cards.get(one.purpose)), default=list),
        }
        for one in questions
    ]


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; see the module."""
    duration, rounds = (0.5, 2) if quick else (3.0, 7)
    pack = load_pack("cn")
    today = datetime.now(UTC).date()
    cards = [read_card(card(f"loan.review{number}", RECORD, statutory=number % 2 == 0))[0] for number in range(CARDS)]
    engine = Engine(pack, cards, today)
    questions = _questions()
    permits = sum(engine.decide(one).permitted for one in questions)
    requests = _requests(engine, questions)
    ways: dict[str, tuple[Callable[[Any], object], list[Any]]] = {
        "ours": (engine.decide, questions),
        "bare": (_bare(pack, naive=False), requests),
        "naive": (_bare(pack, naive=True), requests),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (work, over) in ways.items():
            took[name].append(_rate(work, over, duration))
    rate = {name: median(found) for name, found in took.items()}
    return {
        "title": "Policy decisions, whole law pack loaded, uncached",
        "figures": [
            figure(
                "policy decision",
                rate["ours"],
                "/s",
                peer=("Cedar alone, same rules parsed once, request ready", rate["bare"]),
                goal=at_least(8_000),
            ),
            figure(
                "policy decision, against the naive way",
                rate["ours"],
                "/s",
                peer=("Cedar with policy text on each call", rate["naive"]),
            ),
        ],
        "notes": [
            (
                f"{len(pack.rules)} rules of pack cn, {len(pack.deciding(today))} of which decide; {CARDS} cards; "
                f"{len(questions)} questions in turn, {permits} permitted. One thread; median of {rounds} rounds of "
                f"{duration:g} s."
            )
        ],
    }
