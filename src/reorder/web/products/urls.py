from django.urls import path

from reorder.web.products import keeping, liking, owning, promises, stock, views

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
    path("<int:product_id>/keeping/owner/", owning.save_owner, name="save_owner"),
    path("<int:product_id>/supply/", views.supply, name="supply"),
    path("<int:product_id>/promises/", promises.show, name="promises"),
    path("<int:product_id>/promises/terms/", promises.save_terms, name="save_terms"),
    path("<int:product_id>/promises/reserve/", promises.save_reserve, name="save_reserve"),
    path("<int:product_id>/promises/reserve/drop/", promises.drop_reserve, name="drop_reserve"),
    path("<int:product_id>/promises/fresh/", promises.save_fresh, name="save_fresh"),
    path("<int:product_id>/promises/fresh/drop/", promises.drop_fresh, name="drop_fresh"),
    path("<int:product_id>/stock/", stock.show, name="stock"),
    path("<int:product_id>/stock/export/", stock.export, name="stock_export"),
    path("<int:product_id>/stock/undo/", stock.undo, name="undo_move"),
    path("<int:product_id>/buyers/", views.buyers, name="buyers"),
]
