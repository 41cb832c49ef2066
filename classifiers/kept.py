"""Arrays in one .npz, and what is to be known of them: written whole or not at all, read without running anything."""

import hashlib
import io
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Made = TypeVar("Made")

# What numpy, zipfile and json raise for files that are cut, empty, of another kind or made by hand.
_UNREADABLE = (
    *(OSError, EOFError, LookupError, ValueError, TypeError, AttributeError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error),
)


def write(path: Path, arrays: Arrays, about: Mapping[str, object], version: str, *, small: bool = False) -> None:
    """Keep arrays and what is to be known `about` them (as JSON). OSError if they cannot be written.

    `version`: of what wrote them; `small`: take longer over it, and less room.
    """
    manifest = {"version": version, "about": about, "arrays": _digest(arrays)}
    written = np.frombuffer(json.dumps(manifest).encode(), dtype=np.uint8)
    put: Callable[..., None] = np.savez_compressed if small else np.savez
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, suffix=".part", delete=False) as part:
        try:
            put(part, manifest=written, **arrays)
            part.flush()
            os.fsync(part.fileno())
            os.replace(part.name, path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def read(path: Path, version: str, make: Callable[[Arrays, Mapping[str, Any]], Made]) -> Made:
    """What `make` makes of the arrays and what is known about them; ValueError says what is wrong with the file."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        manifest = json.loads(arrays.pop("manifest").tobytes())
        ours, whole = manifest.get("version") == version, manifest.get("arrays") == _digest(arrays)
        made = make(arrays, manifest["about"]) if ours and whole else None
    except _UNREADABLE as error:
        raise ValueError(f"{path} is not a whole file: {error!r}.") from error
    if not ours:
        raise ValueError(f"{path} was written by another version.")
    if made is None:
        raise ValueError(f"{path} was changed after it was written.")
    return made


def sources(names: Iterable[str]) -> str:
    """The sha256 of files of this package: what they made is not read any more when they change."""
    here = resources.files("classifiers")
    return hashlib.sha256(b"".join(here.joinpath(name).read_bytes() for name in names)).hexdigest()


def _digest(arrays: Arrays) -> str:
    digest = hashlib.sha256()
    for name, values in sorted(arrays.items()):
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()
