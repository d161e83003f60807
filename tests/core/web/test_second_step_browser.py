"""Second steps in a real browser with a device made of software (CDP): enrolled, used, printed, in three languages."""

from __future__ import annotations

import logging
import os
import re
import threading
from pathlib import Path

import people
import pytest
import stepping

from core.security import lockout

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:Fields missing from ruleset")]

LOCALES = {"ko": "ko-KR", "pl": "pl-PL", "en": "en-GB"}
PICTURES = os.environ.get("PICTURES")
PATIENCE = 60_000
LOOKS = [("ko", 390), ("pl", 390), ("en", 1280)]
if PICTURES:  # whoever looks wants to see each language in both widths
    LOOKS += [("ko", 1280), ("pl", 1280), ("en", 390)]
SMALL = """() => {
  const apart = 'p, td, th, li, .where';
  const height = (e) => (e.closest('.check') || e).getBoundingClientRect().height;
  return [...document.querySelectorAll('a, button, input:not([type=hidden]), summary')]
    .filter((e) => e.checkVisibility() && !e.closest(apart) && !e.matches('.skip') && height(e) < 43.5)
    .map((e) => e.outerHTML.slice(0, 90));
}"""


@pytest.fixture
def site(app):
    """The application under a name, as passkeys need it, with forms guarded as in production."""
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.config["WTF_CSRF_ENABLED"] = False


class Screen:
    """Somebody at a screen, with a device that keeps passkeys."""

    def __init__(self, context, site, language, width):
        self.context, self.site, self.language, self.width = context, site, language, width
        self.page, self.complaints = context.new_page(), []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.devtools = context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        self.device = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def _note(self, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def go(self, path):
        answer = self.page.goto(self.site + path)
        assert answer.status < 400, path
        return self.page

    def look(self, name):
        """No serious barrier, nothing wider than the screen, the right language, and a picture if wanted."""
        from axe_playwright_python.sync_playwright import Axe

        self.page.wait_for_load_state()
        assert self.page.locator("html").get_attribute("lang") == self.language
        found = Axe().run(self.page).response["violations"]
        grave = [(v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found if v["impact"] in ("serious", "critical")]
        assert grave == [], (name, grave)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width, name
        assert self.complaints == [], name
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{name}-{self.language}-{self.width}.png", full_page=True)

    def password(self, login="jan"):
        self.go("/login")
        self.page.fill("[name=username]", login)
        self.page.fill("[name=password]", people.PASSWORD)
        self.page.click("form[name=login_user_form] button[type=submit]")
        self.page.wait_for_load_state()

    def press(self, selector):
        self.page.click(selector)
        self.page.wait_for_load_state()

    def leave(self):
        self.page.wait_for_load_state("networkidle")  # what is still on its way would bring the cookie back
        self.context.clear_cookies()


@pytest.fixture
def at_screen(chromium, site):
    contexts = []

    def sit(language, width):
        context = chromium.new_context(locale=LOCALES[language], viewport={"width": width, "height": 900})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return Screen(context, site, language, width)

    yield sit
    for context in contexts:
        context.close()


@pytest.fixture
def jan(person, world, monkeypatch):
    monkeypatch.setattr(lockout, "FLOOR", 0.0)
    return lambda language: person("jan", "director", world.facilities[0], name="Jan Testowy", language=language)


@pytest.mark.slow
@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_a_whole_life_with_second_steps(at_screen, jan, language, width):
    """App set up by its key, codes printed, passkey made, then each of the three lets its owner in."""
    number = jan(language)
    me = at_screen(language, width)
    page = me.page
    me.go("/login")
    me.look("login")
    assert page.evaluate(SMALL) == []
    me.password()
    me.go("/account")
    me.look("account")
    me.go("/account/factors")
    me.look("factors-none")

    me.press("a[href='/account/factors/app']")
    me.look("app")
    assert page.locator("svg.qr").bounding_box()["width"] >= 100, "large enough for a camera"
    phone = stepping.app_of(page.locator("#app-key").input_value())
    page.fill("[name=code]", "000000")
    me.press("main form button[type=submit]")
    me.look("app-wrong")
    page.fill("[name=code]", stepping.code(phone))
    me.press("main form button[type=submit]")
    page.wait_for_url("**/account/factors")
    me.look("factors-app")

    me.press("form[action='/account/factors/codes'] button")
    page.wait_for_selector("ol.codes")
    codes = page.locator("ol.codes code").all_inner_texts()
    assert len(codes) == 10
    me.look("codes")
    me.press("main a.btn[href='/account/factors']")

    page.fill("[name=name]", "Laptop ♥ 노트북")
    page.click("form[data-passkey=create] button")
    page.wait_for_selector("th:has-text('Laptop ♥ 노트북')")
    me.look("factors-all")
    kept = me.devtools.send("WebAuthn.getCredentials", {"authenticatorId": me.device})["credentials"]
    assert len(kept) == 1
    assert kept[0]["rpId"] == "localhost"

    me.leave()
    me.go("/login")
    page.click("form[action='/login/passkey'] button")
    page.wait_for_url("**/office/")
    assert stepping.held(number).passkeys[0].sign_count > 0
    me.leave()
    me.password()
    page.wait_for_url("**/login/second")
    me.look("second")
    assert page.evaluate(SMALL) == []
    page.click("form[action='/login/second/passkey'] button")
    page.wait_for_url("**/office/")

    me.leave()
    people.run("update core.authenticator set last_counter = null")  # the clock need not pass here
    me.password()
    page.fill("form[action='/login/second'] [name=code]", stepping.code(phone))
    me.press("form[action='/login/second'] button[type=submit]")
    page.wait_for_url("**/office/")
    me.leave()
    me.password()
    page.fill("form[action='/login/second'] [name=code]", codes[7].lower())
    me.press("form[action='/login/second'] button[type=submit]")
    page.wait_for_url("**/office/")
    assert stepping.held(number).codes_left == 9

    me.go("/account/sessions")
    me.look("sessions")
    assert page.locator("table").count() == 2
    people.run("update core.sign_in set proved_at = proved_at - interval '11 minutes'")
    me.go("/account/factors/app")
    assert re.search(r"/account/confirm\?next=", page.url)
    me.look("prove")
    page.click("form[action='/account/confirm/passkey'] button")
    page.wait_for_url("**/account/factors/app")
    assert me.complaints == []


def test_passwords_may_be_pasted(at_screen, jan):
    jan("en")
    me = at_screen("en", 1280)
    page = me.go("/login")
    page.fill("[name=username]", people.PASSWORD)
    page.locator("[name=username]").select_text()
    page.keyboard.press("Control+c")
    page.locator("[name=password]").focus()
    page.keyboard.press("Control+v")
    assert page.locator("[name=password]").input_value() == people.PASSWORD
    assert page.locator("[name=password]").get_attribute("type") == "password"


def test_one_can_always_sign_out(at_screen, jan):
    """Every page for people signed in has the button in its head (ASVS V7.4.4)."""
    jan("en")
    me = at_screen("en", 1280)
    me.password()
    for path in ("/office/", "/account", "/account/factors", "/account/sessions", "/account/factors/app"):
        assert me.go(path).locator("form[action='/logout'] button").count() >= 1, path


def test_a_device_without_a_finger_makes_and_answers_nothing(at_screen, jan):
    """The page says so beside the button, and nothing is kept."""
    number = jan("en")
    me = at_screen("en", 1280)
    me.password()
    me.go("/account/factors")
    me.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": me.device, "isUserVerified": False})
    me.page.click("form[data-passkey=create] button")
    me.page.wait_for_selector("[data-passkey-said]:visible")
    assert "No passkey was made" in me.page.locator("[data-passkey-said]").inner_text()
    assert stepping.held(number).passkeys == ()


def test_by_a_number_instead_of_a_name_no_passkey_is_offered(at_screen, jan, site):
    jan("en")
    me = at_screen("en", 1280)
    me.site = site.replace("localhost", "127.0.0.1")
    me.go("/login")
    assert not me.page.locator("form[action='/login/passkey']").is_visible()
    me.password()
    assert "Passkeys need an address with a name" in me.go("/account/factors").locator("main").inner_text()
