from django.urls import path

from reorder.web.buying import views

app_name = "buying"
urlpatterns = [path("", views.index, name="index")]
