from django.urls import path

from reorder.web.marketing.sending import posts, views

app_name = "sending"
urlpatterns = [
    path("", views.deliverability, name="index"),
    path("costs/", views.costs, name="costs"),
    path("posts/", posts.index, name="posts"),
    path("posts/plan", posts.plan, name="plan_post"),
    path("posts/<int:post_id>/stop", posts.stop, name="stop_post"),
    path("posts/<int:post_id>/again", posts.again, name="post_again"),
]
