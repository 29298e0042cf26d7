"""The address of the page that follows parcels."""

from django.urls import path

from reorder.web.tracking import views

app_name = "tracking"
urlpatterns = [path("<str:token>/", views.follow, name="follow")]
