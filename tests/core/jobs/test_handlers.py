"""Which functions become handlers, and how wrong ones are refused."""

from __future__ import annotations

from types import ModuleType

import pytest

from core.jobs import daily, event, job, on
from core.jobs.attempts import pause_after
from core.jobs.events import BadEvent
from core.jobs.handlers import BadHandler, Book, UnknownHandler
from core.jobs.payloads import BadPayloadType
from core.jobs.progress import Progress
from core.jobs.queues import QUEUES, batches


@event
class BellRung:
    loud: bool = True


def book_of(*functions, module="props"):
    part = ModuleType(__name__)
    for number, function in enumerate(functions):
        setattr(part, f"f{number}", function)
    book = Book()
    book.load(module, part)
    return book


def test_handlers_are_found_with_what_they_take():
    @on(BellRung)
    def hear(rung: BellRung) -> None:
        raise NotImplementedError

    @daily(at="02:00")
    @job("props.bell.polish", queue="slow", effect="outside", retries=9)
    def polish(idempotency_key: str, progress: Progress, times: int = 1) -> None:
        """Polish all bells

        More text.
        """
        raise NotImplementedError

    book = book_of(hear, polish)
    [receiver] = book.receivers(BellRung.__event__.name)
    assert (receiver.id, receiver.call, receiver.mark.effect) == ("props.hear", hear, "inside")
    handler = book.job("props.bell.polish")
    assert [f.name for f in handler.fields] == ["times"] and handler.takes == {"idempotency_key", "progress"}
    assert (handler.title, handler.mark.queue, handler.mark.retries) == ("Polish all bells", "slow", 9)
    assert list(book.scheduled()) == [handler]


def test_imported_functions_are_not_handled_twice():
    @job("props.bell.ring")
    def ring():
        raise NotImplementedError

    ring.__module__ = "modules.other.jobs"
    assert book_of(ring).jobs == {}


def unnamed(*things):
    raise NotImplementedError


def untyped(thing):
    raise NotImplementedError


def nothing():
    raise NotImplementedError


def two(rung: BellRung, more: int):
    raise NotImplementedError


def other(rung: int):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("mark", "function", "said"),
    [
        (lambda: job("props.bell.ring"), unnamed, "name every parameter and give it a type; things"),
        (lambda: job("props.bell.ring"), untyped, "name every parameter and give it a type; thing"),
        (lambda: job("bells.bell.ring"), nothing, "must begin with its module, props"),
        (lambda: job("props.bell.ring", effect="outside"), nothing, "may be repeated after a crash"),
        (lambda: job("ring"), nothing, "call a job module.noun.verb"),
        (lambda: job("props.bell.ring", queue="fast"), nothing, "queue one of default, slow"),
        (lambda: job("props.bell.ring", retries=-1), nothing, "retries from 0"),
        (lambda: job("props.bell.ring", effect="both"), nothing, "effect is inside or outside"),
        (lambda: on(BellRung), nothing, "the first parameter is the event, of type BellRung"),
        (lambda: on(BellRung), other, "the first parameter is the event, of type BellRung"),
        (lambda: on(BellRung), two, "takes the event, idempotency_key and progress, nothing else"),
    ],
)
def test_a_wrong_handler_is_refused_by_name(mark, function, said):
    function.__dict__.pop("__handles__", None)
    with pytest.raises(BadHandler, match=said):
        book_of(mark()(function))


def test_a_parameter_that_cannot_travel_is_refused():
    @job("props.bell.weigh")
    def weigh(grams: float):
        raise NotImplementedError

    with pytest.raises(BadPayloadType, match=r"props\.weigh\.grams"):
        book_of(weigh)


def test_one_job_has_one_handler():
    @job("props.bell.ring")
    def first():
        raise NotImplementedError

    @job("props.bell.ring")
    def second():
        raise NotImplementedError

    with pytest.raises(BadHandler, match=r"handled by both props\.first and props\.second: keep one"):
        book_of(first, second)


def test_receiving_what_is_no_event_is_refused():
    with pytest.raises(BadEvent):
        on(int)


def test_unknown_jobs_and_handlers_are_refused_with_the_way_out():
    with pytest.raises(UnknownHandler, match=r"see the jobs\.py of fees"):
        Book().job("fees.statement.draft")
    with pytest.raises(UnknownHandler, match="install its module"):
        Book().find("fees.draft", "fees.statement.draft")


def test_rings_are_shared_so_that_two_workers_can_begin():
    default, slow = QUEUES["default"], QUEUES["slow"]
    assert [len(b) for b in batches(default, list(range(100)))] == [50, 50]
    assert [len(b) for b in batches(default, list(range(7)))] == [4, 3]
    assert [len(b) for b in batches(default, [1])] == [1]
    assert [len(b) for b in batches(slow, [1, 2, 3])] == [1, 1, 1]
    assert batches(default, []) == []
    assert [len(b) for b in batches(default, list(range(60)), share=False)] == [50, 10]


def test_pauses_grow_and_stay_below_six_hours():
    assert [pause_after(n) for n in (1, 2, 3, 4, 5)] == [5, 20, 80, 320, 1280]
    assert pause_after(500) == 6 * 3600
