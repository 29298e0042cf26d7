from django.urls import path

from reorder.web.reports import returned, views

app_name = "reports"
urlpatterns = [
    path("", views.stock, name="stock"),
    path("export/", views.stock_export, name="stock_export"),
    path("pdf/", views.pdf, name="pdf"),
    path("returns/", returned.index, name="returns"),
    path("classes/", views.classes, name="classes"),
    path("service/", views.service, name="service"),
    path("service/export/", views.service_export, name="service_export"),
    path("accuracy/", views.accuracy, name="accuracy"),
    path("accuracy/export/", views.accuracy_export, name="accuracy_export"),
]
