"""Photographs of meals: cleaned, bounded, shown by week, taken down with a reason (S2-28, ASVS V14.2.8)."""

from __future__ import annotations

import io
import os
import struct
import time
import zlib
from datetime import timedelta

import pytest
from PIL import Image, PngImagePlugin

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.security import audit
from core.security import scope as scopes
from core.security.reasons import NoReason
from core.testing import count_queries
from core.web.documents import BadPicture, clean_picture, picture
from modules.facilities.models import Facility, MealPhoto
from modules.facilities.services import photographing
from modules.facilities.services.photographing import (
    BadPhotograph,
    add_photograph,
    file_of,
    sweep,
    take_down,
)

SECRET = b"Jan's telephone"


def photograph(size=(300, 200), color="green", form="JPEG", **more):
    into = io.BytesIO()
    Image.new("RGB", size, color).save(into, format=form, **more)
    into.seek(0)
    return into


def bomb(width, height):
    """A PNG of a few bytes that says it is that large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    parts = (struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks)
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


# -- the file --------------------------------------------------------------------------------------------------------


@pytest.mark.rule("S2-28")
def test_metadata_goes_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, SECRET.decode()  # lying on its side; description
    exif.get_ifd(0x8825)[1] = "N"
    clean = clean_picture(photograph(exif=exif, comment=SECRET))
    assert SECRET not in clean
    with Image.open(io.BytesIO(clean)) as found:
        assert (found.format, found.size) == ("JPEG", (200, 300))
        assert not found.getexif()
        assert not {"comment", "exif", "icc_profile"} & set(found.info)


def test_png_with_text_and_a_large_one_become_small_jpegs():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", SECRET.decode())
    clean = clean_picture(photograph((3000, 1500), form="PNG", pnginfo=notes))
    assert SECRET not in clean
    with Image.open(io.BytesIO(clean)) as found:
        assert found.size == (1280, 640)


@pytest.mark.parametrize(
    ("upload", "says"),
    [
        (io.BytesIO(), "Choose a photograph"),
        (io.BytesIO(b"<html><script>alert(1)</script>"), "no photograph"),
        (io.BytesIO(b"%PDF-1.7"), "no photograph"),
        (photograph(form="GIF"), "no photograph"),
        (io.BytesIO(photograph().read()[:200]), "no photograph"),
        (bomb(8000, 6000), "40 million"),
        (bomb(20000, 20000), "40 million"),
    ],
)
def test_what_is_no_photograph_is_refused_in_one_sentence(upload, says):
    upload.seek(0)
    with pytest.raises(BadPicture, match=says) as refused:
        clean_picture(upload)
    assert "\n" not in str(refused.value)


def test_too_many_bytes(monkeypatch):
    monkeypatch.setattr(picture, "MAX_BYTES", 100)
    with pytest.raises(BadPicture, match="larger than"):
        clean_picture(photograph())


# -- the service -----------------------------------------------------------------------------------------------------


def test_the_staff_adds_and_the_district_takes_down_with_a_reason(acting, world, mine):
    with acting("front_desk", world.facilities[0]):
        photo = add_photograph(mine(), photograph(), scopes.current().on_date, "  Soup and\n rice ")
        db.session.commit()
        assert photo.caption == "Soup and rice"
        path = file_of(photo)
        assert path.parent.name == str(world.facilities[0])
        assert path.stem == photo.sha256
        with pytest.raises(BadPhotograph, match="already"):
            add_photograph(mine(), photograph(), scopes.current().on_date, "Soup")
    with acting("district_officer", world.district):
        photo = db.session.query(MealPhoto).one()
        with pytest.raises(NoReason, match="Say why"):
            take_down(photo, " ")
        take_down(photo, "a child is seen")
        db.session.commit()
        photographing.discard(world.facilities[0], path.stem)
        assert not path.exists()
        last = audit.history_of_place(world.facilities[0], ("facilities.meal_photo",))[0]
        assert (last.op, last.reason) == ("D", "a child is seen")


def test_refusals(acting, world, mine, monkeypatch):
    with acting("director", world.facilities[0]):
        today = scopes.current().on_date
        for day, caption, says in (
            (today, " ", "on the plate"), (today, "x" * 201, "on the plate"), (today + timedelta(days=1), "x", "up to today"),
            (today - timedelta(days=32), "x", "up to today"),
        ):  # fmt: skip
            with pytest.raises(BadPhotograph, match=says):
                add_photograph(mine(), photograph(), day, caption)
        monkeypatch.setattr(photographing, "MAX_A_DAY", 1)
        add_photograph(mine(), photograph(), today, "x")
        with pytest.raises(BadPhotograph, match="at most 1"):
            add_photograph(mine(), photograph(color="red"), today, "x")
        db.session.rollback()
    for role in ("inspector", "accountant", "district_officer", "parent"):
        with acting(role, world.facilities[0]), pytest.raises(Forbidden):
            add_photograph(mine(), photograph(), today, "x")
    with acting("director", world.facilities[0]):
        stranger = mine()
    with acting("director", world.neighbors[0]), pytest.raises(NotFound):
        add_photograph(stranger, photograph(), today, "x")


def test_files_without_a_record_are_swept(acting, world, mine, system):
    with acting("director", world.facilities[0]):
        kept = file_of(add_photograph(mine(), photograph(), scopes.current().on_date, "x"))
        db.session.commit()
    orphan, fresh = kept.with_name("0" * 64 + ".jpg"), kept.with_name("1" * 64 + ".jpg")
    orphan.write_bytes(b"x")
    fresh.write_bytes(b"x")
    hours = time.time() - 7200
    for path in (kept, orphan):
        os.utime(path, (hours, hours))
    assert sweep() >= 1
    assert kept.exists() and fresh.exists() and not orphan.exists()
    fresh.unlink()


# -- the pages -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("S2-28")
def test_from_upload_to_the_public_page_and_away(sun, entered, browser, world, system, centre):
    desk = entered("front_desk", world.facilities[0])
    url, today = f"/office/facilities/meals/{sun}", system.on_date.isoformat()
    sent = {"photograph": (photograph(), "../../evil.php"), "day": today, "caption": "Soup & rice"}
    assert desk.post(url, data=sent).status_code == 302
    page = desk.get(url).text
    assert "Soup &amp; rice" in page
    photo = db.session.query(MealPhoto).one()
    assert desk.get(f"{url}/{photo.id}.jpg").mimetype == "image/jpeg"

    public = browser.get(f"/facilities/{sun}")
    assert f'src="/facilities/{sun}/meals/{photo.id}.jpg"' in public.text
    assert 'alt="Soup &amp; rice"' in public.text
    answer = browser.get(f"/facilities/{sun}/meals/{photo.id}.jpg")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert "evil" not in str(answer.headers)
    assert browser.get(f"/facilities/F-OTHER/meals/{photo.id}.jpg").status_code == 404

    other = entered("director", world.neighbors[0])
    centre(world.neighbors[0], name="Moon")
    assert other.get(url).status_code == 404
    assert other.get(f"/office/facilities/meals/F-{world.neighbors[0]}/{photo.id}.jpg").status_code == 404
    assert other.post(f"{url}/{photo.id}/down", data={"reason": "r"}).status_code == 404

    assert desk.post(f"{url}/{photo.id}/down", data={"reason": ""}).status_code == 302
    assert browser.get(f"/facilities/{sun}/meals/{photo.id}.jpg").status_code == 200
    officer = entered("district_officer", world.district)
    assert officer.post(f"{url}/{photo.id}/down", data={"reason": "blurred"}).status_code == 302
    assert browser.get(f"/facilities/{sun}/meals/{photo.id}.jpg").status_code == 404
    assert "blurred" in officer.get(f"/office/facilities/offer/{sun}").text


def test_hidden_centres_show_no_photographs(sun, acting, world, mine, browser, system):
    with acting("director", world.facilities[0]):
        number = add_photograph(mine(), photograph(), scopes.current().on_date, "x").id
        db.session.commit()
    db.session.get(Facility, world.facilities[0]).published = False
    db.session.commit()
    assert browser.get(f"/facilities/{sun}/meals/{number}.jpg").status_code == 404


def test_a_refused_upload_keeps_what_was_typed(sun, entered, world, system):
    desk = entered("front_desk", world.facilities[0])
    url = f"/office/facilities/meals/{sun}"
    for sent, says in (
        ({"photograph": (io.BytesIO(b"text"), "a.jpg"), "day": system.on_date.isoformat(), "caption": "typed words"}, "no photograph"),
        ({"day": system.on_date.isoformat(), "caption": "typed words"}, "Choose a photograph"),
        ({"photograph": (photograph(), "a.jpg"), "day": "", "caption": "typed words"}, "Choose the day"),
    ):  # fmt: skip
        answer = desk.post(url, data=sent)
        assert answer.status_code == 422
        assert says in answer.text
        assert "typed words" in answer.text


def test_weeks_follow_each_other_and_cost_the_same(sun, browser, world, system):
    today = system.on_date
    for n in range(3):
        db.session.add(
            MealPhoto(
                facility_id=world.facilities[0],
                day=today - timedelta(days=7 * n),
                caption=f"meal {n}",
                sha256="0",
            )
        )
    db.session.commit()
    page = browser.get(f"/facilities/{sun}").text
    assert "meal 0" in page and "meal 1" not in page and "Earlier week" in page and "Later week" not in page
    middle = f"{today - timedelta(days=7):%G-W%V}"
    page = browser.get(f"/facilities/{sun}?week={middle}").text
    assert "meal 1" in page and "Earlier week" in page and "Later week" in page
    assert "meal 0" in browser.get(f"/facilities/{sun}?week=never").text
    with count_queries() as one:
        browser.get(f"/facilities/{sun}")
    db.session.add_all(
        MealPhoto(facility_id=world.facilities[0], day=today, caption=f"more {n}", sha256=str(n))
        for n in range(5)
    )
    db.session.commit()
    with count_queries() as six:
        browser.get(f"/facilities/{sun}")
    assert len(one) == len(six)
