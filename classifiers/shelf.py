"""An index in a file: written whole or not at all, read without running anything in it, refused when stale or broken.

The file holds the words of the reports that the index held. Who removes a report saves again, or deletes the file.
"""

import hashlib
import io
import json
import os
import tempfile
import zipfile
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.grouping import Index

FORMAT = 1

_READING = ("lexicon.py", "text.py", "thesaurus.py", "terms.py")
_UNREADABLE = (OSError, EOFError, KeyError, ValueError, TypeError, AttributeError, IndexError, zipfile.BadZipFile)


def save(index: Index, path: Path, revision: int) -> None:
    """Keep an index; `revision` is the caller's own mark of how far it has read. OSError if it cannot be written."""
    arrays, weighed = index.packed()
    manifest = {
        "format": FORMAT,
        "reading": _reading(),
        "space": index.space.fingerprint(),
        "weighed": weighed,
        "revision": revision,
        "arrays": _digest(arrays),
    }
    written = np.frombuffer(json.dumps(manifest).encode(), dtype=np.uint8)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, suffix=".part", delete=False) as part:
        try:
            np.savez(part, manifest=written, **arrays)  # type: ignore[arg-type] # an array might be named allow_pickle; none is
            part.flush()
            os.fsync(part.fileno())
            os.replace(part.name, path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def load(path: Path, index: Index) -> int:
    """Fill an empty index with what was kept, and give back the revision; ValueError says why that cannot be.

    It cannot when the file is broken or was changed, or when texts are read or weighed otherwise now.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        manifest = json.loads(arrays.pop("manifest").tobytes())
        ours = manifest["format"] == FORMAT and manifest["reading"] == _reading()
        current = manifest["space"] == index.space.fingerprint()
        whole = manifest["arrays"] == _digest(arrays)
        weighed, revision = int(manifest["weighed"]), int(manifest["revision"])
    except _UNREADABLE as error:
        raise ValueError(f"{path} is not a whole index file: {error!r}.") from error
    if not whole:
        raise ValueError(f"{path} was changed after it was written.")
    if not ours:
        raise ValueError(f"{path} was written by another version of grouping.")
    if not current:
        raise ValueError(f"{path} was written when words weighed otherwise.")
    index.unpack(arrays, weighed)
    return revision


def _digest(arrays: dict[str, Any]) -> str:
    digest = hashlib.sha256()
    for name, values in sorted(arrays.items()):
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def _reading() -> str:
    """What turned texts into terms."""
    sources = resources.files("classifiers")
    return hashlib.sha256(b"".join(sources.joinpath(name).read_bytes() for name in _READING)).hexdigest()
