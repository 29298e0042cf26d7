from django.urls import path

from reorder.web.demand import deciding, methods, views

app_name = "demand"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("adjust/", deciding.adjust, name="adjust"),
    path("withdraw/", deciding.withdraw, name="withdraw"),
    path("methods/", methods.choose, name="methods"),
    path("methods/withdraw/", methods.withdraw, name="methods_withdraw"),
]
