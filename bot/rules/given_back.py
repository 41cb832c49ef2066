"""What a fix gave back: the reports that did not come any more, times what one report costs those who told."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.rules import time_lost, verdict

#: How much each answer of the menu weighs that somebody could have given: rather less is said to be given back.
UNHEARD = 0.28

#: The range that is shown: 5 of 100 lie below it, and 5 above.
SHOWN = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Back:
    """Minutes given back, and the range that they lie in 90 times of 100. `draws`: for sums."""

    minutes: float
    low: float
    high: float
    draws: verdict.Floats = field(compare=False, repr=False)


def of(counted: verdict.Counted, told: Sequence[time_lost.Told], word: str, *, seed: int) -> Back | None:
    """What one fix gave back in the weeks that it was looked at. None: too few to say.

    Only of what is better, where enough people said what it cost them; only the reports that did not come, which are
    those that would have come as before, had it gone as everything else went, less those that came; and each at what a
    report cost those who said so. Nobody who never reported is given anything, and nothing is carried on beyond the
    weeks that were looked at. The range joins what is not known of the three: the rate before (Jeffreys' posterior),
    the season, and the cost of one report (the bootstrap of time_lost, with UNHEARD for a prior). The middle is the
    plain product, no draw of it.
    `seed`: what tells this fix from others with the same numbers, so that their errors do not add up.
    """
    if word != verdict.BETTER or sum(one.people for one in told) < time_lost.ENOUGH:
        return None
    burst = verdict.bursts(counted)
    before, after = sum(counted.before), sum(counted.after)
    season, spread = verdict.log_ratio(sum(counted.others_before) / burst, sum(counted.others_after) / burst)
    chance = np.random.default_rng([zlib.crc32(repr(counted).encode()), seed])
    as_before = burst * chance.gamma(before / burst + 0.5, size=time_lost.DRAWS)
    spared = as_before * np.exp(season + spread * chance.standard_normal(time_lost.DRAWS)) - after
    ((_, each),) = time_lost.weighed(told, [UNHEARD])
    draws = spared * each
    minutes = sum(one.minutes * one.people for one in told)
    reports = sum(one.reports * one.people for one in told)
    middle = (before * np.exp(season) - after) * minutes / reports
    return _between(max(float(middle), 0.0), draws)


def total(backs: Sequence[Back]) -> Back | None:
    """What several fixes gave back together; None where there are none."""
    if not backs:
        return None
    return _between(sum(each.minutes for each in backs), np.sum([each.draws for each in backs], axis=0))


def _between(minutes: float, draws: verdict.Floats) -> Back:
    low, high = np.quantile(draws, SHOWN)
    return Back(minutes, max(min(float(low), minutes), 0.0), max(float(high), minutes), draws)
