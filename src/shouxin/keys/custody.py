"""Custody: the opened upper levels of the hierarchy, and everything that is done to one person's chain.

::

    root provider ── wraps ── epoch key ── wraps ── subject key ── wraps ── links
                                       └── wraps ── service keys (index, authority MAC, log signing, …)

``Custody`` keeps epoch keys and service keys of this process in memory; subject keys and link keys live as long as
the value that holds them. It computes rows; the caller writes them to the keyring, so that nothing here does I/O on
its own except to learn which epochs there are. Python cannot wipe memory: the threat model says so.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.errors import Misconfigured, Tampered
from shouxin.keys.chain import SEAL, Chain, Link, LinkKind, decode, encode, sealed_text
from shouxin.keys.epoch import LEAVING, EpochStep
from shouxin.keys.keyring import EpochRow, Keyring, ServiceKey
from shouxin.keys.root import EpochNumber, RootProvider
from shouxin.keys.suite import Suite

__all__ = ["SERVICE_NAMES", "Custody", "OpenChain", "Wanted", "seal_chain"]

# A link to be made: kind, identifier, and for an edge the person named.
Wanted = tuple[LinkKind, bytes, SubjectId | None]

# What the institution itself needs keys for. ``index.cipher`` is new in every epoch, so that an old copy of the index
# answers nothing; the others are carried over, wrapped anew.
SERVICE_NAMES: Final = (
    "authority.mac",
    "index.cipher",
    "index.prf",
    "journal.mac",
    "log.signing",
    "second-factor.wrap",
    "sign-in.mac",
    "source.secrets",
)
RENEWED: Final = frozenset({"index.cipher"})


def seal_chain(suite: Suite, key: bytes, chain: Chain, links: Iterable[Link]) -> Chain:
    """Return ``chain`` with ``links`` in place of its own, sealed with the subject key ``key``."""
    row = encode(links)
    seal = suite.prf(key, sealed_text(chain.subject, chain.generation, row))
    return Chain(chain.subject, chain.generation, chain.epoch, chain.wrapped, seal + row)


class OpenChain:
    """One person's chain with its subject key open. Hold it for one operation, not longer."""

    __slots__ = ("_key", "_links", "_suite", "chain")

    def __init__(self, suite: Suite, chain: Chain, key: bytes) -> None:
        self.chain = chain
        self._suite = suite
        self._key = key
        if not hmac.compare_digest(
            suite.prf(key, sealed_text(chain.subject, chain.generation, chain.links[SEAL:])), chain.links[:SEAL]
        ):
            raise Tampered("a key chain is not what was written for this person")
        self._links = {link.identifier: link for link in decode(chain.links[SEAL:])}

    @property
    def links(self) -> Collection[Link]:
        """All links, in the order in which they were added."""
        return self._links.values()

    def place(self, identifier: bytes) -> int:
        """Return how many links were added before that of ``identifier``; as sealed, so nobody can change the order."""
        return list(self._links).index(identifier)

    def holds(self, identifier: bytes) -> bool:
        """Say whether this chain has a key for ``identifier``."""
        return identifier in self._links

    def key(self, identifier: bytes) -> bytes:
        """Return the key of a cell, object or pepper.

        Raises:
            Tampered: the chain has no such key (it was destroyed, or the row that asks is forged), or it does not
                unwrap.
        """
        link = self._links.get(identifier)
        if link is None:
            raise Tampered(f"no key for {identifier.hex()}: it was destroyed, or it never belonged to this person")
        return self._suite.unwrap(self._key, link.wrapped)

    def pepper(self) -> tuple[bytes, bytes] | None:
        """Return (identifier, pepper), or nothing once accountability has ended."""
        for link in self._links.values():
            if link.kind is LinkKind.PEPPER:
                return link.identifier, self._suite.unwrap(self._key, link.wrapped)
        return None

    def edge_key(self, identifier: bytes, named: OpenChain) -> bytes:
        """Return the key of an edge: this chain is the namer's, ``named`` the other's; both are needed."""
        return self._suite.unwrap(named._key, self.key(identifier))

    def wrap(self, kind: LinkKind, identifier: bytes, key: bytes) -> Link:
        """Return a link that holds ``key`` for this person."""
        return Link(kind, identifier, self._suite.wrap(self._key, key))

    def wrap_edge(self, identifier: bytes, key: bytes, named: OpenChain) -> Link:
        """Return an edge's link for this chain (the namer's): wrapped for ``named`` first, then for the namer."""
        return self.wrap(LinkKind.EDGE, identifier, named.wrap_for(key))

    def wrap_for(self, key: bytes) -> bytes:
        """Return an edge's key wrapped for this person as the one who is named; the namer's chain wraps it again."""
        return self._suite.wrap(self._key, key)

    def with_links(self, added: Iterable[Link]) -> Chain:
        """Return the row with ``added`` links; the subject key stays."""
        return self._sealed([*self._links.values(), *added])

    def with_successors(self, links: Mapping[CellId, Link]) -> Chain:
        """Return the row with each of ``links`` right behind the link of the cell that it is to succeed.

        So a value that is sealed anew is as old or new as it was; the subject key stays.
        """
        pairs = ((one, links.get(CellId(one.identifier))) for one in self._links.values())
        return self._sealed(link for pair in pairs for link in pair if link is not None)

    def replacing(self, link: Link) -> Chain:
        """Return the row with the link of the same identifier replaced by ``link``; the subject key stays."""
        return self._sealed(link if one.identifier == link.identifier else one for one in self._links.values())

    def without(self, identifiers: Collection[bytes]) -> Chain:
        """Return the row without the links of ``identifiers``; the subject key stays, so old copies still open them."""
        return self._sealed(one for one in self._links.values() if one.identifier not in identifiers)

    def _sealed(self, links: Iterable[Link]) -> Chain:
        return seal_chain(self._suite, self._key, self.chain, links)


class Custody:
    """The opened epoch and service keys of one process; see the module."""

    def __init__(self, suite: Suite, provider: RootProvider, keyring: Keyring) -> None:
        self.suite = suite
        self.provider = provider
        self.keyring = keyring
        self._epoch_keys: dict[EpochNumber, bytes] = {}
        self._services: dict[tuple[EpochNumber, str], bytes] = {}
        self.current = EpochNumber(0)

    def refresh(self) -> EpochNumber:
        """Learn which epochs there are now, open those that are new, forget those that are gone.

        Raises:
            RootKeyUnavailable, Tampered: the root key is missing, or is not the one that wrapped the epoch key.
            Misconfigured: the keyring has no epoch: this is not a workspace.
        """
        rows = self.keyring.epochs()
        if not rows:
            raise Misconfigured("the keyring has no epoch")
        if EpochStep(rows[-1].step) in LEAVING:
            # An advance was stopped between destroying the old root key and deleting the row that it wrapped.
            rows = [row for row in rows[:-1] if self.provider.exists(row.epoch)] + rows[-1:]
        # A closed old epoch may stand beside the current one while it is being left; both must open for readers.
        keys = {row.epoch: self._epoch_keys.get(row.epoch) or self._open(row) for row in rows}
        services = {
            (row.epoch, service.name): self.suite.unwrap(keys[row.epoch], service.wrapped)
            for row in rows
            for service in self.keyring.service_keys(row.epoch)
        }
        # Other threads read these meanwhile: what the current epoch needs is there before it becomes current.
        self._services = {**self._services, **services}
        self._epoch_keys = keys
        self.current = rows[-1].epoch
        self._services = services
        return self.current

    def _open(self, row: EpochRow) -> bytes:
        return self.provider.unwrap(row.epoch, row.wrapped)

    @property
    def epochs(self) -> list[EpochNumber]:
        """The epochs that are open in this process, oldest first."""
        return sorted(self._epoch_keys)

    def service(self, name: str, epoch: EpochNumber | None = None) -> bytes:
        """Return the institution's key ``name`` (of the current epoch unless another is named)."""
        if not self._epoch_keys or (epoch is not None and epoch not in self._epoch_keys):
            self.refresh()
        key = self._services.get((epoch or self.current, name))
        if key is None:
            raise Tampered(f"the institution's key {name} is missing from the keyring")
        return key

    def first_epoch(self) -> tuple[EpochRow, list[ServiceKey]]:
        """Make root key and epoch key number 1 and fresh service keys; the caller writes the rows."""
        return self._rows(
            EpochNumber(1), dict(zip(SERVICE_NAMES, self.suite.new_keys(len(SERVICE_NAMES)), strict=True))
        )

    def lacking_services(self) -> list[ServiceKey]:
        """Make the institution's keys that an older version did not have; the caller adds them to the current epoch.

        ``index.cipher`` is never among them: without it no generation of the index could be read.
        """
        epoch = self.refresh()
        held = {service.name for service in self.keyring.service_keys(epoch)}
        lacking = [name for name in SERVICE_NAMES if name not in held | RENEWED]
        key = self._epoch_key(epoch)
        return [ServiceKey(name, epoch, self.suite.wrap(key, self.suite.new_key())) for name in lacking]

    def next_epoch(self) -> tuple[EpochRow, list[ServiceKey]]:
        """Make the next root and epoch key and the service keys under it; the caller writes the rows."""
        kept = {name: self.service(name) for name in SERVICE_NAMES if name not in RENEWED}
        fresh = {name: self.suite.new_key() for name in RENEWED}
        return self._rows(EpochNumber(self.current + 1), kept | fresh)

    def _rows(self, epoch: EpochNumber, services: dict[str, bytes]) -> tuple[EpochRow, list[ServiceKey]]:
        self.provider.create(epoch)
        key = self.suite.new_key()
        row = EpochRow(epoch, self.provider.wrap(epoch, key), "opened")
        return row, [ServiceKey(name, epoch, self.suite.wrap(key, value)) for name, value in sorted(services.items())]

    def _epoch_key(self, epoch: EpochNumber) -> bytes:
        if epoch not in self._epoch_keys:
            self.refresh()
        key = self._epoch_keys.get(epoch)
        if key is None:
            raise Tampered(f"a key chain names epoch {epoch}, whose key is gone: it is a copy from before an advance")
        return key

    def open(self, chain: Chain) -> OpenChain:
        """Open one person's chain."""
        return OpenChain(self.suite, chain, self.suite.unwrap(self._epoch_key(chain.epoch), chain.wrapped))

    def checks(self, chain: Chain) -> bool:
        """Return true for a chain whose subject key opens and whose seal holds.

        Raises:
            Tampered: it does not.
        """
        key = self.suite.unwrap(self._epoch_key(chain.epoch), chain.wrapped)
        if not hmac.compare_digest(
            self.suite.prf(key, sealed_text(chain.subject, chain.generation, chain.links[SEAL:])), chain.links[:SEAL]
        ):
            raise Tampered("a key chain is not what was written for this person")
        return True

    def mint(self, subject: SubjectId) -> OpenChain:
        """Return a new, empty chain (generation 1) under the current epoch; not yet written."""
        bare, key = self._fresh(subject, 1)
        return OpenChain(self.suite, seal_chain(self.suite, key, bare, ()), key)

    def mint_with(
        self,
        subjects: Sequence[SubjectId],
        wanted: Sequence[Sequence[Wanted]],
        known: Mapping[SubjectId, OpenChain] = MappingProxyType({}),
    ) -> list[tuple[Chain, list[bytes]]]:
        """Make chains with links in bulk: for each subject its row and the keys of its links, in order.

        An edge may name any subject of the same call, or somebody ``known``. One call to the random generator and one
        loop: this is the path of a million records.
        """
        if not self._epoch_keys:
            self.refresh()
        epoch, wrap = self.current, self.suite.wrap
        epoch_key = self._epoch_keys[epoch]
        subject_keys = dict(zip(subjects, self.suite.new_keys(len(subjects)), strict=True))
        keys = iter(self.suite.new_keys(sum(map(len, wanted))))
        made: list[tuple[Chain, list[bytes]]] = []
        for subject, links in zip(subjects, wanted, strict=True):
            subject_key = subject_keys[subject]
            own: list[bytes] = []
            row: list[Link] = []
            for kind, identifier, named in links:
                key = next(keys)
                own.append(key)
                inner = key
                if named is not None:
                    inner = known[named].wrap_for(key) if named in known else wrap(subject_keys[named], key)
                row.append(Link(kind, identifier, wrap(subject_key, inner)))
            bare = Chain(subject, 1, epoch, wrap(epoch_key, subject_key), b"")
            made.append((seal_chain(self.suite, subject_key, bare, row), own))
        return made

    def _fresh(self, subject: SubjectId, generation: int) -> tuple[Chain, bytes]:
        """Return a row without links, not sealed yet, and its subject key."""
        if not self._epoch_keys:
            self.refresh()
        key = self.suite.new_key()
        wrapped = self.suite.wrap(self._epoch_keys[self.current], key)
        return Chain(subject, generation, self.current, wrapped, b""), key

    def rekey(self, opened: OpenChain, keep: Collection[bytes]) -> Chain:
        """Return a row with a fresh subject key that wraps only the links named in ``keep`` (law 2).

        Writing it over the old row destroys the old subject key and with it every link left out. Edges on which this
        person is the *namer* survive as they are inside; those on which they are the *named* must be wrapped anew by
        the caller (``operations.erasing.erase``), because the namer's chain holds them.
        """
        bare, key = self._fresh(opened.chain.subject, opened.chain.generation + 1)
        links = (link for link in opened.links if link.identifier in keep)
        kept = [Link(link.kind, link.identifier, self.suite.wrap(key, opened.key(link.identifier))) for link in links]
        return seal_chain(self.suite, key, bare, kept)

    def rewrapped(self, epoch: EpochNumber, wrapped: Iterable[bytes]) -> list[bytes]:
        """Return subject keys that are wrapped under ``epoch`` wrapped under the current one."""
        wrap, unwrap, source, target = self.suite.wrap, self.suite.unwrap, self._epoch_key(epoch), self.current
        key = self._epoch_key(target)
        return [wrap(key, unwrap(source, one)) for one in wrapped]
