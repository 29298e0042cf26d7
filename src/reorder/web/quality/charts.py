"""The pictures of prediction quality; each title says what was found."""

import math
from collections.abc import Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reorder.engine.repurchase import Quality
from reorder.insights.quality import FEW_ORDERS, PredictionQuality
from reorder.kernel.formatting import format_share, format_short_day
from reorder.web.charts import Chart, Series
from reorder.web.quality.words import level_label

# Within this distance of what was predicted nobody would decide otherwise.
_CLOSE_SHARE = 0.03


def calibration_chart(quality: Quality) -> Chart:
    """Tenths of all pairs by predicted chance: what was predicted and what happened."""
    groups = [one for one in quality.calibration if one.predicted_share is not None]
    days = quality.within[-1].days
    predicted = [_percent(one.predicted_share) for one in groups]
    return Chart(
        id="calibration",
        title=_calibration_title(quality),
        labels=[str(place) for place in range(1, len(groups) + 1)],
        series=[
            Series(name=_("happened"), values=[_percent(one.realised_share) for one in groups]),
            Series(name=_("predicted"), values=predicted, colour="ink", is_dashed=True),
        ],
        unit="%",
        axis_name=_("tenth of pairs, the least likely first"),
        note=_(
            "All pairs in ten groups of equal size, by the predicted chance of a purchase within {days} days, the "
            "least likely first: the share that was predicted, and the share that bought. Where the lines lie on each "
            "other, a chance of 20% means that one in five buys."
        ).format(days=days),
    )


def _calibration_title(quality: Quality) -> str:
    judged = quality.within[-1]
    given = {"expected": f"{judged.expected:,.0f}", "realised": f"{judged.realised:,}", "days": judged.days}
    if not judged.realised:
        return _("{expected} purchases predicted within {days} days, none happened").format(**given)
    off = judged.expected / judged.realised - 1
    if abs(off) < _CLOSE_SHARE / 2:
        return _("Chances were right: {expected} purchases predicted within {days} days, {realised} happened").format(
            **given
        )
    share = format_share(abs(off))
    if off > 0:
        return _(
            "Chances were {share} too high: {expected} purchases predicted within {days} days, {realised} happened"
        ).format(share=share, **given)
    return _(
        "Chances were {share} too low: {expected} purchases predicted within {days} days, {realised} happened"
    ).format(share=share, **given)


def bands_chart(found: PredictionQuality) -> Chart | None:
    """Share of next orders inside the two bands by evidence level, with what a right model would give."""
    known = [(name, one) for name, one in found.levels.items() if name != "all" and one.bands and _is_enough(one)]
    if not known:
        return None
    bands = [one.bands for _name, one in known if one.bands]
    worst = max(known, key=lambda pair: _off(pair[1]))
    return Chart(
        id="bands",
        title=_bands_title(worst=worst),
        labels=[level_label(name) for name, _one in known],
        series=[
            Series(name=_("in the 50% band"), values=[_percent(one.half_share) for one in bands], kind="bar"),
            Series(
                name=_("in the 80% band"), values=[_percent(one.wide_share) for one in bands], kind="bar", colour="info"
            ),
            Series(
                name=_("50% target"), values=[_percent(one.half_expected_share) for one in bands], colour="ink",
                is_dashed=True,
            ),
            Series(
                name=_("80% target"), values=[_percent(one.wide_expected_share) for one in bands], colour="ink",
                is_dashed=True,
            ),
        ],
        unit="%",
        axis_name=_("evidence"),
        kind="bars",
        extra={"legend": True},
        note=_(
            "Of the next orders that came within {days} days. Bands hold whole days, both ends included, so a right "
            "model has a little more inside than the band's name says: that is the target. Levels with fewer than "
            "{few} next orders are left out."
        ).format(days=found.horizon_days, few=FEW_ORDERS),
    )  # fmt: skip


def _bands_title(*, worst: tuple[str, Quality]) -> str:
    name, one = worst
    # Nearer than chance alone would put it, whatever the model is worth.
    by_chance = 2 * math.sqrt(0.16 / max(one.bought_count, 1))
    if _off(one) < max(_CLOSE_SHARE, by_chance):
        return _("On every evidence level the bands hold what they promise")
    bands = one.bands
    if bands is None:
        return ""
    given = {"level": level_label(name), "share": format_share(bands.wide_share)}
    target = format_share(bands.wide_expected_share)
    if bands.wide_share < bands.wide_expected_share:
        return _("{level}: the 80% band is too narrow, it held {share} instead of {target}").format(
            target=target, **given
        )
    return _("{level}: the 80% band is wider than it need be, it held {share} instead of {target}").format(
        target=target, **given
    )


def hits_chart(found: PredictionQuality) -> Chart | None:
    """Hits of reminders on the best pairs, beside the rule of the mean gap, for pairs that have a gap."""
    pair = found.levels.get("pair")
    if pair is None or not _is_enough(pair):
        return None
    naive = {one.percent: one.hit_share for one in found.naive.hits}
    return Chart(
        id="hits",
        title=_hits_title(model={one.percent: one.hit_share for one in pair.hits}, naive=naive),
        labels=[_("best {percent}%").format(percent=one.percent) for one in pair.hits],
        series=[
            Series(name=_("hits"), values=[_percent(one.hit_share) for one in pair.hits], kind="bar"),
            Series(
                name=_("foretold"), values=[_percent(one.expected_share) for one in pair.hits], kind="bar",
                colour="info",
            ),
            Series(
                name=_("mean gap alone"), values=[_percent(naive.get(one.percent)) for one in pair.hits], kind="bar",
                colour="quiet",
            ),
        ],
        unit="%",
        axis_name=_("pairs reminded"),
        kind="bars",
        extra={"legend": True},
        note=_(
            "Share of reminders within 3 days of the next order, when only the best part of the pairs bought on two "
            "days or more is reminded, each on its best day. Beside it what the model foretold of itself, and "
            "reminders by the mean gap between purchases, to the pairs bought most often first."
        ),
    )  # fmt: skip


def _hits_title(*, model: dict[int, float | None], naive: dict[int, float | None]) -> str:
    share, other = model.get(5), naive.get(5)
    if share is None:
        return _("Reminders within 3 days of the next order")
    if other is None:
        return _("On the best 5% of pairs {share} of reminders come within 3 days of the next order").format(
            share=format_share(share)
        )
    return _(
        "On the best 5% of pairs {share} of reminders come within 3 days of the next order; by mean gap {other}"
    ).format(share=format_share(share), other=format_share(other))


def months_chart(found: PredictionQuality) -> Chart | None:
    """The shares inside the bands, month by month; None with one month only."""
    months = [month for month in found.months if month.quality.bands is not None]
    if len(months) < 2:
        return None
    bands = [month.quality.bands for month in months if month.quality.bands]
    language = get_language() or "en"
    wide = [one.wide_share for one in bands]
    return Chart(
        id="months",
        title=_months_title(wide),
        labels=[format_short_day(month.cut_date, language=language) for month in months],
        series=[
            Series(name=_("80% band"), values=[_percent(share) for share in wide], colour="info"),
            Series(name=_("50% band"), values=[_percent(one.half_share) for one in bands]),
            Series(
                name=_("80% target"), values=[_percent(one.wide_expected_share) for one in bands], colour="quiet",
                is_dashed=True,
            ),
            Series(
                name=_("50% target"), values=[_percent(one.half_expected_share) for one in bands], colour="quiet",
                is_dashed=True,
            ),
        ],
        unit="%",
        axis_name=_("predicted on"),
    )  # fmt: skip


def _months_title(wide: Sequence[float]) -> str:
    low, high = format_share(min(wide)), format_share(max(wide))
    if low == high:
        return _("The 80% band held {share} of next orders in every month").format(share=low)
    return _("The 80% band held between {low} and {high} of next orders, month by month").format(low=low, high=high)


def _off(one: Quality) -> float:
    return abs(one.bands.wide_share - one.bands.wide_expected_share) if one.bands else 0.0


def _is_enough(one: Quality) -> bool:
    return one.bought_count >= FEW_ORDERS


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 2)
