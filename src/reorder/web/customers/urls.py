from django.urls import path

from reorder.web.customers import actions, merging, segments, views

app_name = "customers"
urlpatterns = [
    path("", views.index, name="index"),
    path("export", views.export, name="export"),
    path("segments/", segments.index, name="segments"),
    path("segments/export", segments.export, name="segments_export"),
    path("segments/moved", segments.moved, name="moved"),
    path("segments/moved/export", segments.export_moved, name="export_moved"),
    path("<int:customer_id>/", views.customer, name="customer"),
    path("<int:customer_id>/side", views.side, name="side"),
    path("<int:customer_id>/due", views.more_due, name="due"),
    path("<int:customer_id>/timeline", views.more_timeline, name="timeline"),
    path("<int:customer_id>/orders/<int:order_id>", views.order_lines, name="order_lines"),
    path("<int:customer_id>/merge", merging.choose_record, name="merge"),
    path("<int:customer_id>/merge/<int:other_id>", merging.compare, name="compare"),
    path("<int:customer_id>/merge/<int:other_id>/confirm", merging.confirm, name="confirm_merge"),
    path("<int:customer_id>/notes", actions.add_note, name="add_note"),
    path("<int:customer_id>/notes/<int:note_id>/take-back", actions.take_back_note, name="take_back_note"),
    path("<int:customer_id>/pause", actions.pause, name="pause"),
    path("<int:customer_id>/resume", actions.resume, name="resume"),
]
