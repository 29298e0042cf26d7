from django.urls import path

from reorder.web.products import liking, views

app_name = "products"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("by-sku/", views.by_sku, name="by_sku"),
    path("<int:product_id>/", views.detail, name="detail"),
    path("<int:product_id>/like/", liking.like, name="like"),
    path("<int:product_id>/side/", views.side, name="side"),
    path("<int:product_id>/supply/", views.supply, name="supply"),
    path("<int:product_id>/buyers/", views.buyers, name="buyers"),
]
