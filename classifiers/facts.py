"""What people said about pairs of reports, and all that follows: same as the same is the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable


class Facts:
    """Pairs that are the same problem, and pairs that are not."""

    def __init__(self, same: Iterable[tuple[int, int]], different: Iterable[tuple[int, int]]) -> None:
        """The pairs as people gave them, of any reports; where both were said, apart wins."""
        self.same = tuple(same)
        self._bound = frozenset(key for pair in self.same for key in pair)
        self._head: dict[int, int] = {}
        for one, other in self.same:
            here, there = self._of(one), self._of(other)
            self._head[max(here, there)] = min(here, there)
        self._apart: dict[int, set[int]] = defaultdict(set)
        for one, other in different:
            here, there = self._of(one), self._of(other)
            self._apart[here].add(there)
            self._apart[there].add(here)

    def bound(self, key: int) -> bool:
        """Whether a report was said to be the same as another."""
        return key in self._bound

    def apart(self, some: Iterable[int], others: Iterable[int]) -> bool:
        """Whether a fact keeps any of some reports from any of others."""
        if not self._apart:
            return False
        there = {self._of(key) for key in others}
        return any(not self._apart[here].isdisjoint(there) for key in some if (here := self._of(key)) in self._apart)

    def torn(self, keys: Iterable[int]) -> list[int]:
        """Of the reports of one cluster, those that must leave it so that the eldest stay and all facts are kept."""
        kept: set[int] = set()
        leaving = []
        for key in sorted(keys):
            head = self._of(key)
            if head in kept or self._apart.get(head, set()).isdisjoint(kept):
                kept.add(head)
            else:
                leaving.append(key)
        return leaving

    def _of(self, key: int) -> int:
        """The report that stands for all that are the same."""
        while (head := self._head.get(key, key)) != key:
            key = head
        return key
