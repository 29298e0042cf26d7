from django.urls import path

from reorder.web.imports import deciding, examples, views

app_name = "imports"
urlpatterns = [
    path("", views.index, name="index"),
    path("log", views.import_log, name="log"),
    path("template/<str:kind>", examples.template, name="template"),
    path("upload", deciding.upload, name="upload"),
    path("<int:upload_id>/", views.detail, name="detail"),
    path("<int:upload_id>/progress", views.progress, name="progress"),
    path("<int:upload_id>/rejected", views.rejected, name="rejected"),
    path("<int:upload_id>/choose", deciding.choose, name="choose"),
    path("<int:upload_id>/start", deciding.start, name="start"),
    path("<int:upload_id>/check", deciding.check, name="check"),
    path("<int:upload_id>/remove", deciding.remove, name="remove"),
]
