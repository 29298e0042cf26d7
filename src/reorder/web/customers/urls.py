from django.urls import path

from reorder.web.customers import views

app_name = "customers"
urlpatterns = [path("", views.index, name="index")]
