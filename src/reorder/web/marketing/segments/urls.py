"""Addresses of segments."""

from django.urls import path

from reorder.web.marketing.segments import editing, people, profile, views

app_name = "segments"
urlpatterns = [
    path("", views.index, name="index"),
    path("export", views.export_list, name="export_list"),
    path("ready", views.ready, name="ready"),
    path("ready/add", editing.add_ready, name="add_ready"),
    path("new", editing.new, name="new"),
    path("build", editing.build, name="build"),
    path("preview", editing.preview, name="preview"),
    path("save", editing.save, name="save"),
    path("of/<int:customer_id>", profile.show, name="profile"),
    path("of/<int:customer_id>/save", profile.save, name="save_profile"),
    path("<str:code>/", views.show, name="show"),
    path("<str:code>/edit", editing.edit, name="edit"),
    path("<str:code>/delete", editing.delete, name="delete"),
    path("<str:code>/export", views.export, name="export"),
    path("<str:code>/people", people.change, name="people"),
    path("<str:code>/upload", people.upload, name="upload"),
    path("<str:code>/imports/<int:import_id>", views.list_import, name="list_import"),
    path("<str:code>/imports/<int:import_id>/rejected", views.rejected, name="rejected"),
]
