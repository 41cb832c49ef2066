"""An index in a file, refused when it is stale.

The file holds the words of the reports that the index held. Who removes a report saves again, or deletes the file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from classifiers import kept
from classifiers.grouping import Index

FORMAT = 2


def save(index: Index, path: Path, revision: int) -> None:
    """Keep an index; `revision` is the caller's own mark of how far it has read. OSError if it cannot be written."""
    arrays, weighed = index.packed()
    kept.write(path, arrays, {"weighed": weighed, "revision": revision}, _version(index))


def load(path: Path, index: Index) -> int:
    """Fill an empty index with what was kept, and give back the revision; ValueError says why that cannot be.

    It cannot when the file is broken or was changed, or when texts are read or weighed otherwise now.
    """

    def fill(arrays: kept.Arrays, about: Mapping[str, Any]) -> int:
        index.unpack(arrays, int(about["weighed"]))
        return int(about["revision"])

    return kept.read(path, _version(index), fill)


def _version(index: Index) -> str:
    reading = kept.sources(("lexicon.py", "text.py", "thesaurus.py", "terms.py"))
    return f"index {FORMAT}, {reading}, {index.space.fingerprint()}"
