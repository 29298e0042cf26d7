"""Addresses of the searches."""

from django.urls import path

from reorder.web.marketing.searches import views

app_name = "searches"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
]
