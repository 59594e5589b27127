from __future__ import annotations

import json
import urllib.request
from urllib.error import HTTPError, URLError

import pytest

from shouxin.demo.identities import Fabricator
from shouxin.demo.neighbours import FORBIDDEN, UNPLANNED, neighbours

PEOPLE = [Fabricator(7).identity(at) for at in range(9)]


def _got(url: str, token: str = "") -> str:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return str(answer.read().decode())


def test_the_partner_lets_nobody_in_without_its_token_and_hands_out_more_than_was_planned() -> None:
    """Pages of five, a cursor until the last, and the two fields that the story drops."""
    with neighbours(PEOPLE[:7], PEOPLE[7:]) as around:
        with pytest.raises(HTTPError, match="401"):
            _got(f"{around.partner}/v1/leads", "guessed")
        first = json.loads(_got(f"{around.partner}/v1/leads", around.token))["data"]
        last = json.loads(_got(f"{around.partner}/v1/leads?cursor={first['next']}", around.token))["data"]
        assert (len(first["items"]), len(last["items"]), last["next"]) == (5, 2, None)
        assert first["items"][0]["wechat"].startswith(UNPLANNED["wechat"])
        assert first["items"][0]["person"]["religion"].startswith(UNPLANNED["person.religion"])


def test_the_register_links_to_what_it_forbids_and_ends_with_the_block() -> None:
    """A crawler that did not ask the robots file would go there; afterwards nothing answers."""
    with neighbours(PEOPLE[:7], PEOPLE[7:]) as around:
        assert FORBIDDEN in _got(f"{around.register}/robots.txt")
        assert f'href="{FORBIDDEN}"' in _got(f"{around.register}/list")
        assert around.asked == ["/robots.txt", "/list"]
    with pytest.raises(URLError):
        _got(f"{around.register}/list")
