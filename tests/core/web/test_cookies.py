"""The session's cookie: a token that holds its own facts, believed only as we signed it and only for its time."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from hashlib import sha1, sha256, sha512

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode

from core.web.headers import Sessions


@pytest.fixture
def inside(browser, person, world):
    person("jan", "director", world.facilities[0])
    browser.enter("jan")
    assert here(browser)
    return browser


def here(browser):
    return browser.get("/account").status_code == 200


def opener(app, **facts):
    return URLSafeTimedSerializer(
        facts.pop("key", app.secret_key), salt=Sessions.salt, serializer=Sessions.serializer,
        signer_kwargs={"key_derivation": "hmac", "digest_method": facts.pop("digest", sha256)},
    )  # fmt: skip


def test_it_is_signed_by_sha_256(app, inside):
    assert len(base64_decode(inside.cookie.rsplit(".", 1)[1])) == 32
    assert opener(app).loads(inside.cookie)["_user_id"]


def test_the_tokens_of_forms_too(app, inside, config):
    config(WTF_CSRF_ENABLED=True)
    page = inside.get("/account").text
    token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    assert len(base64_decode(token.rsplit(".", 1)[1])) == 32


def test_written_anew_by_us_it_opens(app, inside):
    """The control of what follows: the same facts, the same key, the same function."""
    facts = opener(app).loads(inside.cookie)
    inside.bring(opener(app).dumps(facts))
    assert here(inside)


@pytest.mark.parametrize("digest", [sha1, sha512])
def test_by_another_function_it_is_nothing(app, inside, digest):
    facts = opener(app).loads(inside.cookie)
    inside.bring(opener(app, digest=digest).dumps(facts))
    assert not here(inside)


def test_by_another_key_it_is_nothing(app, inside):
    facts = opener(app).loads(inside.cookie)
    inside.bring(opener(app, key="k" * 43).dumps(facts))
    assert not here(inside)


def test_without_a_signature_it_is_nothing(app, inside):
    facts = json.dumps(opener(app).loads(inside.cookie)).encode()
    body = base64.urlsafe_b64encode(facts).rstrip(b"=").decode()
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for made in (body, f"{body}.", f"{body}..", f"{head}.{body}.", inside.cookie.rsplit(".", 1)[0]):
        inside.bring(made)
        assert not here(inside), made


def test_a_key_it_brings_itself_is_not_believed(app, inside):
    """There is no place in it from which a key would be read; one put there only breaks the signature."""
    facts = opener(app).loads(inside.cookie) | {"jwk": "k" * 43, "key": "k" * 43}
    body, moment, _signature = TimestampSigner("k" * 43).sign(json.dumps(facts)).decode().rsplit(".", 2)
    signed = hmac.new(b"k" * 43, f"{body}.{moment}".encode(), sha256).hexdigest()
    inside.bring(f"{body}.{moment}.{signed}")
    assert not here(inside)


def test_every_altered_sign_breaks_it(inside):
    whole = inside.cookie
    for place in range(0, len(whole), 7):
        sign = "A" if whole[place] != "A" else "B"
        inside.bring(whole[:place] + sign + whole[place + 1 :])
        # the last sign of a part carries bits that say nothing; every other one counts
        if whole[place : place + 2][-1:] not in (".", "") and whole[place] != ".":
            assert not here(inside), place
    inside.bring(whole)
    assert here(inside)


def test_after_its_time_it_is_nothing(app, inside, config):
    kept = inside.cookie
    config(PERMANENT_SESSION_LIFETIME=timedelta(seconds=-1))
    inside.bring(kept)
    assert not here(inside)
