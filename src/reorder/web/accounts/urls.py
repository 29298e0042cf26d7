from django.urls import include, path

from reorder.web.accounts import views

urlpatterns = [
    path("sign-in/<str:secret>", views.sign_in_link, name="sign_in_link"),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
]
