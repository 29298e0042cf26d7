"""Addresses of the page that explains a customer's messages."""

from django.urls import path

from reorder.web.marketing.why import views

app_name = "why"
urlpatterns = [
    path("<int:customer_id>/", views.show, name="show"),
]
