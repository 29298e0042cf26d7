from django.urls import path

from reorder.web.me import alerts, views

app_name = "me"
urlpatterns = [
    path("language", views.choose_language, name="language"),
    path("preferences", views.preferences, name="preferences"),
    path("preferences/save", views.save_preferences, name="save_preferences"),
    path("alerts/", alerts.show, name="alerts"),
    path("alerts/save/", alerts.save, name="save_alerts"),
    path("alerts/<int:digest_id>/again/", alerts.send_again, name="send_alerts_again"),
    path("views/save", views.save_view, name="save_view"),
    path("views/<int:view_id>/delete", views.delete_view, name="delete_view"),
]
