"""What a cell of a CSV file may hold that a person will open in a spreadsheet."""

# A spreadsheet runs a cell that starts with one of these (OWASP, CSV injection); a quote before it makes it text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless_cell(*, text: str) -> str:
    """The text, with a quote before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
