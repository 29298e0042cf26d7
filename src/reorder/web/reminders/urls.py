"""Addresses of the reminder plan."""

from django.urls import path

from reorder.web.reminders import views

app_name = "reminders"
urlpatterns = [
    path("", views.index, name="index"),
    path("preview", views.preview, name="preview"),
    path("choose", views.choose, name="choose"),
]
