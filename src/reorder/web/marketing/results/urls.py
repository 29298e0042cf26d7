"""Addresses of the results of marketing."""

from django.urls import path

from reorder.web.marketing.results import heat, views

app_name = "results"
urlpatterns = [
    path("", views.index, name="index"),
    path("measure", views.measure, name="measure"),
    path("heat-map/", heat.index, name="heat"),
    path("<slug:kind>/<str:key>/", views.source, name="source"),
    path("<slug:kind>/<str:key>/holdout", views.choose, name="choose"),
    path("<slug:kind>/<str:key>/weights", views.weigh, name="weigh"),
]
