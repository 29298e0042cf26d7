"""How allauth behaves here: nobody signs up, secrets of second factors are encrypted, and every change is on record."""

import base64
import hashlib
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.staff.operations import record_audit
from reorder.kernel import clock
from reorder.kernel.errors import BadInput
from reorder.web.middleware import address_of

# In the session: when its person came in by a one-time link, in seconds of the epoch.
LINK_MARK = "signed_in_by_link_at"
# Allauth announces what has changed by the name of a mail; we send none and write the audit trail.
_ACTIONS = {
    "account/email/password_changed": "staff.change_own_password",
    "account/email/password_set": "staff.set_own_password",
    "mfa/email/totp_activated": "staff.add_authenticator_app",
    "mfa/email/totp_deactivated": "staff.remove_authenticator_app",
    "mfa/email/webauthn_added": "staff.add_passkey",
    "mfa/email/webauthn_removed": "staff.remove_passkey",
    "mfa/email/recovery_codes_generated": "staff.make_recovery_codes",
}
# Allauth's notes by the template it would say them with. That somebody is signed in or out shows on the page itself.
_NOTES = {
    "account/messages/password_changed.txt": gettext_lazy(
        "The password is changed. Everywhere else you are signed out."
    ),
    "account/messages/password_set.txt": gettext_lazy("The password is set. From now on you can sign in by your name."),
    "mfa/messages/totp_activated.txt": gettext_lazy("The authenticator app is on."),
    "mfa/messages/totp_deactivated.txt": gettext_lazy("The authenticator app is off."),
    "mfa/messages/webauthn_added.txt": gettext_lazy("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": gettext_lazy("The passkey is removed."),
    "mfa/messages/recovery_codes_generated.txt": gettext_lazy("New recovery codes are made."),
}


class SecondFactorUnreadable(BadInput):
    """The signing key is another one than when the second factor was set up."""

    code = "staff.second_factor_unreadable"
    template = (
        "Your second factor was made under another secret key and cannot be read. Ask an owner to remove it, "
        "or run: reorder user reset NAME"
    )
    silent_variable_failure = True  # a page that only counts recovery codes still opens


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc] # untyped library
    """Accounts are made by owners or in the terminal."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": gettext_lazy("This name and password do not belong together."),
        "email_password_mismatch": gettext_lazy("This address and password do not belong together."),
        "too_many_login_attempts": gettext_lazy(
            "Too many wrong attempts. Wait 15 minutes, or ask an owner for a link."
        ),
        "enter_current_password": gettext_lazy("This is not your present password."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "rate_limited": gettext_lazy("Too many attempts. Wait a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("me:preferences")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not right after a one-time link, and not for whoever has nothing yet to prove themselves by."""
        request = context.request
        if came_by_link_lately(request=request) or not self.get_reauthentication_methods(request.user):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        methods = {str(one.get("type") or one["method"]) for one in get_authentication_records(request, user)}
        record_audit(
            actor=user.username,
            action="staff.sign_in",
            subject_kind="user",
            subject_key=user.username,
            details={"by": sorted(methods)},
        )
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        return answer

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """Write the audit trail: what allauth would mail to the person, owners want to find later."""
        if action := _ACTIONS.get(template_prefix):
            record_audit(actor=user.username, action=action, subject_kind="user", subject_key=user.username)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        message: str | None = None,
        **kwargs: Any,
    ) -> None:
        said = message or _NOTES.get(message_template or "")
        if said:
            messages.add_message(request, level, said)


class StaffMfaAdapter(DefaultMFAAdapter):  # type: ignore[misc] # untyped library
    """Secrets of second factors are encrypted with the signing key, which no backup holds."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is not right. Codes change every 30 seconds: use the one shown now."),
    }

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise SecondFactorUnreadable from None

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - allauth's own name
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("My passkey") if not count else _("Passkey {number}").format(number=count + 1)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "Reorder"}


def came_by_link_lately(*, request: HttpRequest) -> bool:
    """Whether this session began with a one-time link a moment ago: as good as having just given a password."""
    since = clock.current_moment().timestamp() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return float(request.session.get(LINK_MARK, 0)) > since


def name_attempted(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Whose password is being tried, however it is written: the lock-out counts by this name."""
    given = credentials or {}
    name = given.get("username") or given.get("email") or given.get("login") or request.POST.get("login", "")
    if not name and request.user.is_authenticated:
        name = request.user.username
    return str(name).strip().replace("\x00", "").casefold()[:255]


def _box() -> Fernet:
    digest = hashlib.sha256(b"reorder second factor " + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
