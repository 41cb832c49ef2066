"""Whether a problem that was shipped is back."""

from __future__ import annotations

#: So many people who have it since the shipping say that it is back. One may have an old version, or not know of the
#: fix; two may sit side by side, and what two say is broken down nowhere. A rate would be the wrong measure: it takes
#: weeks to be known, which is the fix's verdict, and whoever owns it wants to hear on the third complaint.
PEOPLE = 3

#: Of a problem that fewer ever had, as many as had it; but never one alone.
FEWEST = 2


def is_back(before: int, since: int) -> bool:
    """Whether enough people have it again. `before`: how many had it until it was shipped; `since`: how many since."""
    return since >= min(PEOPLE, max(before, FEWEST))
