"""Allauth's forms in our words and our look."""

from typing import Any, ClassVar

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm, SetPasswordForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as MfaReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.forms import CheckboxInput, Form
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_CODE = _("Code of your app, or a recovery code")
_RULE = _("At least 12 characters; not a common password, and not like your name.")


class _Dressed(Form):
    """Our labels and help; no placeholders, because they vanish while somebody types."""

    words: ClassVar[dict[str, Promise]] = {}
    helps: ClassVar[dict[str, Promise]] = {}
    attributes: ClassVar[dict[str, dict[str, str]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.words.get(name, field.label)  # type: ignore[assignment] # lazy words are words
            field.help_text = self.helps.get(name, "")  # type: ignore[assignment]
            field.widget.attrs.pop("placeholder", None)
            is_box = isinstance(field.widget, CheckboxInput)
            field.widget.attrs |= {"class": "form-check-input" if is_box else "form-control"}
            field.widget.attrs |= self.attributes.get(name, {})


class SignInForm(_Dressed, LoginForm):  # type: ignore[misc] # untyped library
    words: ClassVar[dict[str, Promise]] = {"login": _("User name or e-mail"), "password": _("Password")}
    attributes: ClassVar[dict[str, dict[str, str]]] = {
        "login": {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "maxlength": "254"},
        "password": {"maxlength": "1024"},
    }


class PasswordForm(_Dressed, ChangePasswordForm):  # type: ignore[misc] # untyped library
    words: ClassVar[dict[str, Promise]] = {
        "oldpassword": _("Present password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }
    helps: ClassVar[dict[str, Promise]] = {"password1": _RULE}


class FirstPasswordForm(_Dressed, SetPasswordForm):  # type: ignore[misc] # untyped library
    words: ClassVar[dict[str, Promise]] = {"password1": _("New password"), "password2": _("New password again")}
    helps: ClassVar[dict[str, Promise]] = {"password1": _RULE}


class ConfirmForm(_Dressed, ReauthenticateForm):  # type: ignore[misc] # untyped library
    words: ClassVar[dict[str, Promise]] = {"password": _("Your password")}


class CodeForm(_Dressed, AuthenticateForm):  # type: ignore[misc] # untyped library
    words: ClassVar[dict[str, Promise]] = {"code": _CODE}
    attributes: ClassVar[dict[str, dict[str, str]]] = {"code": {"inputmode": "numeric", "maxlength": "40"}}


class ConfirmCodeForm(_Dressed, MfaReauthenticateForm):  # type: ignore[misc] # untyped library
    words: ClassVar[dict[str, Promise]] = {"code": _CODE}
    attributes: ClassVar[dict[str, dict[str, str]]] = {"code": {"inputmode": "numeric", "maxlength": "40"}}


class ActivateAppForm(_Dressed, ActivateTOTPForm):  # type: ignore[misc] # untyped library
    words: ClassVar[dict[str, Promise]] = {"code": _("Code that the app shows now")}
    attributes: ClassVar[dict[str, dict[str, str]]] = {"code": {"inputmode": "numeric", "maxlength": "10"}}


class AddPasskeyForm(_Dressed, AddWebAuthnForm):  # type: ignore[misc] # untyped library
    words: ClassVar[dict[str, Promise]] = {"name": _("Name"), "passwordless": _("Sign in with it alone")}
    helps: ClassVar[dict[str, Promise]] = {
        "name": _("Where it is kept, for example: my phone."),
        "passwordless": _("No name and no password are asked; the device asks for a finger, a face or its PIN."),
    }
    attributes: ClassVar[dict[str, dict[str, str]]] = {"name": {"maxlength": "100"}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class RenamePasskeyForm(_Dressed, EditWebAuthnForm):  # type: ignore[misc] # untyped library
    words: ClassVar[dict[str, Promise]] = {"name": _("Name")}
    attributes: ClassVar[dict[str, dict[str, str]]] = {"name": {"maxlength": "100"}}
