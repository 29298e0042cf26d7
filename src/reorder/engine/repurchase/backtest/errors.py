"""What can keep a look back at earlier predictions from being made, said with what is needed."""

from reorder.kernel.errors import BadInput


class TooLittleHistory(BadInput):
    """No day can be judged: too little before it, too little after it, or too few purchases came back."""

    code = "repurchase.too_little_history"
    template = (
        "Earlier predictions cannot be judged yet: there are orders of {history_days} days and {repeats_count} "
        "repeat purchases within {horizon_days} days of a day that could be judged. Needed are {needed_days} days "
        "(28 before such a day, {horizon_days} after it) and {needed_repeats} repeat purchases. Import older orders, "
        "or wait."
    )


class BadBacktestHorizon(BadInput):
    """A prediction is judged within a number of days that makes sense."""

    code = "repurchase.bad_backtest_horizon"
    template = "predictions are judged within {shortest} to {longest} days after a day, not {days}"
