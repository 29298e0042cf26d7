"""A person's saved filters."""

from collections.abc import Sequence

from reorder.domain.staff.errors import BadSavedView
from reorder.domain.staff.models import SavedView

_MOST = 20
_LONGEST_PAGE = 60


def save_view(*, user_id: int, page: str, name: str, query: str, columns: Sequence[str]) -> None:
    """Keep a list's filter and columns under a name; the same name again replaces it. Raises BadSavedView."""
    cleaned = " ".join(_text(name).split())[:60]
    if not cleaned:
        raise BadSavedView(reason="it needs a name")
    page = _text(page)[:_LONGEST_PAGE]
    others = SavedView.objects.filter(user_id=user_id, page=page).exclude(name=cleaned)
    if others.count() >= _MOST:
        raise BadSavedView(reason="there are 20 already, delete one first")
    SavedView.objects.update_or_create(
        user_id=user_id,
        page=page,
        name=cleaned,
        defaults={"query": _text(query)[:2000], "columns": [_text(column) for column in columns]},
    )


def delete_view(*, user_id: int, view_id: int) -> None:
    """Forget one of the person's own saved views; nothing happens when it is gone already."""
    SavedView.objects.filter(user_id=user_id, pk=view_id).delete()


def _text(given: str) -> str:
    """Without the character that no table keeps."""
    return given.replace("\x00", "")
