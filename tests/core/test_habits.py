"""Habits the code keeps, read from its source: nothing typed becomes a statement, a command, a program or markup.

Each habit is a function from a tree to the lines that break it, and has a control: a text that does.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted(
    path for part in ("core", "modules", "plugins", "setup") for path in (ROOT / part).rglob("*.py")
)
TEMPLATES = sorted(path for part in ("core", "modules", "plugins") for path in (ROOT / part).rglob("templates/**/*.html"))
SCRIPTS = sorted(
    path for part in ("core", "modules", "plugins") for path in (ROOT / part).rglob("*.js") if "vendor" not in path.parts
)


def dotted(node):
    """`a.b.c` of a call or an attribute; what is no name is empty."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def constant(node):
    """Whether a text is wholly ours: written in the source, or put together from what is."""
    if isinstance(node, ast.BinOp):
        return constant(node.left) and constant(node.right)
    return isinstance(node, ast.Constant)


def runs_text(tree):
    """V1.3.2: eval and its kin."""
    return [node.lineno for node in calls(tree) if dotted(node.func) in ("eval", "exec", "compile", "__import__")]


def runs_commands(tree):
    """V1.2.5: a shell, or a command in one text; commands are lists."""
    found = [node.lineno for node in calls(tree) if re.fullmatch(r"os\.(system|popen|spawn\w+)", dotted(node.func))]
    for node in calls(tree):
        if re.fullmatch(r"(subprocess\.)?(run|Popen|call|check_call|check_output)", dotted(node.func)):
            shell = any(word.arg == "shell" for word in node.keywords)
            text = node.args and isinstance(node.args[0], (ast.JoinedStr, ast.Constant))
            found += [node.lineno] if shell or text else []
    return found


def revives_objects(tree):
    """V1.5.2: formats that build any object while they are read."""
    bad = {"pickle", "cPickle", "marshal", "shelve", "dill", "jsonpickle", "yaml"}
    return [line for line, name in imported(tree) if name.split(".")[0] in bad]


def reads_xml(tree):
    """V1.5.1: XML parsers of our own; workbooks are looked through for entities before openpyxl sees them."""
    bad = re.compile(r"(xml\.(etree|dom|sax|parsers)|lxml|bs4)\b")
    return [line for line, name in imported(tree) if bad.match(name)]


def weak_hashes(tree):
    """V11.4.1."""
    names = ("md5", "sha1", "new")
    found = [line for line, name in imported(tree) if name in {f"hashlib.{one}" for one in names}]
    return found + [node.lineno for node in calls(tree) if dotted(node.func) in {f"hashlib.{one}" for one in names}]


CIPHERS = {"AESGCMSIV", "AESGCM", "ChaCha20Poly1305", "HKDF", "SHA256", "InvalidTag"}


def other_ciphers(tree):
    """V11.3.1, V11.3.2: authenticated encryption and nothing below it."""
    return [
        line for line, name in imported(tree)
        if name.split(".")[0] in {"cryptography", "Crypto", "Cryptodome", "nacl"} and name.rsplit(".", 1)[1] not in CIPHERS
    ]  # fmt: skip


def guessable_numbers(tree):
    """V11.5.1: `random` draws nothing here."""
    return [line for line, name in imported(tree) if name.split(".")[0] == "random"]


def built_statements(tree):
    """V1.2.4: a statement whose text is not written out; what is made once while a file is imported knows no input."""
    found = []
    acts = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Lambda))]
    for node in {id(call): call for act in acts for call in calls(act)}.values():
        name = dotted(node.func)
        if not node.args or constant(node.args[0]):
            continue
        text = node.args[0]
        raw = name.endswith(".execute") and (
            isinstance(text, (ast.JoinedStr, ast.BinOp))
            or (isinstance(text, ast.Call) and isinstance(text.func, ast.Attribute) and isinstance(text.func.value, ast.Constant))
        )
        found += [node.lineno] if raw or name in ("sa.text", "sqlalchemy.text") else []
    return sorted(found + [line for line, name in imported(tree) if name == "sqlalchemy.text"])


def bare_markup(tree):
    """V1.2.1: markup made of anything but our own text."""
    return [
        node.lineno for node in calls(tree)
        if dotted(node.func) in ("Markup", "markupsafe.Markup") and node.args and not constant(node.args[0])
    ]  # fmt: skip


def unescaped_templates(tree):
    """V1.2.1, V1.3.7: templates made of texts, or without escaping."""
    found = [node.lineno for node in calls(tree) if dotted(node.func).endswith(("render_template_string", "from_string"))]
    return found + [
        node.lineno for node in calls(tree) for word in node.keywords
        if word.arg == "autoescape" and isinstance(word.value, ast.Constant) and not word.value.value
    ]  # fmt: skip


#: Habit, what breaks it, and the files that may, each with the reason.
HABITS = [
    (runs_text, "eval(request.args['x'])", {}),
    (runs_commands, "subprocess.run(f'ls {name}', shell=True)", {}),
    (revives_objects, "import pickle", {}),
    (reads_xml, "from xml.etree import ElementTree", {}),
    (weak_hashes, "import hashlib\nhashlib.md5(b'')", {}),
    (other_ciphers, "from cryptography.hazmat.primitives.ciphers.modes import ECB", {
        "modules/transparency/keys.py": "keeps the Ed25519 keys that sign the log; it encrypts nothing",
        "modules/transparency/notes.py": "signs with Ed25519, as the formats of the log ask; it encrypts nothing",
    }),
    (guessable_numbers, "from random import choice", {}),
    (built_statements, "def find(name):\n    db.session.execute(sa.text(f\"select * from t where name = '{name}'\"))", {
        "core/db/migrations.py": "the schema of a module, whose name the manifest bounds",
        "core/host/lifecycle.py": "tables and schemas of modules, by the catalog's names",
        "core/jobs/relay.py": "the name of a channel, a constant",
        "core/db/servers/roles.py": "names of two functions of PostgreSQL, a constant list",
        "core/security/walls.py": "run by migrations, with names the migration writes",
        "core/security/history_triggers.py": "run by migrations, with names the migration writes",
        "core/security/codes.py": "one of two columns, both named there",
        "core/security/rows.py": "what a model's class declares; the person is bound",
        "modules/facilities/services/rows.py": "tables and columns of that file; values are bound",
    }),
    (bare_markup, "Markup(request.args['x'])", {
        "core/web/theme/rows.py": "a template's own pattern; what is put in is escaped",
        "core/web/documents/qr.py": "an SVG the library drew, which escapes its title",
    }),
    (unescaped_templates, "render_template_string(request.args['x'])", {
        "core/commands/scaffolding.py": "writes Python files, by the command line",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("habit", "breaks", "may"), HABITS, ids=[habit[0].__name__ for habit in HABITS])
def test_kept_everywhere(habit, breaks, may):
    assert habit(ast.parse(breaks)), "the control: the habit sees what breaks it"
    assert len(PYTHON) > 300
    found = {str(path.relative_to(ROOT)): habit(ast.parse(path.read_bytes())) for path in PYTHON}
    assert {name: lines for name, lines in found.items() if lines and name not in may} == {}
    assert all(found[name] for name in may), "an exception that is needed no more goes from the list"


def loud(text):
    """What of a template is not escaped, or would run."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    return re.findall(r"\|\s*safe\b|autoescape\s+false|<script(?![^>]*\bsrc=)[^>]*>|\son\w+=[\"']|javascript:", text)


def test_templates_escape_what_people_wrote():
    assert len(loud("{{ x|safe }}{% autoescape false %}<script>a</script><a onclick='x' href='javascript:x'>")) == 5
    assert len(TEMPLATES) > 60
    assert {path.name: loud(path.read_text("utf-8")) for path in TEMPLATES if loud(path.read_text("utf-8"))} == {}


def unquoted(text):
    """Attributes with a value of ours without quotes: a space in it would begin another attribute."""
    return re.findall(r"<[^<>]*\s[\w:-]+=\{\{[^}]*\}\}", text)


def test_values_in_attributes_stand_in_quotes():
    assert unquoted("<a href={{ x }}>")
    assert {path.name: unquoted(path.read_text("utf-8")) for path in TEMPLATES if unquoted(path.read_text("utf-8"))} == {}


MARKUP_BY_SCRIPT = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|createContextualFragment|"
    r"""setAttribute\(["'](style|on)|srcdoc|localStorage|sessionStorage|indexedDB|document\.cookie|postMessage"""
)


def test_scripts_write_text_and_keep_nothing():
    """V3.2.2, V14.3.3: by textContent only; nothing is left in the browser's storage."""
    assert MARKUP_BY_SCRIPT.search("box.innerHTML = name") and MARKUP_BY_SCRIPT.search("localStorage.x = 1")
    assert len(SCRIPTS) >= 6
    assert [path.name for path in SCRIPTS if MARKUP_BY_SCRIPT.search(path.read_text("utf-8"))] == []
