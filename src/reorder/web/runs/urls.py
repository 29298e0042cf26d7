from django.urls import path

from reorder.web.runs import views

app_name = "runs"
urlpatterns = [
    path("", views.index, name="index"),
    path("now", views.now, name="now"),
    path("health", views.health, name="health"),
    path("start", views.start, name="start"),
    path("<int:run_id>/", views.detail, name="detail"),
    path("<int:run_id>/progress", views.progress, name="progress"),
]
