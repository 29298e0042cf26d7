from django.urls import path

from reorder.web.payments import credit, views

app_name = "payments"
urlpatterns = [
    path("", views.index, name="index"),
    path("confirm", views.confirm, name="confirm"),
    path("credit/<int:customer_id>/", credit.index, name="credit"),
    path("credit/<int:customer_id>/move", credit.move, name="move_credit"),
    path("refunds/<int:refund_id>/sent", views.refund_sent, name="refund_sent"),
]
