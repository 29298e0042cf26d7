"""How far a share may be from the truth, seen in so many cases."""

from reorder.engine.effects import fixed_horizon, score_interval

_Z95 = fixed_horizon().multiplier


def wilson_interval(*, successes: float, trials: float) -> tuple[float, float]:
    """The 95 % score interval of a share; (0, 1) without trials."""
    share = min(successes / trials, 1.0) if trials > 0 else 0.0
    return score_interval(share=share, trials=trials, multiplier=_Z95)
