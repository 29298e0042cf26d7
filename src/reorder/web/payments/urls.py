from django.urls import path

from reorder.web.payments import views

app_name = "payments"
urlpatterns = [
    path("", views.index, name="index"),
    path("confirm", views.confirm, name="confirm"),
    path("refunds/<int:refund_id>/sent", views.refund_sent, name="refund_sent"),
]
