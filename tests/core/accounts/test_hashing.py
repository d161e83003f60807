"""Hashing is bounded: so many at once, a short wait for the next, an answer at once for the rest; the other pages stay quick."""

from __future__ import annotations

import http.client
import logging
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import people
import pytest
from argon2 import PasswordHasher
from werkzeug.serving import make_server

from core.security import hashing, lockout, passwords
from core.testing import HASHING


class Watch:
    """How many are inside at once, and how many at most were."""

    def __init__(self):
        self.lock, self.now, self.most = threading.Lock(), 0, 0

    def __enter__(self):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_):
        with self.lock:
            self.now -= 1


def storm(room, people_, seconds):
    """So many at once, each staying so long; gives (most inside, how many got in)."""
    watch, begin = Watch(), threading.Barrier(people_)

    def one(_):
        begin.wait()
        with suppress(hashing.TooBusy):
            with room.entered(), watch:
                time.sleep(seconds)
            return True
        return False

    with ThreadPoolExecutor(people_) as pool:
        served = sum(pool.map(one, range(people_)))
    return watch.most, served


@pytest.mark.parametrize(("places", "waiting"), [(1, 0), (1, 2), (2, 3), (4, 60)])
def test_never_more_inside_than_places_and_never_more_served_than_may_wait(places, waiting):
    most, served = storm(hashing.Room(places, waiting=waiting, patience=5.0), 40, 0.01)
    assert most <= places
    assert served >= min(40, places + waiting)


def test_the_watch_would_see_an_unbounded_room():
    """The control: with as many places as people, many are inside at once."""
    most, served = storm(hashing.Room(40, waiting=0, patience=0.0), 40, 0.05)
    assert most > 4
    assert served == 40


def test_who_waits_too_long_is_asked_to_come_back():
    room = hashing.Room(1, waiting=5, patience=0.05)
    with room.entered(), pytest.raises(hashing.TooBusy, match="try again"), room.entered():
        pass
    with room.entered():  # and every place was given back
        pass


@pytest.mark.parametrize("threads", [1, 2, 4, 8, 16])
def test_a_thread_always_remains_where_there_is_more_than_one(threads):
    hashes, attempts = hashing.rooms(threads)
    assert 1 <= hashes.places <= attempts.places
    assert attempts.places + attempts.waiting < threads or threads == 1


class TestPage:
    @pytest.fixture
    def full(self, monkeypatch):
        """Everybody's place is taken."""
        room = hashing.Room(1, waiting=0, patience=0.0)
        monkeypatch.setattr(hashing, "_attempts", room)
        with room.entered():
            yield room

    @pytest.fixture
    def browser(self, app):
        from browsing import Browser

        return Browser(app)

    def test_503_says_when_to_come_back_and_counts_nothing(self, browser, person, world, full):
        number = person("jan", "director", world.facilities[0])
        answer = browser.enter("jan")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == str(hashing.RETRY_AFTER)
        assert "Nothing was lost" in answer.text
        assert people.run("select count(*) from core.sign_in") == [(0,)]
        assert people.column("failed_logins", number) == 0
        assert browser.get("/login").status_code == 200


@pytest.mark.rule("S1-241")
def test_a_whole_storm_locks_nobody_out_for_long(app, person, world, monkeypatch, time_machine):
    """Two hours of wrong passwords from many sides, and at every moment the wait ends within 15 minutes (S1-241)."""
    from datetime import UTC, datetime

    monkeypatch.setattr(lockout, "FLOOR", 0.0)
    number = person("jan", "director", world.facilities[0])
    time_machine.move_to("2026-11-21T09:00:00Z", tick=False)
    for minute in range(0, 120, 5):
        for _ in range(8):
            with suppress(lockout.SignInRefused):
                lockout.attempt("jan", f"guess {minute}")
        until = people.column("locked_until", number)
        assert until is None or until - datetime.now(UTC) <= lockout.LONGEST_WAIT
        time_machine.shift(300)
    assert until is not None, "the control: the storm did make the account wait"
    time_machine.shift(lockout.LONGEST_WAIT)
    assert lockout.attempt("jan", people.PASSWORD).account_id == number


class Server:
    """The application behind four threads, as one web process of the product."""

    def __init__(self, app):
        threads = threading.BoundedSemaphore(4)

        def four_at_once(environ, start):
            with threads:  # who finds none free waits
                return app.wsgi_app(environ, start)

        self.server = make_server("127.0.0.1", 0, four_at_once, threaded=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def ask(self, method, body=None):
        """The status of the login page's answer, and the seconds it asks to wait."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=60)
        head = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, "/login", body, head)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, int(answer.headers.get("Retry-After", 0))

    def reading(self, times):
        """Seconds each of so many readings of the page took."""
        took = []
        for _ in range(times):
            began = time.perf_counter()
            assert self.ask("GET")[0] == 200
            took.append(time.perf_counter() - began)
            time.sleep(0.02)
        return took


@pytest.mark.slow
@pytest.mark.parametrize("bounded", [True, False])
def test_the_login_page_stays_quick_while_fifty_passwords_are_hashed(app, world, monkeypatch, capsys, bounded):
    """Fifty people sign in at once and again, hashed as dearly as in the product; meanwhile the page is read.

    Beside an idle baseline of the same run, and beside the same storm without bounds: the control, which must be slower.
    """
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    dear = {name.removeprefix("argon2__"): cost for name, cost in HASHING.items()}
    stored = PasswordHasher(**dear).hash("a password nobody has")
    monkeypatch.setattr(passwords, "_nobodys", lambda: stored)
    for name, room in zip(("_hashes", "_attempts"), hashing.rooms(4 if bounded else 400), strict=True):
        monkeypatch.setattr(hashing, name, room)
    stop, statuses = threading.Event(), []

    def knocking(server):
        while not stop.is_set():
            status, wait = server.ask("POST", "username=nobody&password=wrong")
            statuses.append(status)
            stop.wait(wait)

    with Server(app) as server:
        server.reading(5)
        idle = server.reading(40)
        with ThreadPoolExecutor(50) as pool:
            for _ in range(50):
                pool.submit(knocking, server)
            time.sleep(0.3)
            busy = server.reading(40 if bounded else 4)
            stop.set()
    calm, hurried = statistics.median(idle), statistics.median(busy)
    with capsys.disabled():
        print(
            f"\nlogin page, {'bounded' if bounded else 'without bounds'}: idle {calm * 1000:.0f} ms, "
            f"while 50 sign in {hurried * 1000:.0f} ms (x{hurried / calm:.1f}, longest {max(busy) * 1000:.0f} ms); "
            f"checked {statuses.count(200)}, asked to come back {statuses.count(503)}"
        )
    assert set(statuses) <= {200, 503}, "nothing else was answered"
    assert statuses.count(200) >= 3, "some were checked all the while"
    if bounded:
        assert statuses.count(503) >= 1
        assert hurried < 20 * calm
    else:
        assert statuses.count(503) == 0
        assert hurried > 20 * calm, "without bounds every thread hashes or waits, and the page with them"
