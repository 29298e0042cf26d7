from django.urls import path

from reorder.web.floor import app_files, camera, scans, views

app_name = "floor"
urlpatterns = [
    path("", views.home, name="home"),
    path("place", views.choose_place, name="place"),
    path("scans", scans.take, name="scans"),
    path("hello", scans.hello, name="hello"),
    path("read", camera.read, name="read"),
    path("look", scans.look, name="look"),
    path("queue/", views.queue, name="queue"),
    path("worker.js", app_files.worker, name="worker"),
    path("manifest.webmanifest", app_files.manifest, name="manifest"),
    path("plan/<str:work>/<path:task>/", scans.plan, name="plan"),
    path("<str:work>/", views.work, name="work"),
    path("<str:work>/<path:task>/", views.task, name="task"),
]
