"""The steps of a learning; each loads, decides and saves in transactions of its own."""

import datetime as dt
import time
from dataclasses import dataclass

from django.conf import settings

from reorder.domain.orders import purchases
from reorder.domain.planning import counted
from reorder.engine import repurchase
from reorder.flows import predictions, recommending
from reorder.flows.stepping import Done, Step


@dataclass(frozen=True, slots=True)
class Learning:
    """What the steps of one learning share."""

    run_id: int
    as_of: dt.date


def _learn_repurchase(learning: Learning) -> Done:
    lines = predictions.frame_learning_lines(as_of=learning.as_of)
    if lines.is_empty():
        return Done(0, 0, {"model": "no orders yet"})
    begun = time.perf_counter()
    learned = repurchase.learn(
        order_lines=lines,
        as_of=learning.as_of,
        events=predictions.frame_learning_events(as_of=learning.as_of),
        country=settings.REORDER.country,
    )
    seconds = time.perf_counter() - begun
    predictions.save(kind="repurchase", learned=learned, seconds=seconds)
    details = {"model": learned.summary, "customers_permille": predictions.learning_permille() or 1000}
    return Done(lines.height, 1, details)


def _count_everybody(learning: Learning) -> Done:
    """A shop of several currencies may have come to sell mostly in another one: a week is soon enough to see it."""
    state = counted.find_state()
    if state is None or purchases.find_usual_currency() == state.currency:
        return Done()
    report = predictions.rebuild_statistics(today=learning.as_of, why="the usual currency changed")
    return Done(report.customers, report.rows, {"everything_because": report.rebuilt_because})


def _learn_baskets(learning: Learning) -> Done:
    made = recommending.learn_baskets(as_of=learning.as_of, customers_permille=predictions.learning_permille())
    return Done(made.lines, made.companions, {"model": made.summary})


def _predict_everybody(learning: Learning) -> Done:
    known = predictions.load_learned(as_of=learning.as_of)
    predictions.fit_effects(as_of=learning.as_of, known=known)
    predictor = predictions.load_predictor(as_of=learning.as_of, run_id=None, known=known)
    if predictor is None:
        return Done(0, 0, {"model": predictions.describe(known=known)})
    written = predictions.predict_everybody(predictor=predictor)
    return Done(written, written, {"model": predictions.describe(known=known)})


def _recommend(learning: Learning) -> Done:
    made = recommending.rank_waiting(as_of=learning.as_of)
    return Done(made.customers, made.customers, {"model": made.model})


STEPS = (
    Step("learn_repurchase", _learn_repurchase),
    Step("count_everybody", _count_everybody),
    Step("predict_everybody", _predict_everybody),
    Step("learn_baskets", _learn_baskets),
    Step("recommend", _recommend),
)
