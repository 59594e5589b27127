"""Calls that one commit serves together, in an order that is known."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from shouxin.storage.data_store import SqlDataStore
from shouxin.vault.records import Records

__all__ = ["at_once"]


def at_once(store: SqlDataStore, calls: Sequence[Callable[[], object]]) -> list[object]:
    """Make ``calls``, each in a thread of its own, be committed together; return results or errors in order."""
    entered, release = threading.Event(), threading.Event()
    outcomes: list[object] = [None] * len(calls)

    def hold(_records: Records) -> None:
        entered.set()
        release.wait()

    def run(at: int) -> None:
        try:
            outcomes[at] = calls[at]()
        except BaseException as error:  # every outcome is looked at
            outcomes[at] = error

    threads = [threading.Thread(target=store.transact, args=(hold,))]
    threads[0].start()
    entered.wait()
    for at in range(len(calls)):
        threads.append(threading.Thread(target=run, args=(at,)))
        threads[-1].start()
        while store._crew.waiting() <= at:  # one after the other, so that their order is known
            pass
    release.set()
    for thread in threads:
        thread.join()
    return outcomes
