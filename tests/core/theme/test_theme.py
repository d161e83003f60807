from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from theme_samples import HOSTILE

pytestmark = pytest.mark.filterwarnings("ignore:Fields missing from ruleset")

PAGES = [
    "/gallery",
    "/gallery?base=public",
    "/public?user=0",
    "/form?bad=1",
    "/bare",
    "/office/",
    "/office/?full=1",
    "/office/facilities/",
    "/office/facilities/?search=zzz",
    "/office/facilities/?flt0_1=HOME&flt1_0=a",
    "/office/facilities/new/",
    "/office/facilities/edit/?id=1",
    "/office/facilities/details/?id=1",
    "/office/registers/",
    "/office/archive/",
    "/office/archive/?page=1",
    "/login?user=0",
    "/reset?user=0",
    "/security/change_password",
    "/security/reset_password",
    "/security/two_factor_verify_code",
    "/security/verify",
]
STATUSES = [400, 401, 403, 404, 409, 429, 500, 503]
VOID = {"meta", "link", "input", "br", "hr", "img", "rect", "line", "path", "circle"}


class Reading(HTMLParser):
    """What a page says about itself: attributes, ids, labels, forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: Counter[str] = Counter()
        self.wants_id: set[str] = set()
        self.forms: list[dict[str, str]] = []
        self.tokens = 0
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        facts = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in facts.items()]
        if "id" in facts:
            self.ids[facts["id"]] += 1
        if tag == "label" and "for" in facts:
            self.wants_id.add(facts["for"])
        for name in ("aria-describedby", "aria-labelledby", "aria-controls", "form"):
            self.wants_id |= set(facts.get(name, "").split())
        if tag == "form":
            self.forms.append(facts)
        if tag == "input" and facts.get("name") == "csrf_token":
            self.tokens += 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag


def read(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:300]
    return answer.text


@pytest.mark.parametrize("language", ["en", "ko", "pl"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_safe_and_labeled(client, path, language):
    html = read(client, f"{path}{'&' if '?' in path else '?'}lang={language}")
    page = Reading(html)
    assert page.open == []
    assert f'<html lang="{language}"' in html or path == "/bare"
    assert [one for one in page.attributes if one[1] == "style" or one[1].startswith("on")] == []
    assert "javascript:" not in html
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', html)
    assert [name for name, count in page.ids.items() if count > 1] == []
    assert page.wants_id <= set(page.ids), page.wants_id - set(page.ids)
    assert html.count("<h1") == 1
    assert 'id="main"' in html


@pytest.mark.parametrize("path", PAGES)
def test_what_people_wrote_stays_text(client, path):
    html = read(client, path)
    assert HOSTILE not in html
    assert "<script>" not in html
    assert "<b style" not in html


def test_hostile_names_do_appear_so_that_the_test_above_means_something(client):
    for path in (
        "/gallery",
        "/office/facilities/",
        "/office/facilities/edit/?id=1",
        "/office/facilities/details/?id=1",
    ):
        assert "&lt;script&gt;alert(" in read(client, path), path


@pytest.mark.parametrize("path", PAGES)
def test_every_form_that_changes_something_carries_a_token(client, path):
    page = Reading(read(client, path))
    posting = [form for form in page.forms if form.get("method", "").lower() == "post"]
    # The sample application is validated without a session; every other posting form has its own token.
    assert page.tokens >= len(posting) - (path == "/form?bad=1")


@pytest.mark.parametrize("path", PAGES)
def test_every_script_has_the_nonce_and_none_is_written_into_the_page(client, path):
    answer = client.get(path)
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"]).group(1)
    for tag in re.findall(r"<script\b[^>]*>", answer.text):
        assert "src=" in tag
        assert f'nonce="{nonce}"' in tag or path == "/bare"


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("user", ["0", "1"])
def test_an_error_says_what_happened_and_the_way_out(client, status, user):
    html = read(client, f"/error/{status}?user={user}&hostile=1", status)
    page = Reading(html)
    assert page.open == []
    assert HOSTILE not in html
    section = html[html.index('class="refusal') : html.index("</section>")]
    assert "R-7f3a91" in section
    assert 'href="/why/R-7f3a91"' in section
    assert section.count('class="btn') >= 2
    assert len(re.findall(r"<p>", section)) >= 1


def test_each_error_has_its_own_words(client):
    titles = {
        re.search(r"<title>(.*?) ·", read(client, f"/error/{status}", status), re.DOTALL).group(1).strip()
        for status in STATUSES
    }
    assert len(titles) == len(STATUSES)


def test_a_wait_says_how_long(client):
    assert "30 seconds" in read(client, "/error/429", 429)


def test_a_page_without_a_shell_is_still_a_page(client):
    html = read(client, "/bare")
    assert "Dolbom" in html
    assert "<main" in html


def test_the_reader_sees_where_they_are_and_in_which_post(client):
    html = read(client, "/office/facilities/")
    path = re.search(r'class="where".*?</nav>', html, re.DOTALL).group(0)
    assert [re.sub(r"<.*?>", "", item).strip() for item in re.findall(r"<li>(.*?)</li>", path)] == [
        "Korea",
        "Seoul",
        "Gwangjin District",
        "Sunny Meadow Public Daycare Center",
        "Facilities",
    ]
    assert "Director · Sunny Meadow Public Daycare Center" in html


def test_languages_and_posts_can_be_changed_without_script(client):
    html = read(client, "/office/facilities/?sort=0&lang=pl")
    assert re.search(
        r'href="/language\?to=ko&amp;next=/office/facilities/%3Fsort%3D0%26lang%3Dpl" lang="ko"', html
    )
    assert re.search(r'<form method="post" action="/office/post">.*?name="post"', html, re.DOTALL)


def test_a_visitor_is_offered_to_sign_in_except_on_the_sign_in_page(client):
    assert 'href="/login"' in read(client, "/public?user=0")
    assert 'class="btn" href="/login"' not in read(client, "/login?user=0")
