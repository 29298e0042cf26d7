"""Addresses for whoever watches the installation."""

from django.urls import path

from reorder.api import health

urlpatterns = [
    path("healthz", health.show_alive, name="healthz"),
    path("readyz", health.show_ready, name="readyz"),
    path("metrics", health.show_metrics, name="metrics"),
]
