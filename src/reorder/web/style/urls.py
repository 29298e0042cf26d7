from django.urls import path

from reorder.web.style import views

app_name = "style"
urlpatterns = [path("", views.index, name="index")]
