"""The reports of a night: stock as it stands, at cost, how fast it turns, how old it is, and how forecasts did."""

import datetime as dt

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.catalog import queries as catalog
from reorder.domain.inventory import ageing
from reorder.domain.orders import queries as orders
from reorder.domain.planning import reports
from reorder.flows.reports.costing import value_products
from reorder.flows.reports.figures import SOLD_DAYS, report_content, stock_figures


def make_reports(*, run_id: int, as_of: dt.date, moment: dt.datetime) -> tuple[int, dict[str, object]]:
    """Compute and save figures of every product at every place, and the sums of the day.

    Facts are read as they stand. Returns rows written and the day's stock in minor units of the shop's currency.
    """
    products = catalog.frame_products()
    costs = value_products(products=products, on_date=as_of)
    sold = orders.frame_units_by_product(
        from_date=as_of - dt.timedelta(days=SOLD_DAYS), before_date=as_of, time_zone=settings.REORDER.time_zone
    )
    figures = stock_figures(
        stock=ageing.frame_mean_stock(moment=moment, days=SOLD_DAYS),
        ages=ageing.frame_stock_ages(moment=moment),
        sold=sold,
        costs=costs,
        daily=reports.frame_daily_units(),
        classes=reports.frame_classes(),
    )
    content = report_content(
        figures=figures,
        accuracy=reports.frame_accuracy(),
        chosen=reports.frame_chosen_accuracy(),
        categories=products.select("product_id", pl.col("category_code")),
        costs=costs,
    )
    with transaction.atomic():
        written = reports.save_stock_figures(run_id=run_id, figures=figures)
        reports.save_report_day(as_of_date=as_of, moment=moment, content=content)
    stock = content["stock"] or {}
    return written, {"value_minor": stock.get("value_minor", 0), "without_cost": stock.get("without_cost", 0)}
