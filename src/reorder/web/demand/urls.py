from django.urls import path

from reorder.web.demand import views

app_name = "demand"
urlpatterns = [path("", views.index, name="index")]
