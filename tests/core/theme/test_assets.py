from __future__ import annotations

import io
import re
import tomllib
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from core.web.theme import FOLDER, YEAR, icons, version_of

TEMPLATES = sorted((FOLDER / "templates").rglob("*.html"))
STYLES = sorted((FOLDER / "static/css").glob("*.css"))
SCRIPTS = sorted((FOLDER / "static/js").glob("*.js"))
PYTHON = sorted(FOLDER.glob("*.py"))
#: The theme is part of core and so are its words.
CATALOGS = FOLDER.parents[1] / "translations"
PROSE = re.compile(r"\{#.*?#\}", re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_template_holds_nothing_the_policy_refuses(path: Path):
    text = PROSE.sub("", path.read_text("utf-8"))
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"javascript:|hx-on|\bjs:", text)
    assert not re.search(r"(?:https?:)?//[a-z]", text)
    assert "|safe" not in text
    assert "<style" not in text
    for tag in re.findall(r"<script\b[^>]*", text):
        assert "nonce=" in tag
        assert "src=" in tag


@pytest.mark.parametrize(
    "path", TEMPLATES + STYLES + SCRIPTS + PYTHON, ids=lambda path: str(path.relative_to(FOLDER))
)
def test_files_stay_short_and_say_what_they_are_for(path: Path):
    text = path.read_text("utf-8")
    assert text.count("\n") <= 300
    assert text.startswith(("{#", "/*", "//", '"""'))


@pytest.mark.parametrize("path", STYLES + SCRIPTS, ids=lambda path: path.name)
def test_styles_and_scripts_name_no_other_site_and_run_no_text(path: Path):
    text = path.read_text("utf-8")
    assert not re.search(r"https?:|//[a-z0-9-]+\.[a-z]", text)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )
    assert not re.search(r"""setAttribute\(["'](style|on)""", text)


@pytest.mark.parametrize(
    "path",
    [path for path in STYLES if path.name not in ("tokens.css", "print.css")],
    ids=lambda path: path.name,
)
def test_only_the_tokens_know_colors(path: Path):
    assert not re.search(
        r"#[0-9a-f]{3,8}\b(?!\w)", re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    )


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def schemes() -> dict[str, dict[str, str]]:
    text = (FOLDER / "static/css/tokens.css").read_text("utf-8")
    light, dark = text.split("@media", 1)
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return {"light": found[0], "dark": {**found[0], **found[1]}}


TEXT_ON = [
    *(
        (text, ground)
        for text in ("text", "muted", "accent", "accent-deep", "stop")
        for ground in ("page", "surface", "surface-2")
    ),
    *((kind, f"{kind}-tint") for kind in ("ok", "attention", "stop", "waiting", "neutral")),
    ("text", "ok-tint"),
    ("text", "attention-tint"),
    ("text", "stop-tint"),
    ("text", "waiting-tint"),
    ("text", "accent-tint"),
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
    ("on-stop", "stop"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_and_edges_seen(scheme):
    color = schemes()[scheme]
    weak = {
        pair: round(contrast(color[pair[0]], color[pair[1]]), 2)
        for pair in TEXT_ON
        if contrast(color[pair[0]], color[pair[1]]) < 4.5
    }
    assert weak == {}
    for ground in ("page", "surface", "surface-2"):
        assert contrast(color["edge-strong"], color[ground]) >= 3
        assert contrast(color["focus"], color[ground]) >= 3


def test_the_accent_is_the_teal_of_the_specification():
    assert schemes()["light"]["accent"] == "#0f766e"


def test_every_meaning_has_an_icon_and_an_unknown_one_is_no_hole():
    assert set(icons.MEANINGS.values()) <= icons.known()
    assert icons.PLAIN in icons.known()
    assert icons.symbol("ok") == "circle-check"
    assert icons.symbol("wheelchair") == "wheelchair"
    assert icons.symbol("point") == icons.PLAIN


def test_every_vendored_file_the_templates_name_is_on_the_list():
    listed = {asset["to"] for asset in tomllib.loads((FOLDER / "vendor.toml").read_text("utf-8"))["asset"]}
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"filename='vendor/([^']+)'", path.read_text("utf-8"))
    }
    assert named
    assert named <= listed


def test_addresses_change_with_any_file_and_are_kept_for_a_year(client, tmp_path):
    (tmp_path / "a.css").write_text("a{}")
    before = version_of(tmp_path)
    (tmp_path / "a.css").write_text("b{}")
    assert version_of(tmp_path) != before
    address = re.search(r'href="(/theme/[0-9a-f]{12}/css/tokens\.css)"', client.get("/bare").text).group(1)
    with client.get(address) as answer:
        assert answer.status_code == 200
        assert answer.cache_control.max_age == YEAR


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s|\{\w+\}", text))


@pytest.mark.parametrize("language", ["ko", "pl"])
def test_every_text_is_translated_and_keeps_its_placeholders(language):
    catalog = read_po(
        io.BytesIO((CATALOGS / language / "LC_MESSAGES/messages.po").read_bytes()),
        locale=language,
    )
    found = extract_from_dir(str(FOLDER), method_map=[("templates/**.html", "jinja2")])
    texts = {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}
    translated = {}
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            translated[key] = [message.string] if isinstance(message.string, str) else list(message.string)
    assert {text for text in texts if not all(translated.get(text) or [""])} == set()
    for key in texts:
        for string in translated[key]:
            assert placeholders(string) == placeholders(key), key


def covered(style: Path) -> set[int]:
    spans = re.findall(r"U\+([0-9a-fA-F]+)(?:-([0-9a-fA-F]+))?", style.read_text("utf-8"))
    return {point for low, high in spans for point in range(int(low, 16), int(high or low, 16) + 1)}


@pytest.mark.parametrize("language", ["ko", "pl"])
def test_the_fonts_have_every_letter_of_the_language(language):
    letters = {
        ord(letter) for letter in (CATALOGS / language / "LC_MESSAGES/messages.po").read_text("utf-8")
    } - {10}
    letters |= {ord(letter) for letter in "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ„”–—−›·²"}
    have = covered(FOLDER / "static/vendor/pretendard/pretendard.css") | covered(
        FOLDER / "static/css/fonts.css"
    )
    assert {chr(letter) for letter in letters - have} == set()
