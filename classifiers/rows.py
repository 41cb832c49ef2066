"""Which row an index keeps a report in, and which rows make a cluster; a few bytes a report."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator

_NONE, _GONE = -1, -2


class Rows:
    """Keys and clusters by row. Most keys come in ascending order, so that they are found by halving."""

    def __init__(self) -> None:
        """No rows yet."""
        self._keys: array[int] = array("q")  # by row, never less than the row before
        self._cluster: array[int] = array("q")  # by row
        self._before: array[int] = array("i")  # by row: the member of its cluster that was put before it
        self._newest: dict[int, int] = {}  # cluster -> row
        self._late: dict[int, int] = {}  # key -> row, of those that came after a greater key
        self._key_of_late: dict[int, int] = {}

    def __iter__(self) -> Iterator[int]:
        """The rows that hold a report, in the order they came."""
        return (row for row, before in enumerate(self._before) if before != _GONE)

    def of(self, key: int) -> int | None:
        """The row of a key."""
        row = self._late.get(key)
        if row is None:
            row = bisect_left(self._keys, key)
            if row == len(self._keys) or self._keys[row] != key or self._before[row] == _GONE:
                return None
        return row

    def key(self, row: int) -> int:
        """The key of a row."""
        return self._key_of_late.get(row, self._keys[row])

    def cluster(self, row: int) -> int:
        """The cluster of a row."""
        return self._cluster[row]

    def members(self, cluster: int, most: int, without: Collection[int] = ()) -> list[int]:
        """The rows of a cluster, those put last first; none if there is no such cluster."""
        members: list[int] = []
        row = self._newest.get(cluster, _NONE)
        while row != _NONE and len(members) < most:
            if row not in without:
                members.append(row)
            row = self._before[row]
        return members

    def place(self, row: int, key: int, cluster: int) -> None:
        """Put a key in the next new row, or in one that was unlinked; it is now the newest of its cluster."""
        if row == len(self._keys):
            if self._keys and key <= self._keys[-1]:
                self._late[key], self._key_of_late[row] = row, key
            self._keys.append(max(key, self._keys[-1]) if self._keys else key)
            self._cluster.append(cluster)
            self._before.append(_NONE)
        self._cluster[row], self._before[row] = cluster, self._newest.get(cluster, _NONE)
        self._newest[cluster] = row

    def remove(self, row: int) -> None:
        """Forget a row for good."""
        self.unlink(row)
        self._late.pop(self._key_of_late.pop(row, self._keys[row]), None)
        self._before[row] = _GONE

    def unlink(self, row: int) -> None:
        """Take a row out of its cluster."""
        cluster, newer = self._cluster[row], self._newest[self._cluster[row]]
        if newer != row:
            while self._before[newer] != row:
                newer = self._before[newer]
            self._before[newer] = self._before[row]
        elif self._before[row] != _NONE:
            self._newest[cluster] = self._before[row]
        else:
            del self._newest[cluster]
