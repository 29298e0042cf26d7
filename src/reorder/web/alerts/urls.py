from django.urls import path

from reorder.web.alerts import deciding, views

app_name = "alerts"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("snooze/", deciding.snooze, name="snooze"),
    path("wake/", deciding.wake, name="wake"),
    path("<int:alert_id>/", views.show, name="show"),
    path("<int:alert_id>/side/", views.side, name="side"),
]
