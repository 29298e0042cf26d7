"""Writes of people, links, tokens, saved views and the audit trail."""

from reorder.domain.staff.operations.audit import record_audit
from reorder.domain.staff.operations.people import (
    change_preferences,
    change_user,
    create_user,
    make_sign_in_link,
    use_sign_in_link,
)
from reorder.domain.staff.operations.tokens import make_token, mark_token_used, revoke_token
from reorder.domain.staff.operations.views import delete_view, save_view

__all__ = [
    "change_preferences",
    "change_user",
    "create_user",
    "delete_view",
    "make_sign_in_link",
    "make_token",
    "mark_token_used",
    "record_audit",
    "revoke_token",
    "save_view",
    "use_sign_in_link",
]
