from django.urls import path

from reorder.web.portal import views

app_name = "portal"
urlpatterns = [
    path("sign-up/", views.sign_up, name="sign_up"),
    path("sign-up/<str:secret>/", views.confirm_sign_up, name="confirm_sign_up"),
    path("<str:mark>", views.unsubscribe, name="unsubscribe"),
]
