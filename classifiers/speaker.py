"""Which report speaks for its cluster: the one that is most like all the others."""

from __future__ import annotations

from collections.abc import Sequence

from classifiers import grouping

#: Another report takes over only when it is this much more like the others: a name that changes is no name.
CLEARLY = 0.05

#: Newest reports that are compared; what more would say, they say.
COMPARED = 30


def choose(reports: Sequence[tuple[int, str]], space: grouping.Space, current: int | None) -> int | None:
    """The key of the report that speaks for these, (key, words) in the order they came. None: there is none.

    `current`, who speaks now, goes on while nobody is clearly better.
    """
    words = {key: said for key, said in reports if said.strip()}
    compared = dict(list(words.items())[-COMPARED:])
    if current in words:
        compared[current] = words[current]
    if len(compared) < 2:
        return next(iter(compared), None)
    alone = grouping.Index(space)
    for key, said in compared.items():
        alone.put(key, key, said)
    means = {
        key: sum(each.score for each in alone.candidates(said, len(compared), exclude=frozenset({key})))
        / (len(compared) - 1)
        for key, said in compared.items()
    }
    best = max(means, key=lambda key: (means[key], -key))
    return best if current not in means or means[best] > means[current] + CLEARLY else current
