"""Addresses of parcels and labels, under the desk Warehouse."""

from django.urls import path

from reorder.web.parcels import buying, printing, stores, views

app_name = "parcels"
urlpatterns = [
    path("", views.index, name="index"),
    path("labels/buy", buying.buy_many, name="buy_many"),
    path("labels/print", printing.print_many, name="print_many"),
    path("labels/batches/<int:batch_id>/", buying.batch, name="batch"),
    path("labels/batches/<int:batch_id>/progress", buying.progress, name="batch_progress"),
    path("labels/<int:label_id>/void", buying.void, name="void"),
    path("labels/<int:label_id>/ask", buying.ask, name="ask"),
    path("labels/<int:label_id>/bought", buying.decide_bought, name="decide_bought"),
    path("labels/<int:label_id>/not-bought", buying.decide_not_bought, name="decide_not_bought"),
    path("labels/<int:label_id>/form", printing.carrier_form, name="carrier_form"),
    path("stores/<int:order_id>/", stores.choose, name="stores"),
    path("<int:parcel_id>/", views.show, name="parcel"),
    path("<int:parcel_id>/prices", views.prices, name="prices"),
    path("<int:parcel_id>/buy", buying.buy, name="buy"),
    path("<int:parcel_id>/label.pdf", printing.print_pdf, name="print_pdf"),
    path("<int:parcel_id>/label.zpl", printing.print_zpl, name="print_zpl"),
]
