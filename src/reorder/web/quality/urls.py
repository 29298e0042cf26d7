from django.urls import path

from reorder.web.quality import views

app_name = "quality"
urlpatterns = [
    path("", views.index, name="index"),
    path("progress/", views.progress, name="progress"),
    path("export/", views.export, name="export"),
    path("start/", views.start, name="start"),
]
