"""Addresses of journeys."""

from django.urls import path

from reorder.web.marketing.journeys import editing, people, ready, ruling, switching, views, walking

app_name = "journeys"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", editing.new, name="new"),
    path("create/", editing.create, name="create"),
    path("ready/", ready.index, name="ready"),
    path("ready/switch/", ready.switch, name="switch_ready"),
    path("tasks/", people.tasks, name="tasks"),
    path("tasks/<int:task_id>/done/", people.finish, name="finish_task"),
    path("people/<int:enrolment_id>/", people.detail, name="way"),
    path("people/<int:enrolment_id>/out/", people.take_out, name="take_out"),
    path("<str:code>/", views.detail, name="detail"),
    path("<str:code>/add/", editing.add, name="add"),
    path("<str:code>/step/", editing.change, name="change"),
    path("<str:code>/rule/", ruling.build, name="build_rule"),
    path("<str:code>/part/", editing.change_part, name="change_part"),
    path("<str:code>/move/", editing.move, name="move"),
    path("<str:code>/name/", editing.rename, name="rename"),
    path("<str:code>/undo/", editing.undo, name="undo"),
    path("<str:code>/remove/", editing.remove, name="remove"),
    path("<str:code>/switch/", switching.switch, name="switch"),
    path("<str:code>/people/", people.index, name="people"),
    path("<str:code>/walk/", walking.walk, name="walk"),
]
