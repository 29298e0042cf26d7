"""Addresses of campaigns."""

from django.urls import path

from reorder.web.marketing.campaigns import acting, views

app_name = "campaigns"
urlpatterns = [
    path("", views.index, name="index"),
    path("new", views.new, name="new"),
    path("create", acting.create, name="create"),
    path("<str:code>/", views.show, name="show"),
    path("<str:code>/edit", views.edit, name="edit"),
    path("<str:code>/change", acting.change, name="change"),
    path("<str:code>/decide", acting.decide, name="decide"),
]
