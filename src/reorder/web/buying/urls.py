"""Addresses of Buying: what is proposed, and what was ordered."""

from django.urls import path

from reorder.web.buying import deciding, orders, proposal, receiving, views

app_name = "buying"
urlpatterns = [
    path("", views.index, name="index"),
    path("lines/", views.lines, name="lines"),
    path("changes/", views.changes, name="changes"),
    path("export/", views.export, name="export"),
    path("approve/", deciding.approve, name="approve"),
    path("dismiss/", deciding.dismiss, name="dismiss"),
    path("undo/", deciding.undo, name="undo"),
    path("proposals/<int:proposal_id>/", proposal.show, name="proposal"),
    path("proposals/<int:proposal_id>/weigh/", proposal.weigh, name="weigh"),
    path("proposals/<int:proposal_id>/edit/", proposal.edit, name="edit"),
    path("proposals/<int:proposal_id>/dismiss/", proposal.dismiss, name="dismiss_one"),
    path("proposals/<int:proposal_id>/reopen/", proposal.reopen, name="reopen"),
    path("orders/", orders.index, name="orders"),
    path("orders/export/", orders.export, name="export_orders"),
    path("orders/<slug:number>/", orders.show, name="order"),
    path("orders/<slug:number>/file/", orders.file, name="order_file"),
    path("orders/<slug:number>/cancel/", orders.ask_cancel, name="ask_cancel"),
    path("orders/<slug:number>/cancel/now/", orders.cancel, name="cancel"),
    path("orders/<slug:number>/receive/", receiving.show, name="receive"),
    path("orders/<slug:number>/receive/now/", receiving.receive, name="receive_now"),
]
