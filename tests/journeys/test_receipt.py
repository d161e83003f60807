"""A family keeps its receipt and verifies it on the static page without any network; a director cannot skip, two officers can, in public."""

from __future__ import annotations

import people
import pytest
from keys import press, write

from core.db.base import db
from core.host.running import running
from core.security import access
from core.security import scope as scopes
from core.testing import mark_dirty
from modules.transparency.frontier import Frontier
from modules.transparency.signing.mark import Mark
from modules.transparency.signing.sealing import Sealer
from tests.modules.transparency.verifying.golden import LOG, ORIGIN

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.filterwarnings("ignore:Fields missing from ruleset")]


@pytest.fixture
def seal(app, tmp_path):
    """The signer does its turn, and its public key lies where the policy is made from."""
    folder = running().settings.home / "signer"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log.vkey").write_text(f"{LOG.verifier}\n")

    def turn():
        with access.asking(), scopes.system("a signer at work"):
            path = tmp_path / "mark.json"
            assert Sealer(LOG, Mark.read(path, ORIGIN) or Mark(path, ORIGIN, Frontier())).turn()
            db.session.remove()

    yield turn
    (folder / "log.vkey").unlink()
    mark_dirty()


@pytest.mark.rule("E-01")
@pytest.mark.parametrize("language", ["ko", "pl", "en"])
def test_a_receipt_holds_without_any_network(app, at_screen, centre, seal, language, tmp_path):
    district, _number = centre
    people.make("parent", "parent", district, language=language)
    parent = at_screen(language, width=390).sign_in("parent")
    page = parent.go("/my/family")
    write(page, "#name", "Mary Poe")
    write(page, "#phone", "010-1234-5678")
    press(page)
    write(page, "#name", "Tom Poe")
    page.fill("#born_on", "2024-05-04")
    press(page)
    page = parent.go("/apply/F-JOURNEY")
    page.locator("input[name=child]").focus()
    page.keyboard.press("Space")
    page.fill("#wanted_from", "2027-03-02")
    page.locator("#kept p").wait_for()
    for _step in range(4):
        press(page)
    number = page.url.rpartition("/")[2]
    assert page.locator("a[href$='.tlog-proof']").count() == 0, "waiting for the seal"
    seal()
    page = parent.go(f"/my/applications/{number}", "sealed")
    with page.expect_download() as got:
        page.click("a[href$='.tlog-proof']")
    paper = tmp_path / "receipt.tlog-proof"
    got.value.save_as(paper)

    stranger = at_screen(language, width=820)
    page = stranger.go("/log/verify")
    page.wait_for_load_state("networkidle")
    stranger.context.set_offline(True)
    page.set_input_files("#receipt-file", paper)
    page.click("form[data-receipt] button")
    page.locator("[data-said=ok]").wait_for()
    said = page.locator("[data-said]").inner_text()
    assert "Tom Poe, 2024-05-04" in said and "F-JOURNEY/new-year-2027-2" in said
    stranger.look("verified")
    forged = paper.read_text().replace("index 1", "index 0") if "index 1\n" in paper.read_text() else paper.read_text()[:300]
    (tmp_path / "forged").write_text(forged)
    page.set_input_files("#receipt-file", tmp_path / "forged")
    page.click("form[data-receipt] button")
    page.locator("[data-said=bad], [data-said=false]").wait_for()
