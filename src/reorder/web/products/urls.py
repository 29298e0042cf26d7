from django.urls import path

from reorder.web.products import views

app_name = "products"
urlpatterns = [path("", views.index, name="index")]
