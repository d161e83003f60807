"""`login-crowd`: the sign-in page while fifty people's passwords are checked again and again, beside the same page when all is calm."""

from __future__ import annotations

import http.client
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from urllib.parse import urlencode

from bench.bed import bed, fill
from bench.families import FORM
from bench.frame import Bench, Measured, Pair
from bench.web import OURS, NoAnswer, get, served

PAGE, READINGS = "/login", 60
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """Read the page in calm, then while everybody knocks."""
    with bed() as made:
        fill(made, 10)
        with served(OURS, made.environ, PAGE) as ours:
            reading(ours.port, 10)
            calm = reading(ours.port, READINGS)
            stop, together = Event(), Barrier(sizes[-1] + 1)
            with ThreadPoolExecutor(sizes[-1]) as pool:
                knocking = [pool.submit(knock, ours.port, number, together, stop) for number in range(sizes[-1])]
                together.wait()
                busy = reading(ours.port, READINGS)
                stop.set()
                answers = sum((one.result() for one in knocking), Counter[int]())
    wrong = {status: count for status, count in answers.items() if status not in (200, 503)}
    if wrong or answers[200] < sizes[-1] // 5:
        raise NoAnswer(f"the crowd was answered {dict(answers)}: it should be checked, or asked to come back")
    pair = Pair(statistics.median(busy) * 1000, statistics.median(calm) * 1000)
    yield sizes[-1], {"milliseconds a page": pair, "passwords checked": Pair(float(answers[200])), "asked to come back": Pair(float(answers[503]))}


def reading(port: int, times: int) -> list[float]:
    """Seconds of each of so many readings, with pauses as people make."""
    took = []
    for _one in range(times):
        began = time.perf_counter()
        if get(port, PAGE) != 200:
            raise NoAnswer(f"{PAGE} was not answered while others signed in")
        took.append(time.perf_counter() - began)
        time.sleep(0.05)
    return took


def knock(port: int, number: int, together: Barrier, stop: Event) -> Counter[int]:
    """Try a password again and again from an address of one's own, and come back when asked to; gives the answers."""
    answers = Counter[int]()
    cookie, token = _form(port, number)
    body = urlencode({"csrf_token": token, "username": f"nobody-{number}", "password": "nobody's password"})
    together.wait()
    while not stop.is_set():
        status, pause = _ask(port, number, "POST", body, cookie)[0:2]
        answers[status] += 1
        stop.wait(pause)
    return answers


def _form(port: int, number: int) -> tuple[str, str]:
    _status, _pause, cookie, page = _ask(port, number, "GET")
    found = _TOKEN.search(page)
    if found is None:
        raise NoAnswer("the sign-in page has no form")
    return cookie, found[1]


def _ask(port: int, number: int, method: str, body: str | None = None, cookie: str = "") -> tuple[int, int, str, str]:
    """Status, seconds to wait, cookie and page; each person has an address of the loopback network."""
    own = (f"127.0.1.{number + 1}", 0)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=own)
    head = {**(FORM if body else {}), **({"Cookie": cookie} if cookie else {})}
    try:
        connection.request(method, PAGE, body, head)
        answer = connection.getresponse()
        page = answer.read().decode()
        return answer.status, int(answer.headers.get("Retry-After", 0)), (answer.headers["Set-Cookie"] or "").partition(";")[0], page
    finally:
        connection.close()


BENCH = Bench(
    "login-crowd", "the sign-in page while fifty people's passwords are checked, and checked again", "",
    "the same page when nobody signs in", 50, {"milliseconds a page": 3.0, "passwords checked": None, "asked to come back": None}, measure,
)  # fmt: skip
