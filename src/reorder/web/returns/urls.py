from django.urls import path

from reorder.web.returns import acting, opening, pictures, suppliers, views

app_name = "returns"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/<int:order_id>/", opening.new, name="new"),
    path("new/<int:order_id>/open", opening.open_one, name="open"),
    path("suppliers/", suppliers.index, name="suppliers"),
    path("suppliers/send", suppliers.send, name="send_claim"),
    path("<int:return_id>/", views.detail, name="detail"),
    path("<int:return_id>/answer", acting.answer, name="answer"),
    path("<int:return_id>/send", acting.send, name="send"),
    path("<int:return_id>/label", acting.label, name="label"),
    path("<int:return_id>/under-way", acting.under_way, name="under_way"),
    path("<int:return_id>/receive", acting.receive, name="receive"),
    path("<int:return_id>/grade", acting.grade, name="grade"),
    path("<int:return_id>/redispose", acting.redispose, name="redispose"),
    path("<int:return_id>/settle", acting.settle, name="settle"),
    path("<int:return_id>/cancel", acting.cancel, name="cancel"),
    path("<int:return_id>/photo", pictures.take, name="take_photo"),
    path("<int:return_id>/photo/<int:photo_id>/", pictures.photo, name="photo"),
    path("<int:return_id>/slip/", pictures.slip, name="slip"),
]
