"""How often a verdict is right, and how often a range holds what it should: by simulating what is known.

`bench_verdict.py [fixes]`: how many fixes, and how many groups of people, are simulated for each line (default 300).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import numpy as np
import simulated

from bot.rules import time_lost, verdict
from bot.rules.verdict import Verdict

RATES = (0.2, 0.5, 1, 2, 6, 20)
EFFECTS = {"unchanged": 1.0, "halved": 0.5, "a tenth": 0.1, "doubled": 2.0}
CONDITIONS: dict[str, dict[str, Any]] = {
    "even": {},
    "a quiet August": {"season": simulated.AUGUST},
    "captured two weeks late": {"late": 2.0},
    "few others": {"others": 5.0},
    "two at a time": {"bursts": 2.0},
    "two at a time, in August": {"bursts": 2.0, "season": simulated.AUGUST},
}


def ever(looks: list[Verdict], word: str) -> bool:
    return any(each.word == word for each in looks)


def holds(found: Verdict, left: float) -> bool | None:
    return None if found.ratio is None else found.ratio.low <= left <= found.ratio.high


def verdicts(fixes: int) -> None:
    print(
        f"Verdicts, {fixes} fixes a line: said at any of {verdict.WEEKS} weekly looks; the 90 % interval at the last."
    )
    said_of = f"{'better':>8}{'no change':>10}{'worse':>8}{'only too early':>16}{'has interval':>14}{'holds':>8}"
    print(f"{'condition':26}{'effect':11}{'a week':>7}{said_of}")
    for condition, how in CONDITIONS.items():
        for effect, left in EFFECTS.items():
            if how and effect not in ("unchanged", "halved"):
                continue
            for weekly in RATES:
                chance = np.random.default_rng([fixes, int(100 * left), int(10 * weekly)])
                runs = [simulated.looks(chance, weekly, left, **how) for _ in range(fixes)]
                said = [sum(ever(run, word) for run in runs) for word in ("better", "no change", "worse")]
                none = sum(all(each.word == verdict.TOO_EARLY for each in run) for run in runs)
                shown = [held for run in runs if (held := holds(run[-1], left)) is not None]
                better, same, worse, early = (100 * each / fixes for each in (*said, none))
                print(f"{condition:26}{effect:11}{weekly:7g}{better:8.1f}{same:10.1f}{worse:8.1f}{early:16.1f}", end="")
                held = f"{100 * np.mean(shown):8.1f}" if len(shown) > 20 else f"{'–':>8}"
                print(f"{100 * len(shown) / fixes:14.1f}{held}", flush=True)


def ranges(groups: int) -> None:
    print(f"\nTime lost, {groups} groups a line: how often the 90 % range holds what as many people lose on average.")
    people = (8, 12, 20, 50)
    print(f"{'answers':28}{'again':>6}" + "".join(f"{each:>8}" for each in people))
    for name, answers in simulated.ANSWERS.items():
        for again in (0.0, 0.4):
            print(f"{name:28}{again:6.1f}", end="")
            for count in people:
                chance = np.random.default_rng([groups, count])
                mean, held = simulated.truly(answers, count, again=again), 0
                for _ in range(groups):
                    lost = time_lost.of(simulated.told(chance, answers, count, again=again), count)
                    held += lost.low is not None and lost.high is not None and lost.low <= mean <= lost.high
                print(f"{100 * held / groups:8.1f}", end="", flush=True)
            print()


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    verdicts(number)
    ranges(2 * number)
