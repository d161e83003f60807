"""What holds for every address a page offers, for a visitor, a parent, a director, an officer and an administrator."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote, urlencode, urlsplit

import pytest
from browsing import Browser
from people import PASSWORD
from walking import HOSTILE, Walk, fill

#: What looking at a page may write, by view and table, and why that is no act of the person.
LOOKING = {
    ("factors.app", "core.authenticator"): "the secret to be scanned; it opens nothing until its first code is entered",
}
_SEEN = {}


@pytest.fixture
def walked(app, world, person):
    """Every answer to everybody, and the secrets of each; walked once for all tests of this file."""
    if not _SEEN:
        parent = person("mum", "parent", world.district, name=f"M {HOSTILE}")
        centre = fill(world, parent)
        person("jan", "director", centre, name=f"J {HOSTILE}")
        person("ola", "district_officer", world.district)
        person("root", "administrator", 0)
        seen, keys = Walk(app).go(), {"visitor": {}}
        for login in ("mum", "jan", "ola", "root"):
            browser = Browser(app)
            assert browser.enter(login).status_code == 302
            walk = Walk(app, browser, login)
            seen += walk.go("/office/")
            if login == "root":
                seen += hostile(walk)
            keys[login] = {**browser.session, "cookie": browser.cookie, "password": PASSWORD}
        _SEEN.update(seen=seen, keys=keys)
    return _SEEN


def hostile(walk):
    """The same views once more, with everything in the address that could lead or run elsewhere."""
    asked = {
        "url": "javascript:alert(1)", "next": "//evil.example/x", "back": "https://evil.example", "return_to": "//evil.example",
        "q": HOSTILE, "search": HOSTILE, "state": HOSTILE, "sort": HOSTILE, "at": HOSTILE, "region": HOSTILE, "week": HOSTILE,
    }  # fmt: skip
    again = Walk(walk.app, walk.browser, "hostile")
    for one in {one.endpoint: one for one in walk.seen if one.answer.status_code == 200}.values():
        if one.endpoint not in ("account.language", "static"):
            again.open(f"{urlsplit(one.path).path}?{urlencode(asked)}&{urlsplit(one.path).query}", one.endpoint)
    return again.seen


def pages(walked):
    return [one for one in walked["seen"] if one.answer.mimetype == "text/html"]


def attributes(text, *names):
    return [unescape(value) for value in re.findall(rf"\s(?:{'|'.join(names)})=\"([^\"]*)\"", text)]


class Parts(HTMLParser):
    """Elements and attributes that would run something, as a browser finds them."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        if (tag == "script" and not names.get("src")) or tag in ("object", "embed", "iframe"):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in names if name.startswith("on") or name in ("style", "srcdoc")]


def running_parts(text):
    reader = Parts()
    reader.feed(text)
    return reader.found


ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "hx-delete", "hx-put", "data-url", "data-href")


def test_the_walk_is_worth_something(walked):
    answers = {}
    for one in walked["seen"]:
        answers.setdefault(one.who, []).append(one.answer.status_code)
    assert set(answers) == {"visitor", "mum", "jan", "ola", "root", "hostile"}
    assert all(found.count(200) >= 20 for found in answers.values()), answers
    assert max(max(found) for found in answers.values()) < 500


def test_no_answer_is_an_error_of_ours_and_none_tells_of_its_inside(walked):
    for one in walked["seen"]:
        assert not re.search(r"Traceback|psycopg|sqlalchemy|site-packages|werkzeug", one.answer.text if one.answer.is_json
                             or one.answer.mimetype == "text/html" else ""), one  # fmt: skip


def test_what_people_wrote_stays_text(walked):
    shown = [one for one in pages(walked) if "&lt;script&gt;alert(1)" in one.answer.text]
    assert {"visitor", "mum", "jan", "ola", "root", "hostile"} == {one.who for one in shown}, "the control: it is shown"
    for one in pages(walked):
        assert running_parts(one.answer.text) == [], one
        assert "onclick=x&gt;49" not in one.answer.text, "no text is a template"
    assert running_parts(f'<p>{HOSTILE}</p><a href="x" onclick="y">') == ["script", "b onclick", "a onclick"], "the control"


def test_addresses_lead_nowhere_else(walked):
    """V1.2.2, V3.7.2: whatever was typed, no link or form leads to another host or to a program."""
    found = 0
    for one in walked["seen"]:
        where = attributes(one.answer.text, *ADDRESSES) if one.answer.mimetype == "text/html" else []
        for address in [*where, *([one.answer.location] if one.answer.location else [])]:
            parts = urlsplit(address)
            assert parts.scheme in ("", "http", "mailto", "tel"), (one, address)
            assert parts.netloc in ("", "localhost"), (one, address)
            assert not address.startswith(("//", "/\\", "\\")), (one, address)
            found += 1
    assert found > 10_000


def test_no_secret_is_in_an_address(walked):
    """V14.2.1: neither keys of sessions nor tokens nor passwords; forms that send them send them in the body."""
    guarded = 0
    for one in pages(walked):
        secrets = [v for k, v in walked["keys"].get(one.who, {}).items() if k in ("sign_in", "_user_id", "csrf_token", "cookie", "password")]
        for address in [*attributes(one.answer.text, *ADDRESSES), one.answer.location or ""]:
            assert not any(secret in address or quote(secret) in address for secret in secrets), (one, address)
        for form in re.findall(r"<form\b.*?</form>", one.answer.text, re.DOTALL):
            if re.search(r'type="password"|name="csrf_token"', form):
                guarded += 1
                assert re.match(r"<form\b[^>]*\smethod=\"post\"", form, re.IGNORECASE), (one, form[:200])
    assert guarded > 100


def test_looking_changes_nothing(walked):
    """V3.5.3: GET is for reading. The control: the walk notices the secret of an app that is being set up."""
    wrote = {(one.endpoint, table) for one in walked["seen"] for table in one.wrote}
    assert wrote == set(LOOKING)


def test_each_answer_says_what_it_is_and_in_which_signs(walked):
    """V4.1.1."""
    kinds = set()
    for one in walked["seen"]:
        body, kind = one.answer.data, one.answer.content_type
        kinds.add(one.answer.mimetype)
        if one.answer.mimetype.startswith("text/") or one.answer.mimetype.endswith(("+xml", "/xml")):
            assert kind.endswith("; charset=utf-8"), (one, kind)
            body.decode()
        if one.answer.mimetype == "text/html":
            assert body.lstrip().lower().startswith((b"<!doctype html", b"<")), one
        if one.answer.mimetype == "application/json":
            assert one.answer.json is not None
        if one.answer.mimetype == "application/pdf":
            assert body.startswith(b"%PDF-")
        if "spreadsheetml" in one.answer.mimetype:
            assert body.startswith(b"PK")
    assert {"text/html", "application/json", "text/plain", "application/pdf"} <= kinds


@pytest.mark.parametrize("file", ["img/dolbom.svg", "css/tokens.css", "js/app.js", "vendor/htmx.min.js"])
def test_files_of_the_theme_too(app, browser, file):
    answer = browser.get(app.url_map.bind("localhost").build("theme.static", {"filename": file}))
    wanted = {"svg": "image/svg+xml", "css": "text/css", "js": "text/javascript"}[file.rsplit(".", 1)[1]]
    assert answer.content_type == f"{wanted}; charset=utf-8"


def test_what_is_no_page_runs_nothing_and_what_is_a_file_is_saved(walked):
    """V3.2.1."""
    files = 0
    for one in walked["seen"]:
        if one.answer.mimetype == "text/html":
            continue
        assert "sandbox" in one.answer.headers["Content-Security-Policy"], one
        assert one.answer.headers["X-Content-Type-Options"] == "nosniff"
        if one.answer.mimetype.startswith("application/") and not one.answer.is_json:
            assert one.answer.headers["Content-Disposition"].startswith("attachment; filename="), one
            files += 1
    assert files >= 2


def test_nothing_is_kept_of_what_people_at_work_see(walked):
    """V14.3.2: no cache of browser or proxy holds a page of somebody signed in; open data is the same for everybody."""
    public = {one.path: one.answer.data for one in walked["seen"] if one.who == "visitor"}
    for one in walked["seen"]:
        if "Access-Control-Allow-Origin" in one.answer.headers:
            assert one.who == "hostile" or one.answer.data == public[one.path], one
        elif one.who != "visitor" and one.answer.status_code != 302 and not one.endpoint.startswith("health."):
            assert "no-store" in one.answer.headers["Cache-Control"], one


def test_other_sites_read_only_what_is_public(walked):
    """V3.4.2: the one value is `*`, only where nobody needs to be signed in and the answer names nobody."""
    opened = [one for one in walked["seen"] if "Access-Control-Allow-Origin" in one.answer.headers]
    assert {one.answer.headers["Access-Control-Allow-Origin"] for one in opened} <= {"*"}
    log = {f"transparency.{name}" for name in ("checkpoint", "policy", "tile", "verify_script", "verify_program")}  # names nobody
    assert all("-api." in one.endpoint or one.endpoint in log for one in opened)
    assert not any("Access-Control-Allow-Credentials" in one.answer.headers for one in walked["seen"])


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
@pytest.mark.parametrize("path", ["/api/v1/facilities", "/account", "/login", "/openapi.json", "/nowhere"])
def test_who_asks_is_not_echoed(browser, person, world, path, origin):
    person("jan", "director", world.facilities[0])
    browser.enter("jan")
    for method in ("GET", "OPTIONS"):
        answer = browser.open(path, method=method, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
        assert answer.headers.get("Access-Control-Allow-Origin") in ("*", None)
        assert origin not in str(answer.headers)
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert ("Access-Control-Allow-Origin" in answer.headers) <= path.startswith("/api/")


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
def test_odd_methods_are_refused(browser, method):
    """V13.4.4."""
    answer = browser.open("/login", method=method, headers={"X-Secret": "planted"})
    assert answer.status_code in (400, 405)
    assert "planted" not in answer.text
