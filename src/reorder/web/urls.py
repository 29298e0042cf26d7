"""Addresses of the pages, one include a desk."""

from django.urls import include, path

from reorder.web.parcels.stores import take as take_store

urlpatterns = [
    path("", include("reorder.web.overview.urls")),
    path("alerts/", include("reorder.web.alerts.urls")),
    path("customers/", include("reorder.web.customers.urls")),
    path("products/", include("reorder.web.products.urls")),
    path("demand/", include("reorder.web.demand.urls")),
    path("orders/payments/", include("reorder.web.payments.urls")),
    path("orders/", include("reorder.web.orders.urls")),
    path("warehouse/packing/", include("reorder.web.packing.urls")),
    path("warehouse/counts/", include("reorder.web.counts.urls")),
    path("warehouse/labels/", include("reorder.web.printing.urls")),
    path("warehouse/team/", include("reorder.web.team.urls")),
    path("carriers/stores/<str:token>/", take_store, name="take_store"),
    path("warehouse/parcels/", include("reorder.web.parcels.urls")),
    path("warehouse/shipping/", include("reorder.web.shipping.urls")),
    path("warehouse/", include("reorder.web.warehouse.urls")),
    path("returns/", include("reorder.web.returns.urls")),
    path("calendar/", include("reorder.web.calendar.urls")),
    path("buying/", include("reorder.web.buying.urls")),
    path("marketing/segments/", include("reorder.web.marketing.segments.urls")),
    path("marketing/results/", include("reorder.web.marketing.results.urls")),
    path("marketing/", include("reorder.web.marketing.urls")),
    path("messages/plan/", include("reorder.web.reminders.urls")),
    path("messages/", include("reorder.web.outbox.urls")),
    path("insights/reports/", include("reorder.web.reports.urls")),
    path("insights/prediction-quality/", include("reorder.web.quality.urls")),
    path("runs/", include("reorder.web.runs.urls")),
    path("floor/", include("reorder.web.floor.urls")),
    path("imports/", include("reorder.web.imports.urls")),
    path("setup/", include("reorder.web.setup.urls")),
    path("style/", include("reorder.web.style.urls")),
    path("me/", include("reorder.web.me.urls")),
    path("u/", include("reorder.web.portal.urls")),
    path("shop/", include("reorder.web.portal.shop_urls")),
    path("t/", include("reorder.web.tracking.urls")),
    path("l/", include("reorder.web.marketing.links")),
    path("", include("reorder.web.accounts.urls")),
]
