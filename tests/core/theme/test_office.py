from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.filterwarnings("ignore:Fields missing from ruleset")
LIST = "/office/facilities/"


def token(html):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html).group(1)


@pytest.fixture
def listed(client):
    return client.get(LIST).text


def test_no_act_is_one_click_away_from_the_list(listed):
    actions = re.findall(r'<form method="post" action="([^"]*)"', listed)
    assert set(actions) == {"/office/post", "/logout", f"{LIST}confirm/"}
    assert "/delete/" not in listed


def test_the_boxes_and_the_delete_buttons_belong_to_the_confirming_forms(listed):
    assert listed.count('form="chosen-rows" name="rowid"') == 4
    assert listed.count('form="one-row" name="rowid"') == 4
    assert 'id="chosen-rows"' in listed
    assert 'id="one-row"' in listed


def test_a_chosen_act_is_asked_before_it_is_done(client, listed):
    asked = client.post(
        f"{LIST}confirm/",
        data={"csrf_token": token(listed), "action": "delete", "rowid": ["2", "3"], "url": LIST},
    )
    assert "This cannot be undone." in asked.text
    assert "구립 햇살가득 어린이집" in asked.text
    assert "grave" in asked.text
    hidden = re.findall(r'<input type="hidden" name="rowid" value="(\d+)">', asked.text)
    assert hidden == ["2", "3"]
    assert 'action="/office/facilities/action/"' in asked.text
    assert client.get(f"{LIST}details/?id=2").status_code == 200


def test_an_act_without_rows_says_what_to_do(client, listed):
    asked = client.post(
        f"{LIST}confirm/", data={"csrf_token": token(listed), "action": "delete", "url": LIST}
    )
    assert "No row was chosen" in asked.text
    assert "tick the rows" in asked.text


def test_the_confirmed_act_is_done(client):
    html = client.get("/office/archive/new/").text
    made = client.post(
        "/office/archive/new/",
        data={"csrf_token": token(html), "name": "Za mostem", "kind": "HOME", "places": "12"},
    )
    assert made.status_code == 302
    assert "Za mostem" in client.get("/office/archive/?search=mostem").text


def test_an_error_stands_beside_its_field_and_once_on_top(client):
    html = client.get(f"{LIST}new/").text
    answer = client.post(
        f"{LIST}new/", data={"csrf_token": token(html), "name": "", "kind": "HOME", "places": "900"}
    ).text
    top = answer[answer.index('class="errors"') : answer.index("</ul>", answer.index('class="errors"'))]
    assert 'href="#name"' in top
    beside = answer[answer.index('for="places"') :]
    assert beside.index("Enter a number from 1 to 300.") < beside.index('class="buttons"')
    assert re.search(r'<input[^>]*aria-describedby="places-error"[^>]*aria-invalid="true"', answer)
    assert 'value="900"' in answer


def test_paging_by_key_keeps_search_and_order(client):
    html = client.get(f"{LIST}?search=%EC%84%BC%ED%84%B0&sort=0").text
    assert "about 12,400 in all" in html
    first = client.get(LIST).text
    following = (
        re.search(r'<a class="btn" href="([^"]+)">[^<]*<svg.*?</svg>Next', first, re.DOTALL)
        .group(1)
        .replace("&amp;", "&")
    )
    second = client.get(following).text
    assert re.search(r">First</a>", second)
    assert re.search(r">Previous</a>", second)
    assert re.search(r'<span class="btn" aria-disabled="true">.*?First', first, re.DOTALL)


def test_filters_are_plain_fields_and_each_can_be_taken_off(client):
    html = client.get(f"{LIST}?flt1_1=HOME&flt0_0=9&search=a").text
    assert '<option value="HOME" selected>' in html
    assert re.search(r'<input[^>]*name="flt0_0" value="9"', html)
    chips = html[html.index('class="chips"') : html.index("</ul>", html.index('class="chips"'))]
    urls = [url.replace("&amp;", "&") for url in re.findall(r'<a[^>]* href="([^"]+)"', chips)]
    assert "Home daycare" in chips
    assert any("flt0_0=9" in url and "flt1_1" not in url for url in urls)
    assert any("flt1_1=HOME" in url and "flt0_0" not in url for url in urls)
    assert all("search=a" in url for url in urls[:2])


def test_an_empty_list_says_what_to_do_next(client):
    assert (
        "The first record appears here as soon as someone adds it." in client.get("/office/registers/").text
    )
    assert "Check the spelling" in client.get(f"{LIST}?search=zzz").text


def test_every_list_has_a_caption_and_sorted_columns_say_so(client):
    html = client.get(f"{LIST}?sort=0&desc=1").text
    assert "<caption>Facilities" in html
    assert 'aria-sort="descending"' in html
    assert 'class="number"' in html


def test_form_rules_find_our_macros(client):
    html = client.get(f"{LIST}edit/?id=2").text
    assert "<h2>License</h2>" in html
    assert "<h2>Size</h2>" in html
    assert 'id="places"' in html


def test_sign_in_refused_says_so_beside_the_field(client):
    html = client.get("/login?user=0").text
    answer = client.post(
        "/login?user=0", data={"csrf_token": token(html), "email": "nobody@example.org", "password": "x"}
    ).text
    assert re.search(r'class="error"', answer)
    assert 'value="nobody@example.org"' in answer
    assert 'autocomplete="current-password"' in answer
