"""Rule 10: a function fits a screen, a file has an aim."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "reorder"
FILES = sorted(p for p in SOURCE.rglob("*.py") if "migrations" not in p.parts)
FUNCTION_LINES = 50
NUMERIC_CORE_LINES = 80
FILE_LINES = 500


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_functions_and_files_keep_their_size(file: Path) -> None:
    text = file.read_text()
    limit = NUMERIC_CORE_LINES if "engine" in file.parts else FUNCTION_LINES
    too_long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > limit
    ]
    assert too_long == []
    assert len(text.splitlines()) <= FILE_LINES
