"""Addresses of the shipping desk."""

from django.urls import path

from reorder.web.shipping import manifests, parcel, today, trouble, under_way

app_name = "shipping"
urlpatterns = [
    path("", today.index, name="index"),
    path("scan/", today.scan, name="scan"),
    path("manifests/", manifests.index, name="manifests"),
    path("manifests/pick-up/", manifests.ask, name="ask_pick_up"),
    path("manifests/pick-up/<int:pick_up_id>/", manifests.settle, name="settle_pick_up"),
    path("manifests/<str:number>/", manifests.show, name="manifest"),
    path("manifests/<str:number>/close/", manifests.close, name="close_manifest"),
    path("manifests/<str:number>/tell/", manifests.tell, name="tell_manifest"),
    path("manifests/<str:number>/print/", manifests.sheet, name="print_manifest"),
    path("under-way/", under_way.index, name="under_way"),
    path("trouble/", trouble.index, name="trouble"),
    path("trouble/messages/<int:stray_id>/", trouble.settle, name="settle_stray"),
    path("parcels/<int:parcel_id>/", parcel.show, name="parcel"),
    path("parcels/<int:parcel_id>/note/", parcel.note, name="note"),
    path("parcels/<int:parcel_id>/link/", parcel.link, name="link"),
]
