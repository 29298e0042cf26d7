"""Counts kept true and predictions made from them: what a night, the drain between nights and the learning share."""

from reorder.flows.predictions.counting import LOT, CountReport, bring_up_to_date, rebuild_statistics, recount_marked
from reorder.flows.predictions.knowing import (
    Known,
    describe,
    frame_learning_events,
    frame_learning_lines,
    learning_permille,
    load_learned,
    load_or_learn,
    save,
)
from reorder.flows.predictions.scoring import (
    Predictor,
    fit_effects,
    load_predictor,
    predict_everybody,
    predict_marked,
    predict_past_day,
    predict_waiting,
)

__all__ = [
    "LOT",
    "CountReport",
    "Known",
    "Predictor",
    "bring_up_to_date",
    "describe",
    "fit_effects",
    "frame_learning_events",
    "frame_learning_lines",
    "learning_permille",
    "load_learned",
    "load_or_learn",
    "load_predictor",
    "predict_everybody",
    "predict_marked",
    "predict_past_day",
    "predict_waiting",
    "rebuild_statistics",
    "recount_marked",
    "save",
]
