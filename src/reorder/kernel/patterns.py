"""What people type, inside the patterns of LIKE."""


def like_literal(*, text: str) -> str:
    """The text so that LIKE and ILIKE take each of its characters for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
