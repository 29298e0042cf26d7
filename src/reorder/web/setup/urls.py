from django.urls import path

from reorder.web.setup import views

app_name = "setup"
urlpatterns = [path("", views.index, name="index")]
