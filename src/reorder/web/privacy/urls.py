"""Addresses of the desk of people's rights."""

from django.urls import path

from reorder.web.privacy import consents, views

app_name = "privacy"
urlpatterns = [
    path("", views.index, name="index"),
    path("requests/<int:request_id>/refuse", views.refuse, name="refuse"),
    path("consents/", consents.index, name="consents"),
    path("consents/import", consents.take_file, name="import_consents"),
    path("<int:customer_id>/", views.person, name="person"),
    path("<int:customer_id>/request", views.take, name="take"),
    path("<int:customer_id>/export", views.export, name="export"),
    path("<int:customer_id>/erase", views.erase, name="erase"),
]
