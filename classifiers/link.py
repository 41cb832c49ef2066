"""How probably two reports are the same problem: the figures of the pair, weighed by a logistic regression.

The weights are those that it finds on the likeliest pairs of tests/benchmarks/wordings.jsonl and of the tune part of
grouping.jsonl together, both standardised. What the figures are worth was measured with the one, fitted on the other:
`rarest`, `told`, `unmet` and `rest` raised the reports of wordings.jsonl that find theirs first from 33 to 37 in 100,
and among three from 57 to 61; and of what joins unasked, at equal numbers, what is right from 57 to 67 % there, and
from 92 to 95 % in the tune part at 18 % of its pairs. Regression trees on the same figures were no better there, and
worse on texts of other people than they were fitted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from classifiers.pair import FIGURES, Matrix


@dataclass(frozen=True, slots=True)
class Link:
    """What each figure says for the same problem."""

    bias: float
    weights: tuple[float, ...]  # in the order of FIGURES

    def scores(self, figures: Matrix, against: float = 0.0) -> Matrix:
        """How probably each pair is the same problem, 0..1, when the log of the odds is lower by so much."""
        scores: Matrix = 1 / (1 + np.exp(against - (figures @ np.array(self.weights) + self.bias)))
        return scores


SHIPPED = Link(-8.1, (4.1, 2.8, 4.2, 4.5, -3.0, 5.6, -3.1, 5.7))
TRUST = 0.05  # how hard answers find it to move a weight away from SHIPPED: 1 / variance, in units of the weight


def fit_link(pairs: Sequence[tuple[Sequence[float], bool]], prior: Link = SHIPPED) -> Link:
    """The link that explains what people answered about pairs, given by their figures: was it the same problem?

    The likeliest weights, none of another sign than in the prior ones, when those are taken to be about right; without
    pairs, those.
    """
    figures = np.array([figures for figures, _ in pairs], dtype=np.float64).reshape(-1, len(FIGURES))
    sides = np.array([1.0 if same else -1.0 for _, same in pairs])
    start = np.array([prior.bias, *prior.weights])

    def cost(tried: Matrix) -> tuple[float, Matrix]:
        margins = sides * (figures @ tried[1:] + tried[0])
        pull = -sides / (1 + np.exp(np.minimum(margins, 500)))
        away = TRUST * (tried - start)
        slope = np.array([pull.sum(), *(pull @ figures)]) + away
        return float(np.logaddexp(0, -margins).sum() + away @ (tried - start) / 2), slope

    signs = [(0, None) if weight >= 0 else (None, 0) for weight in prior.weights]
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=[(None, None), *signs])
    bias, *weights = found.x.tolist()
    return Link(bias, tuple(weights))
