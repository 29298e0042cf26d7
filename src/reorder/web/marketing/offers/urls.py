"""Addresses of the part Offers."""

from django.urls import path

from reorder.web.marketing.offers import views

app_name = "offers"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.choose, name="choose"),
    path("new/<str:rule_kind>", views.add, name="new"),
    path("create/<str:rule_kind>", views.create, name="create"),
    path("o/<slug:offer_code>/", views.show, name="offer"),
    path("o/<slug:offer_code>/change", views.change, name="change"),
    path("o/<slug:offer_code>/switch", views.switch, name="switch"),
    path("o/<slug:offer_code>/lot", views.lot, name="lot"),
    path("o/<slug:offer_code>/codes.csv", views.load_down, name="codes"),
    path("o/<slug:offer_code>/take-back", views.take_back, name="take_back"),
]
