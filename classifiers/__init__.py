"""Text in, answer out: the area of a report, and the earlier reports that say the same. Pure apart from training."""
