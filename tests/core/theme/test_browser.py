from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:Fields missing from ruleset")]

#: Each kind of page once, spread over width, scheme and language so that every pairing of two appears somewhere.
LOOKS = [
    ("/gallery?lang=ko", 1280, True),
    ("/gallery?lang=pl", 390, False),
    ("/gallery?lang=en&base=public", 820, False),
    ("/public?lang=pl&user=0", 390, True),
    ("/form?bad=1&lang=ko", 390, False),
    ("/office/?full=1&lang=pl", 820, True),
    ("/office/facilities/?lang=ko&flt0_1=HOME", 1280, False),
    ("/office/facilities/?lang=pl", 390, True),
    ("/office/facilities/edit/?id=1&lang=en", 820, False),
    ("/office/facilities/details/?id=2&lang=ko", 390, True),
    ("/office/registers/?lang=pl", 1280, False),
    ("/login?lang=ko&user=0", 390, False),
    ("/login?lang=pl&user=0", 1280, True),
    ("/error/403?lang=ko", 1280, False),
    ("/error/503?lang=pl&user=0", 390, True),
]


@pytest.mark.parametrize(("path", "width", "dark"), LOOKS)
def test_a_page_fits_and_has_no_serious_barrier(visit, path, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(path, width=width, dark=dark)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    grave = [
        (one["id"], [node["html"][:160] for node in one["nodes"][:3]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert grave == []


SMALL = """() => {
  const apart = 'p, td, th, li:not(.languages li), .where, .leaflet-container, figure';
  const height = (e) => (e.closest('.check') || e).getBoundingClientRect().height;
  return [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
    .filter((e) => e.checkVisibility() && !e.closest(apart) && !e.matches('.skip') && height(e) < 43.5)
    .map((e) => e.outerHTML.slice(0, 90));
}"""


@pytest.mark.parametrize("path", ["/public?user=0", "/form?user=0", "/login?user=0"])
def test_public_targets_are_large_enough_for_a_thumb(visit, path):
    assert visit(path, width=390).evaluate(SMALL) == []


def test_a_wide_table_scrolls_in_its_box_with_what_is_hidden_in_it(visit):
    """Text for screen readers in far columns once widened the page, though nothing of it is seen."""
    page = visit("/office/facilities/", width=1280)
    page.evaluate("for (const table of document.querySelectorAll('.table-box table')) table.style.minWidth = '3000px'")
    assert page.evaluate("document.querySelectorAll('.table-box td .hidden-text').length") > 0
    assert page.evaluate("document.querySelector('.table-box').scrollWidth") >= 3000
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_rows_of_the_office_are_dense(visit):
    page = visit("/office/archive/?sort=1")
    heights = page.evaluate(
        "[...document.querySelectorAll('.ledger tbody tr')].map((row) => row.getBoundingClientRect().height)"
    )
    assert heights
    assert min(heights) < 40


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(visit):
    page = visit("/office/facilities/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_focus_is_visible(visit):
    page = visit("/office/facilities/")
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(visit):
    page = visit("/office/facilities/", width=390)
    assert not page.locator("#nav").is_visible()
    page.locator("[data-nav-open]").focus()
    page.keyboard.press("Space")
    assert page.locator("#nav").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#nav").is_visible()
    assert page.evaluate("document.activeElement.hasAttribute('data-nav-open')")


def test_without_script_menu_account_and_list_still_work(visit):
    page = visit("/office/facilities/", width=390, scripts=False)
    page.locator(".nav-open").click()
    assert page.locator("#nav").is_visible()
    page.locator("details.float summary").click()
    assert page.locator("select[name=post]").is_visible()
    assert page.locator("tbody tr").count() == 4


def test_the_account_menu_closes_by_escape_and_gives_the_focus_back(visit):
    page = visit("/office/facilities/")
    summary = page.locator("details.float summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("select[name=post]").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("select[name=post]").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_chosen_rows_are_counted_and_an_act_is_confirmed(visit):
    page = visit("/office/facilities/")
    page.locator("[data-pick-all]").check()
    assert page.locator("[data-chosen]").inner_text() == "4 chosen"
    page.get_by_role("button", name="Report a pause…").click()
    page.wait_for_load_state()
    assert page.locator(".confirm-question").inner_text() == "Report a pause?"
    page.get_by_role("button", name="Report a pause").click()
    page.wait_for_load_state()
    assert "4 paused" in page.locator("#notices").inner_text()


def test_a_final_act_waits_for_its_word(visit):
    page = visit("/gallery")
    button = page.locator("form[data-word] button[type=submit]")
    assert button.is_disabled()
    page.locator("#confirm-word").fill("닫기")
    assert button.is_enabled()


def test_a_question_is_asked_in_a_dialog_and_no_means_no(visit):
    page = visit("/gallery")
    page.wait_for_selector("[data-matrix][data-wired]")
    page.locator("#asks").press("Enter")
    assert page.locator("dialog.ask").is_visible()
    assert page.evaluate("document.activeElement.textContent") == "No"
    page.keyboard.press("Escape")
    assert not page.locator("dialog.ask").is_visible()
    page.locator("#asks").press("Enter")
    page.get_by_role("button", name="Yes").click()
    page.wait_for_url("**/echo")


def test_htmx_sends_the_token_and_a_refusal_stands_above_while_the_page_stays(visit):
    page = visit("/gallery")
    page.locator("#hx-ok").click()
    page.wait_for_selector("#echo")
    assert page.locator("#echo").inner_text() == "True"
    page.locator("#hx-refuse").click()
    page.wait_for_selector("#notices .refusal")
    assert "Place is taken" in page.locator("#notices").inner_text()
    assert page.evaluate("document.activeElement.id") == "notices"
    assert page.locator("#target #echo").count() == 1


def test_an_error_page_has_a_menu_for_visitors_and_for_staff(visit):
    for user in (0, 1):
        page = visit(f"/error/503?user={user}", width=390)
        page.locator("[data-nav-open]").click()
        assert page.locator("#nav").is_visible()


def test_a_lost_connection_is_said(visit):
    page = visit("/gallery")
    page.route("**/echo", lambda route: route.abort())
    page.locator("#hx-ok").click()
    page.wait_for_selector("#notices .flash.stop")
    assert "Nothing was lost" in page.locator("#notices").inner_text()
    page.unroute("**/echo")


def test_a_job_is_followed_to_its_result(visit, theme_app):
    theme_app.config["JOB"] = 0
    page = visit("/gallery")
    page.wait_for_selector(".job [data-result] a[href$='/result.xlsx']")
    job = page.locator(".job").first
    assert job.locator("[data-state=done]").is_visible()
    assert not job.locator("[data-state=running]").is_visible()


def test_arrow_keys_move_in_the_matrix_and_the_effect_is_read_out(visit):
    page = visit("/gallery")
    page.wait_for_selector("[data-matrix][data-wired]")
    page.locator("[data-matrix] tbody td a").first.focus()
    first = page.locator("[data-effect-out]").inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('td').cellIndex") == 2
    assert page.evaluate("document.activeElement.closest('tr').sectionRowIndex") == 1
    assert page.locator("[data-effect-out]").inner_text() != first


def test_the_map_is_used_by_keyboard_and_stays_in_step_with_the_list(visit):
    page = visit("/public?user=0")
    page.wait_for_selector("[data-map][data-ready]")
    page.locator("[data-map-list] li[data-code=F9] a").focus()
    page.wait_for_selector(".pin.is-chosen")
    pin = page.locator(".pin.is-chosen")
    assert pin.get_attribute("aria-label").startswith("<script>")
    pin.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup-content a")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/facilities/F9"
    assert page.locator("[data-map-list] li.is-chosen").get_attribute("data-code") == "F9"
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup-content", state="detached")
    assert page.evaluate("document.activeElement.classList.contains('pin')")


def test_a_group_on_the_map_opens_by_enter(visit):
    from playwright.sync_api import expect

    page = visit("/public?user=0")
    page.wait_for_selector(".cluster[aria-label*='12 facilities']")
    page.locator(".cluster").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cluster[aria-label*='12 facilities']")).to_have_count(0)
    expect(page.locator(".cluster[aria-label*='2 facilities']")).not_to_have_count(0)


@pytest.mark.parametrize("answer", ["abort", 503])
def test_the_map_asks_again_when_its_data_was_lost_once(visit, answer):
    """A phone between two cells, a server that restarts."""
    page, asked = visit("/public?user=0"), []
    page.wait_for_selector("[data-map][data-ready]")

    def lose_the_first(route):
        asked.append(route)
        if len(asked) > 1:
            route.fallback()
        elif answer == "abort":
            route.abort()
        else:
            route.fulfill(status=answer)

    page.route("**/points.json", lose_the_first)
    page.reload()
    page.wait_for_selector("[data-map][data-ready]")
    assert len(asked) == 2


def test_the_map_waits_for_a_library_that_comes_late(visit):
    """On a slow line the script that draws is there before the library it draws with."""
    page = visit("/public?user=0")

    def later(route):
        page.wait_for_timeout(1_500)
        route.fallback()

    page.route("**/leaflet.js", later)
    page.reload()
    page.wait_for_selector("[data-map][data-ready]")


def test_a_map_without_data_says_so_and_does_not_ask_for_what_is_refused(visit):
    from playwright.sync_api import expect

    page, asked = visit("/public?user=0"), []
    page.wait_for_selector("[data-map][data-ready]")
    page.route("**/points.json", lambda route: (asked.append(route), route.fulfill(status=404)))
    page.reload()
    expect(page.locator("[data-map-note]")).to_contain_text("could not be loaded")
    assert len(asked) == 1


def test_tablers_dropdown_works_under_the_policy(visit):
    page = visit("/gallery")
    page.locator("#dd").click()
    assert page.get_by_role("link", name="One").is_visible()


def test_paper_shows_the_document_without_its_frame(visit):
    page = visit("/office/facilities/")
    page.emulate_media(media="print")
    assert not page.locator(".bar").is_visible()
    assert not page.locator("#nav").is_visible()
    assert page.locator(".print-head").is_visible()
    assert not page.get_by_role("button", name="Report a pause…").is_visible()
    assert len(page.pdf()) > 10_000
