"""Signing in and second factors, each address named: what allauth has besides (sign-up, e-mail, phone) is absent."""

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.db import transaction
from django.urls import path

from reorder.web.accounts import views


def _whole(view: Callable[..., Any]) -> Callable[..., Any]:
    """A change and its entry in the audit trail commit together."""
    return transaction.atomic(view)


urlpatterns = [
    path("sign-in/<str:secret>", views.sign_in_link, name="sign_in_link"),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    # Allauth asks for these names; both lead to how one gets in here.
    path("account/help/", views.help_page, name="account_signup"),
    path("account/help/password/", views.help_page, name="account_reset_password"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/change/", _whole(views.change_password), name="account_change_password"),
    path("account/password/set/", _whole(account.password_set), name="account_set_password"),
    path("account/2fa/", mfa.index, name="mfa_index"),
    path("account/2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("account/2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/2fa/totp/activate/", _whole(totp.activate_totp), name="mfa_activate_totp"),
    path("account/2fa/totp/deactivate/", _whole(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/2fa/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/2fa/recovery-codes/generate/",
        _whole(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("account/2fa/recovery-codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/2fa/webauthn/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("account/2fa/webauthn/add/", _whole(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("account/2fa/webauthn/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("account/2fa/webauthn/reauthenticate/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/2fa/webauthn/keys/<int:pk>/remove/", _whole(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("account/2fa/webauthn/keys/<int:pk>/edit/", _whole(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
]
