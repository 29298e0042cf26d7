from django.urls import path

from reorder.web.outbox import deciding, views, withheld

app_name = "outbox"
urlpatterns = [
    path("", views.index, name="index"),
    path("export", views.export, name="export"),
    path("not-sent", withheld.index, name="not_sent"),
    path("decide", deciding.decide_selected, name="decide"),
    path("approve-all", deciding.approve_all, name="approve_all"),
    path("undo", deciding.undo_last, name="undo"),
    path("customers/<int:customer_id>/stop", deciding.stop_customer, name="stop_customer"),
    path("<int:message_id>/", views.detail, name="detail"),
    path("<int:message_id>/side", views.side, name="side"),
    path("<int:message_id>/html", views.mail_html, name="html"),
    path("<int:message_id>/decide", deciding.decide, name="decide_one"),
]
