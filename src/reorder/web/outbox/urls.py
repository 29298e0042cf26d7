from django.urls import path

from reorder.web.outbox import views

app_name = "outbox"
urlpatterns = [path("", views.index, name="index")]
