"""Collects every sentence that people see from the syntax tree and brings the Chinese catalogue up to date.

No gettext program is needed, and it sees what xgettext cannot: tables of sentences, templates of errors, and the help
of commands (asked of the commands themselves). Page templates are read by Django's own translator of templates.
`--check` changes nothing and ends with 1 when something is missing, untranslated or left over.
"""

import ast
import inspect
import re
import string
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize

from reorder.kernel.errors import PHRASES

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "reorder"
CATALOGUE = SOURCE / "locale" / "zh_Hant" / "LC_MESSAGES" / "django.po"
_MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "translated"}
_METADATA = {
    "Project-Id-Version": "reorder",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": "zh_Hant",
    "Plural-Forms": "nplurals=1; plural=0;",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence (with its plural, when it has one) and the file it stands in."""

    text: str
    plural: str
    file: str


def collect_messages(*, source: Path = SOURCE) -> list[Message]:
    """Every sentence once, by file and then by place in the file."""
    found: dict[str, Message] = {}
    for text, plural, file in _marked_sentences(source):
        known = found.get(text)
        if known is None or (plural and not known.plural):
            found[text] = Message(text, plural, known.file if known else file)
    for text, module in _sentences_of_commands():
        found.setdefault(text, Message(text, "", f"src/{module.replace('.', '/')}.py"))
    return sorted(found.values(), key=lambda message: message.file)


def _marked_sentences(source: Path) -> Iterator[tuple[str, str, str]]:
    """Sentence, plural and file of everything that is marked in code, then in page templates."""
    for path in sorted(source.rglob("*.py")):
        if "migrations" not in path.parts:
            file = path.relative_to(source.parents[1]).as_posix()
            yield from ((*pair, file) for pair in _messages_of(ast.parse(path.read_text(encoding="utf-8"))))
    for path in sorted((source / "web" / "templates").rglob("*.html")):
        file = path.relative_to(source.parents[1]).as_posix()
        yield from ((*pair, file) for pair in _messages_of_template(path.read_text(encoding="utf-8"), origin=file))


def _messages_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    named = _named_sentences(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _marked(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            yield from _sentences_of_table(node, named=named)
        elif isinstance(node, ast.ClassDef):
            yield from _template_of_error(node)
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from _phrases_of_error(node.exc)


_LITERAL = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_IN_TEMPLATE = re.compile(rf"""\b(ngettext|gettext|_)\(\s*u?{_LITERAL}(?:\s*,\s*u?{_LITERAL})?""")


def _messages_of_template(text: str, *, origin: str) -> Iterator[tuple[str, str]]:
    """Sentences of `trans` and `blocktranslate`, as gettext looks them up: a percent sign is doubled."""
    for name, first, second in _IN_TEMPLATE.findall(templatize(text, origin=origin)):
        yield ast.literal_eval(first), ast.literal_eval(second) if name == "ngettext" and second else ""


def _marked(call: ast.Call) -> Iterator[tuple[str, str]]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name == "holding_advisory_lock":
        yield from _phrases_of_error(call)
    texts = [_text_of(argument) for argument in call.args]
    if name == "_setting":
        # What a setting means, as its page says it.
        yield from ((text, "") for text in texts[2:3] if text)
    if name not in _MARKS or not texts or not texts[0]:
        return
    yield texts[0], texts[1] if name.startswith("ngettext") and len(texts) > 1 else ""


def _phrases_of_error(call: ast.Call) -> Iterator[tuple[str, str]]:
    """What an error says inside its sentence: `raise BadMove(reason="…")`."""
    yield from ((text, "") for part in call.keywords if part.arg in PHRASES and (text := _text_of(part.value)))


def _sentences_of_commands() -> Iterator[tuple[str, str]]:
    """Help of every command and option, as `reorder --help` shows it, with the file of the command."""
    from typer.main import get_command

    from reorder.cli.main import app

    waiting = [get_command(app)]
    while waiting:
        command = waiting.pop(0)
        waiting += getattr(command, "commands", {}).values()
        function = inspect.unwrap(command.callback) if command.callback else None
        module = getattr(function, "__module__", "reorder.cli.main")
        texts = [command.help, *(getattr(parameter, "help", None) for parameter in command.params)]
        yield from ((text, module) for text in texts if text)


def _named_sentences(tree: ast.Module) -> dict[str, str]:
    """Sentences that have a name of their own in a module, by that name: tables may list the names."""
    found: dict[str, str] = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not (text := _text_of(node.value)):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        found |= {target.id: text for target in targets if isinstance(target, ast.Name)}
    return found


def _sentences_of_table(node: ast.Assign | ast.AnnAssign, *, named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if "faults" in names and isinstance(node.value, ast.Dict):
        # What is wrong with an input, as a key beside the test for it.
        yield from ((text, "") for key in node.value.keys if (text := _text_of(key)))
    if not any(name.endswith("TEMPLATES") for name in names):
        return
    values = node.value.values if isinstance(node.value, ast.Dict) else getattr(node.value, "elts", [])
    texts = (named.get(value.id, "") if isinstance(value, ast.Name) else _text_of(value) for value in values)
    yield from ((text, "") for text in texts if text)


def _template_of_error(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for part in node.body:
        targets = (
            part.targets if isinstance(part, ast.Assign) else [part.target] if isinstance(part, ast.AnnAssign) else []
        )
        if any(isinstance(t, ast.Name) and t.id == "template" for t in targets):
            text = _text_of(part.value)  # type: ignore[union-attr]
            if text:
                yield text, ""


def _text_of(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text_of(node.left), _text_of(node.right)
        return left + right if left and right else ""
    return ""


def placeholders_of(text: str) -> set[str]:
    """Names of the places in a sentence; empty for text that is no format string."""
    named = set(re.findall(r"%\((\w+)\)s", text))
    try:
        return named | {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return named


def find_faults(*, messages: list[Message], catalogue: polib.POFile) -> list[str]:
    """What is missing, untranslated, left over, or has other places than its source."""
    entries = {entry.msgid: entry for entry in catalogue if not entry.obsolete}
    wanted = {message.text: message for message in messages}
    faults = [f"missing: {text!r}" for text in wanted if text not in entries]
    faults += [f"left over: {text!r}" for text in entries if text not in wanted]
    faults += [f"left over: {entry.msgid!r}" for entry in catalogue.obsolete_entries()]
    for text, entry in entries.items():
        translations = list(entry.msgstr_plural.values()) or [entry.msgstr]
        if not all(translations) or entry.fuzzy:
            faults.append(f"untranslated: {text!r}")
            continue
        allowed = placeholders_of(text) | placeholders_of(entry.msgid_plural)
        faults += [f"other places: {text!r} → {said!r}" for said in translations if placeholders_of(said) != allowed]
    return faults


def update_catalogue() -> None:
    """Write the catalogue with today's sentences: known translations kept, new ones empty, left-over ones gone."""
    known = {entry.msgid: entry for entry in polib.pofile(str(CATALOGUE))} if CATALOGUE.exists() else {}
    made = polib.POFile(wrapwidth=110)
    made.metadata = _METADATA
    for message in collect_messages():
        old = known.get(message.text)
        entry = polib.POEntry(msgid=message.text, occurrences=[(message.file, "")])
        if message.plural:
            entry.msgid_plural = message.plural
            entry.msgstr_plural = {0: old.msgstr_plural.get(0, old.msgstr) if old else ""}
        else:
            entry.msgstr = old.msgstr if old else ""
        if "%(" in message.text:
            entry.flags = ["python-format"]
        elif placeholders_of(message.text):
            entry.flags = ["python-brace-format"]
        made.append(entry)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    made.save(str(CATALOGUE))


def main() -> int:
    if "--check" not in sys.argv[1:]:
        update_catalogue()
    faults = find_faults(messages=collect_messages(), catalogue=polib.pofile(str(CATALOGUE)))
    print("\n".join(faults) or "The catalogue is complete.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
