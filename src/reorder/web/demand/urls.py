from django.urls import path

from reorder.web.demand import deciding, views

app_name = "demand"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("adjust/", deciding.adjust, name="adjust"),
    path("withdraw/", deciding.withdraw, name="withdraw"),
]
