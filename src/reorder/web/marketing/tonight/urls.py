"""Addresses of what goes in the coming day."""

from django.urls import path

from reorder.web.marketing.tonight import views

app_name = "tonight"
urlpatterns = [
    path("", views.index, name="index"),
    path("decide", views.decide, name="decide"),
    path("people", views.people, name="people"),
    path("limits", views.limits, name="limits"),
    path("limits/change", views.change_limits, name="change_limits"),
]
