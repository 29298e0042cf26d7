from django.urls import path

from reorder.web.packing import views

app_name = "packing"
urlpatterns = [
    path("", views.index, name="index"),
    path("<int:fulfilment_id>/", views.show, name="shipment"),
    path("<int:fulfilment_id>/pack", views.pack, name="pack"),
    path("<int:fulfilment_id>/anew", views.anew, name="anew"),
    path("<int:fulfilment_id>/<int:parcel>/carton", views.change_carton, name="change_carton"),
    path("<int:fulfilment_id>/<int:parcel>/<int:frame>.svg", views.picture, name="picture"),
]
