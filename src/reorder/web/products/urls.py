from django.urls import path

from reorder.web.products import keeping, liking, views

app_name = "products"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("by-sku/", views.by_sku, name="by_sku"),
    path("<int:product_id>/", views.detail, name="detail"),
    path("<int:product_id>/like/", liking.like, name="like"),
    path("<int:product_id>/side/", views.side, name="side"),
    path("<int:product_id>/keeping/", keeping.show, name="keeping"),
    path("<int:product_id>/keeping/rule/", keeping.save_rule, name="save_rule"),
    path("<int:product_id>/keeping/clear/", keeping.clear_rule, name="clear_rule"),
    path("<int:product_id>/keeping/units/", keeping.save_units, name="save_units"),
    path("<int:product_id>/supply/", views.supply, name="supply"),
    path("<int:product_id>/buyers/", views.buyers, name="buyers"),
]
