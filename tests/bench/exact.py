# SPDX-License-Identifier: GPL-2.0-or-later
"""Exact binomial statistics, without tables and approximations."""

from math import exp, lgamma, log, log1p

SIGNIFICANCE = 0.01     # a promise that is just kept is called broken so often


def at_most(k, n, p):
    """The chance of k or fewer out of n, each with probability p."""
    if k >= n or p <= 0:
        return 1.0
    if p >= 1:
        return 0.0
    terms = (lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) + (n - i) * log1p(-p) for i in range(k + 1))
    return min(1.0, sum(map(exp, terms)))


def allowed(n, p, significance=SIGNIFICANCE):
    """How many of n may be missed while that still agrees with a chance of p for each."""
    return next(k for k in range(n + 1) if 1 - at_most(k, n, p) <= significance)


def interval(k, n, level=0.95):
    """Clopper and Pearson's interval of the probability behind k out of n."""
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else bisect(lambda p: 1 - at_most(k - 1, n, p) >= tail)
    high = 1.0 if k == n else bisect(lambda p: at_most(k, n, p) <= tail)
    return low, high


def bisect(is_beyond):
    """Where, between 0 and 1, a condition begins to hold."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if is_beyond(middle) else (middle, high)
    return high
