"""From counts to figures: days and evidence levels are added up first, and only then divided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reorder.engine.repurchase.backtest.counts import Counts


@dataclass(frozen=True, slots=True)
class WithinQuality:
    """Predictions of a purchase within `days`: what was expected, what happened, and how well they told them apart."""

    days: int
    expected: float
    realised: int
    expected_over_realised: float | None
    auc: float | None
    log_loss: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """A tenth of the pairs, the least likely first."""

    pairs_count: int
    predicted_share: float | None
    realised_share: float | None


@dataclass(frozen=True, slots=True)
class Bands:
    """Share of next orders inside the 50 % and 80 % bands, and what a right model would give in whole days.

    `shown_` are the dates as on screen, whose look-ahead is longer than the horizon of the look back.
    """

    half_share: float
    half_expected_share: float
    wide_share: float
    wide_expected_share: float
    shown_half_share: float
    shown_half_expected_share: float
    shown_wide_share: float
    shown_wide_expected_share: float


@dataclass(frozen=True, slots=True)
class Hits:
    """Reminders on the best `percent` of pairs: the share within three days of the next order, and the expected one."""

    percent: int
    reminded_count: int
    hit_share: float | None
    expected_share: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """Everything about one evidence level; None where nothing could be compared. `bands` is None for the naive rule."""

    pairs_count: int
    bought_count: int
    concordance: float | None
    within: Sequence[WithinQuality]
    calibration: Sequence[Group]
    bands: Bands | None
    date_error_mean_days: float | None
    date_error_median_days: float | None
    hits: Sequence[Hits]


def add_counts(*, parts: Sequence[Counts]) -> Counts:
    """Counts of several days or levels as one: numbers are added wherever they stand."""
    added: Counts = {}
    for part in parts:
        added = _added(added, part)
    return added


def _added(one: Any, other: Any) -> Any:
    """Whatever shape they have; what only one of them has stays as it is."""
    if isinstance(other, Mapping):
        known = one if isinstance(one, Mapping) else {}
        return {**known, **{name: _added(known.get(name), value) for name, value in other.items()}}
    if isinstance(other, Sequence):
        size = max(len(one or ()), len(other))
        return [_added(_at(one or (), place), _at(other, place)) for place in range(size)]
    return other if one is None else one if other is None else one + other


def _at(values: Sequence[Any], place: int) -> Any:
    return values[place] if place < len(values) else None


def read_quality(*, counts: Counts) -> Quality:
    """The figures of one level from its counts, one day's or the sum of several."""
    sizes = np.array(counts["date_error"]["sizes"], dtype=np.float64)
    return Quality(
        pairs_count=counts["pairs"],
        bought_count=counts["bought"],
        concordance=_share(counts["concordance"]["good"], counts["concordance"]["known"]),
        within=[
            _read_within(days=int(days), counts=part, pairs=counts["pairs"]) for days, part in _by(counts, "within")
        ],
        calibration=[
            Group(
                pairs_count=part["pairs"],
                predicted_share=_share(part["expected"], part["pairs"]),
                realised_share=_share(part["realised"], part["pairs"]),
            )
            for part in counts.get("calibration", ())
        ],
        bands=_read_bands(counts),
        date_error_mean_days=_share(counts["date_error"]["sum_days"], sizes.sum()),
        date_error_median_days=_median(sizes),
        hits=[
            Hits(
                percent=int(percent),
                reminded_count=part["reminded"],
                hit_share=_share(part["hits"], part["reminded"]),
                expected_share=_share(part["expected"], part["reminded"]) if "bands" in counts else None,
            )
            for percent, part in _by(counts, "hits")
        ],
    )


def _by(counts: Counts, name: str) -> list[tuple[str, Counts]]:
    """In the order of their numbers: a database keeps the keys of an object in an order of its own."""
    return sorted(counts[name].items(), key=lambda pair: int(pair[0]))


def _read_within(*, days: int, counts: Counts, pairs: int) -> WithinQuality:
    return WithinQuality(
        days=days,
        expected=counts["expected"],
        realised=counts["realised"],
        expected_over_realised=_share(counts["expected"], counts["realised"]),
        auc=_share(counts["auc_good"], counts["auc_known"]),
        log_loss=_share(counts["log_loss"], pairs),
    )


def _read_bands(counts: Counts) -> Bands | None:
    bands, bought = counts.get("bands"), counts["bought"]
    if not bands or not bought:
        return None
    return Bands(
        half_share=bands["in_half"] / bought,
        half_expected_share=bands["half_expected"] / bought,
        wide_share=bands["in_wide"] / bought,
        wide_expected_share=bands["wide_expected"] / bought,
        shown_half_share=bands["in_shown_half"] / bought,
        shown_half_expected_share=bands["shown_half_expected"] / bought,
        shown_wide_share=bands["in_shown_wide"] / bought,
        shown_wide_expected_share=bands["shown_wide_expected"] / bought,
    )


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _median(sizes: np.ndarray) -> float | None:
    """The middle of the errors whose sizes were counted; of two middle ones, their mean."""
    total = int(sizes.sum())
    if not total:
        return None
    upto = np.cumsum(sizes)
    low = int(np.searchsorted(upto, (total - 1) // 2 + 1))
    high = int(np.searchsorted(upto, total // 2 + 1))
    return (low + high) / 2
