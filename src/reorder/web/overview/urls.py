from django.urls import path

from reorder.web.overview import searching, views

app_name = "overview"
urlpatterns = [
    path("", views.index, name="index"),
    path("overview/progress", views.progress, name="progress"),
    path("search", searching.search, name="search"),
]
