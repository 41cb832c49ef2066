"""How the author of a report without a name is known again, by nothing that could be looked up."""

from __future__ import annotations

import hashlib
import hmac


def mark(secret: str, key: str, person: str) -> str:
    """What is kept of a person with one report: an HMAC of their id, with a key that stands in no database.

    `key`: the report's own, so that two reports of one person cannot be told to be so. With the database alone nobody
    is found; with the secret, too, somebody could try every person there is (a few thousand) and find the one.
    """
    return hmac.new(secret.encode(), f"{key}\n{person}".encode(), hashlib.sha256).hexdigest()


def is_of(secret: str, kept: str, key: str, person: str) -> bool:
    """Whether a mark was made of this person."""
    return hmac.compare_digest(kept, mark(secret, key, person))
