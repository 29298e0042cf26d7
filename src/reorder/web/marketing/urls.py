"""Addresses of the desk Marketing itself; its parts have their own."""

from django.urls import path

from reorder.web.marketing import calendar, overview

app_name = "marketing"
urlpatterns = [
    path("", overview.index, name="index"),
    path("calendar/", calendar.index, name="calendar"),
]
