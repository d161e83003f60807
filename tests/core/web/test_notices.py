"""Every notice has its words in every language, short and without a secret in what is kept."""

from __future__ import annotations

import pytest

from core.errors import DolbomError
from core.security import notices as raising
from core.web import catalogues, i18n, notice_texts

FACTS = {
    "login": "jan", "address": "•••5678", "day": "2026-12-01", "browser": "Firefox", "network": "10.0.x.x", "name": "Jan",
    "what": "password-changed",
}  # fmt: skip
SECRET = "https://care.example.org/activate/" + "x" * 43


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
@pytest.mark.parametrize("kind", sorted(raising.KINDS))
def test_every_kind_says_what_happened_and_what_to_do(app, kind, language):
    with app.test_request_context(), i18n.speaking(language):
        subject, text = (str(part) for part in notice_texts.of(kind, FACTS, SECRET))
        english = None
    with app.test_request_context(), i18n.speaking("en"):
        english = str(notice_texts.of(kind, FACTS, SECRET)[1])
    assert subject and len(subject) <= 60
    assert 20 < len(text) <= 400
    assert (SECRET in text) == (kind in raising.SECRET)
    assert language == "en" or text != english
    assert "%(" not in text


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_change_of_a_credential_has_words_of_its_own(app, language):
    with app.test_request_context(), i18n.speaking(language):
        said = {str(notice_texts.of("credential-changed", FACTS | {"what": one}, "")[1]) for one in raising.CHANGES}
    assert len(said) == len(raising.CHANGES)


def test_an_unknown_kind_is_a_fault_of_ours(app):
    with pytest.raises(DolbomError, match="describe it in"):
        raising.tell(1, "made.up", place=None)
    with pytest.raises(DolbomError, match="describe it in"):
        raising.tell(1, "credential-changed", place=None, what="made-up")
