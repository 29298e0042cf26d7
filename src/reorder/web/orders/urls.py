"""Addresses of the desk Orders."""

from django.urls import path

from reorder.web.orders import actions, bulk, editing, exceptions, hand, page, parcels, printing, returning, views

app_name = "orders"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("exceptions/", exceptions.index, name="exceptions"),
    path("bulk/", bulk.act, name="bulk"),
    path("bulk/undo/", bulk.undo, name="undo"),
    path("new/", hand.show, name="new"),
    path("new/save/", hand.save, name="save_new"),
    path("<int:order_id>/", page.show, name="order"),
    path("<int:order_id>/side/", page.side, name="side"),
    path("<int:order_id>/print/<slug:sheet>/", printing.print_one, name="print"),
    path("<int:order_id>/release/", actions.release, name="release"),
    path("<int:order_id>/release-anyway/", actions.release_anyway, name="release_anyway"),
    path("<int:order_id>/hold/", actions.hold, name="hold"),
    path("<int:order_id>/unhold/", actions.unhold, name="unhold"),
    path("<int:order_id>/note/", actions.note, name="note"),
    path("<int:order_id>/pay/", actions.pay, name="pay"),
    path("<int:order_id>/cancel/", actions.cancel, name="cancel"),
    path("<int:order_id>/merge/", actions.merge, name="merge"),
    path("<int:order_id>/split/", actions.split, name="split"),
    path("<int:order_id>/ahead/", actions.ahead, name="ahead"),
    path("<int:order_id>/reroute/", actions.reroute, name="reroute"),
    path("<int:order_id>/edit/", editing.show, name="edit"),
    path("<int:order_id>/edit/save/", editing.save, name="save_edit"),
    path("<int:order_id>/address/", editing.address, name="address"),
    path("<int:order_id>/returns/<int:request_id>/answer/", returning.answer, name="answer_return"),
    path("<int:order_id>/returns/<int:request_id>/photo/", returning.photo, name="return_photo"),
    path("parcels/<int:fulfilment_id>/pick/", parcels.pick, name="pick"),
    path("parcels/<int:fulfilment_id>/short/", parcels.short, name="short"),
    path("parcels/<int:fulfilment_id>/pack/", parcels.pack, name="pack"),
    path("parcels/<int:fulfilment_id>/ship/", parcels.ship, name="ship"),
    path("parcels/<int:fulfilment_id>/deliver/", parcels.deliver, name="deliver"),
]
