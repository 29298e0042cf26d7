"""Writes of people, links, tokens, saved views and the audit trail."""

from reorder.domain.staff.operations.answers import forget_answers, store_answer
from reorder.domain.staff.operations.audit import record_audit
from reorder.domain.staff.operations.people import (
    change_preferences,
    change_role,
    change_user,
    create_user,
    make_sign_in_link,
    remove_second_factors,
    set_password,
    stop_user,
    use_sign_in_link,
)
from reorder.domain.staff.operations.tokens import make_token, mark_token_used, revoke_token
from reorder.domain.staff.operations.views import delete_view, save_view

__all__ = [
    "change_preferences",
    "change_role",
    "change_user",
    "create_user",
    "delete_view",
    "forget_answers",
    "make_sign_in_link",
    "make_token",
    "mark_token_used",
    "record_audit",
    "remove_second_factors",
    "revoke_token",
    "save_view",
    "set_password",
    "stop_user",
    "store_answer",
    "use_sign_in_link",
]
