"""How pairs are put in order, against the definitions counted one by one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine.repurchase.backtest.ranking import count_concordant, count_separated

HORIZON = 5
_pairs = st.lists(st.tuples(st.integers(0, HORIZON), st.sampled_from([0.1, 0.2, 0.5, 0.9])), min_size=0, max_size=25)


@settings(max_examples=60, deadline=None)
@given(_pairs)
def test_concordance_is_what_comparing_every_two_gives(pairs: list[tuple[int, float]]) -> None:
    good = known = 0.0
    for wait, score in pairs:
        for other_wait, other_score in pairs:
            if wait < other_wait:
                known += 1
                good += 1.0 if score > other_score else 0.5 if score == other_score else 0.0
    found = count_concordant(
        wait_days=np.array([wait for wait, _ in pairs], dtype=np.int64),
        horizon_days=HORIZON,
        score=np.array([score for _, score in pairs], dtype=np.float64),
    )
    assert (found.good, found.known) == (good, known)


@settings(max_examples=60, deadline=None)
@given(_pairs)
def test_separation_compares_everybody_who_bought_with_everybody_who_did_not(pairs: list[tuple[int, float]]) -> None:
    yes = [score for wait, score in pairs if wait < HORIZON]
    no = [score for wait, score in pairs if wait == HORIZON]
    found = count_separated(
        happened=np.array([wait < HORIZON for wait, _ in pairs], dtype=bool),
        score=np.array([score for _, score in pairs], dtype=np.float64),
    )
    good = sum(1.0 if one > other else 0.5 if one == other else 0.0 for one in yes for other in no)
    assert (found.good, found.known) == (good, len(yes) * len(no))
