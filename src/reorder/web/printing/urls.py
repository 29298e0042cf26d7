"""Addresses of labels."""

from django.urls import path

from reorder.web.printing import views

app_name = "printing"
urlpatterns = [
    path("", views.index, name="index"),
    path("bins/", views.bins, name="bins"),
    path("product/", views.product, name="product"),
    path("totes/", views.totes, name="totes"),
    path("pallets/", views.pallets, name="pallets"),
]
