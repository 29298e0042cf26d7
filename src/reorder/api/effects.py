"""What marketing caused, what a holdout would see, and choosing how many customers it keeps back."""

import datetime as dt
import math

from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Given, IdempotencyKey
from reorder.domain.marketing.effect_figures import FigureRow
from reorder.domain.staff.rules import Ability
from reorder.flows import effects
from reorder.flows.effects import Power
from reorder.insights.effects import WHOLE_KEY, Part, Result, key_of, load_results, load_source
from reorder.kernel import clock

router = Router(tags=["marketing"])


class EffectMeasure(Schema):
    """One measure; values are means of one exposure, amounts in minor units of the shop's currency."""

    measure: str = Field(description="buyers, orders, revenue, margin, unsubscribes or complaints.")
    treated_value: float
    held_out_value: float | None = Field(description="null while nobody is held out.")
    difference: float | None = Field(description="What the treated had more; null while nobody can tell.")
    low: float | None = Field(description="Lower end of the 95 % interval; holds however often you look.")
    high: float | None
    total: float | None = Field(description="The difference of all treated exposures together.")
    variance_cut_share: float = Field(description="Part of the variance that the days before explain.")
    is_broken: bool = Field(description="Refusals and complaints: proved to be above their limit.")


class EffectVariant(Schema):
    """One of several variants that are tried side by side."""

    name: str
    people: int
    buyers_share: float
    clicks_share: float
    best_share: float = Field(description="Chance to be the best.")
    next_weight: float
    is_winner: bool
    is_beaten: bool


class EffectPart(Schema):
    """A whole source (empty step_key) or one step of it."""

    step_key: str
    treated_people: int
    held_out_people: int
    measures: list[EffectMeasure]
    variants: list[EffectVariant]


class Effect(Schema):
    """What one source of marketing caused, beside what is attributed to it."""

    source_kind: str = Field(description="global, journey, campaign or reminder.")
    source_key: str = Field(description="Its code; all for global.")
    held_out_share: float
    measured_since: dt.datetime | None = Field(description="The last choice of a share; null: a year.")
    attributed_orders: float = Field(description="Orders within 7 days after a click, caused or not.")
    attributed_revenue_minor: float
    messages_sent: float
    cost: float = Field(description="Of these messages, in whole units of the shop's currency.")
    open_windows: int = Field(description="Exposures whose customers may still order: their figures are not final.")
    open_until: dt.datetime | None = Field(description="When the last of these windows ends; null: all have ended.")
    parts: list[EffectPart]


class Effects(Schema):
    """All sources that decided about anybody within a year."""

    as_of_date: dt.date | None = Field(description="The night that measured; null before the first one.")
    effects: list[Effect]


class PowerAfter(Schema):
    weeks: int
    least_lift_share: float | None = Field(description="Lifts from this on are seen; null: none would be.")


class HoldoutPower(Schema):
    """What a share would see, and whether it is worth having."""

    held_out_share: float
    people: int
    base_share: float = Field(description="Of the people who order within the window anyway.")
    is_base_measured: bool
    verdict: str = Field(description="good, none, too_small, too_large, too_few or blind.")
    suggested_share: float | None = Field(description="The least share that sees a lift of a quarter.")
    weeks: list[PowerAfter]


class PowerQuery(Schema):
    held_out_share: float | None = Field(None, ge=0, le=1, description="What holds now unless given.")
    people: int | None = Field(None, ge=0, le=2_000_000_000, description="All who may be written to unless given.")


class HoldoutBody(Given):
    """How many customers hear nothing from a source from now on."""

    held_out_share: float = Field(ge=0, le=1, strict=True)
    note: str = Field("", max_length=200, description="Why; needed for 0.")


@reads(
    router,
    "/marketing/effects",
    ability=Ability.VIEW_MARKETING,
    answer=Effects,
    summary="List what every source of marketing caused",
)
def list_effects(request: ApiRequest) -> Effects:
    found = load_results()
    return Effects(as_of_date=found.as_of_date, effects=[_effect(one) for one in found.results])


@reads(
    router,
    "/marketing/effects/{source_kind}/{source_key}",
    ability=Ability.VIEW_MARKETING,
    answer=Effect,
    summary="Show what one source of marketing caused",
)
def get_effect(request: ApiRequest, source_kind: str, source_key: str) -> Effect:
    return _effect(_load(source_kind, source_key))


@reads(
    router,
    "/marketing/effects/{source_kind}/{source_key}/power",
    ability=Ability.VIEW_MARKETING,
    answer=HoldoutPower,
    summary="Show what a holdout of a source would see",
)
def get_effect_power(request: ApiRequest, source_kind: str, source_key: str, query: Query[PowerQuery]) -> HoldoutPower:
    power = effects.show_power(
        source_kind=source_kind,
        source_key=key_of(source_kind=source_kind, given=source_key),
        moment=clock.current_moment(),
        share=query.held_out_share,
        people=query.people,
    )
    return _power(power)


@writes(
    router,
    "/marketing/effects/{source_kind}/{source_key}/holdout",
    ability=Ability.EDIT_MARKETING,
    answers={200: Effect},
    summary="Choose how many customers a source keeps back",
    method="PUT",
)
def put_holdout(
    request: ApiRequest, idempotency_key: IdempotencyKey, source_kind: str, source_key: str, body: HoldoutBody
) -> Written:
    _load(source_kind, source_key)
    effects.choose_holdout(
        source_kind=source_kind,
        source_key=key_of(source_kind=source_kind, given=source_key),
        share=body.held_out_share,
        note=body.note,
        decided_by=request.auth.name,
        moment=clock.current_moment(),
    )
    return Written(status=200, body=_effect(_load(source_kind, source_key)))


def _load(source_kind: str, source_key: str) -> Result:
    today = clock.current_moment().date()
    return load_source(
        source_kind=source_kind, source_key=key_of(source_kind=source_kind, given=source_key), today=today
    ).result


def _effect(result: Result) -> Effect:
    beside = result.beside
    return Effect(
        source_kind=result.source_kind,
        source_key=result.source_key or WHOLE_KEY,
        held_out_share=result.share,
        measured_since=result.since,
        attributed_orders=beside.get("attributed_orders", 0),
        attributed_revenue_minor=beside.get("attributed_revenue", 0),
        messages_sent=beside.get("sent", 0),
        cost=beside.get("cost_micros", 0) / 1_000_000,
        open_windows=result.open_windows,
        open_until=result.open_until,
        parts=[_part(one) for one in (result.whole, *result.steps)],
    )


def _part(part: Part) -> EffectPart:
    return EffectPart(
        step_key=part.step_key,
        treated_people=part.treated_people,
        held_out_people=part.held_out_people,
        measures=[_measure(one) for one in part.figures.values()],
        variants=[
            EffectVariant(
                name=row["name"],
                people=row["people"],
                buyers_share=row["share"],
                clicks_share=row["clicks_share"],
                best_share=row["best_share"],
                next_weight=row["weight"],
                is_winner=row["name"] == part.winner,
                is_beaten=row["is_beaten"],
            )
            for row in part.variants
        ],
    )


def _measure(figure: FigureRow) -> EffectMeasure:
    is_known = math.isfinite(figure.low)
    return EffectMeasure(
        measure=figure.measure,
        treated_value=figure.treated_value,
        held_out_value=figure.held_out_value if figure.held_out_count else None,
        difference=figure.difference if is_known else None,
        low=figure.low if is_known else None,
        high=figure.high if is_known else None,
        total=figure.difference * figure.treated_count if is_known else None,
        variance_cut_share=figure.variance_cut_share,
        is_broken=bool(figure.details.get("is_broken")),
    )


def _power(power: Power) -> HoldoutPower:
    return HoldoutPower(
        held_out_share=power.share,
        people=power.people,
        base_share=power.base_share,
        is_base_measured=power.is_base_measured,
        verdict=power.verdict.verdict,
        suggested_share=power.verdict.suggested_share,
        weeks=[PowerAfter(weeks=one.weeks, least_lift_share=one.sight.least_lift_share) for one in power.weeks],
    )
