from django.urls import path

from reorder.web.portal import views

app_name = "portal"
urlpatterns = [path("<str:mark>", views.unsubscribe, name="unsubscribe")]
