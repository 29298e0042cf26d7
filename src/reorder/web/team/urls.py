"""Addresses of the team board."""

from django.urls import path

from reorder.web.team import giving, views

app_name = "team"
urlpatterns = [
    path("", views.board, name="board"),
    path("tasks/", giving.tasks, name="tasks"),
    path("give/", giving.give, name="give"),
]
