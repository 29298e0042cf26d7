"""Addresses of the desk of counts."""

from django.urls import path

from reorder.web.counts import accuracy, asking, deciding, rules, views

app_name = "counts"
urlpatterns = [
    path("", views.index, name="index"),
    path("ask/", asking.ask, name="ask"),
    path("ask-zone/", asking.ask_whole_zone, name="ask_zone"),
    path("plan/", asking.plan, name="plan"),
    path("accuracy/", accuracy.show, name="accuracy"),
    path("accuracy/export/", accuracy.export, name="accuracy_export"),
    path("rules/", rules.show, name="rules"),
    path("rules/save/", rules.save, name="save_rules"),
    path("<int:task_id>/", views.show, name="show"),
    path("<int:task_id>/approve/", deciding.approve, name="approve"),
    path("<int:task_id>/reject/", deciding.reject, name="reject"),
    path("<int:task_id>/recount/", deciding.count_again, name="recount"),
    path("<int:task_id>/cancel/", deciding.cancel, name="cancel"),
    path("<int:task_id>/give-up/", deciding.give_up, name="give_up"),
]
