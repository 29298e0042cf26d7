"""The figures of prediction quality by API: those of the page."""

import pytest

from reorder.insights.quality import find_quality
from tests.factories.api import Caller, make_secret
from tests.factories.quality import make_backtests

pytestmark = pytest.mark.django_db


def test_the_figures_are_those_of_the_page() -> None:
    make_backtests()
    quality = find_quality(actor=None, horizon_days=30)
    assert quality is not None

    answer = Caller(secret=make_secret(scopes=["customers:read"])).get("/prediction-quality")

    assert answer.status == 200
    whole = answer.body["levels"]["all"]
    assert whole["bought_count"] == quality.whole.bought_count
    assert whole["bands"]["wide_share"] == pytest.approx(quality.whole.bands.wide_share if quality.whole.bands else 0)
    assert [month["cut_date"] for month in answer.body["months"]] == ["2026-03-01", "2026-04-01", "2026-05-01"]
    assert answer.body["naive"]["bands"] is None
    assert set(answer.body["levels"]) == set(quality.levels)


def test_fewer_months_are_the_latest_ones() -> None:
    make_backtests()
    answer = Caller(secret=make_secret(scopes=["customers:read"])).get("/prediction-quality", months=1)
    assert [month["cut_date"] for month in answer.body["months"]] == ["2026-05-01"]


def test_nothing_judged_is_not_found_and_says_what_to_run() -> None:
    answer = Caller(secret=make_secret(scopes=["customers:read"])).get("/prediction-quality", horizon_days=60)
    assert (answer.status, answer.code) == (404, "quality.nothing_judged")
    assert answer.body["detail"] == "No prediction was judged within 60 days yet. Run: reorder backtest"


@pytest.mark.parametrize("wanted", [{"horizon_days": 3}, {"horizon_days": "x"}, {"months": 0}, {"month": 1}])
def test_what_makes_no_sense_is_refused(wanted: dict[str, object]) -> None:
    answer = Caller(secret=make_secret(scopes=["customers:read"])).get("/prediction-quality", **wanted)
    assert answer.status == 422


def test_another_scope_does_not_open_it() -> None:
    assert Caller(secret=make_secret(scopes=["stock:read"])).get("/prediction-quality").status == 403
