"""Who handles what: `@on(Event)` and `@job(name)` mark functions in a module's `jobs.py`, found by file name.

A handler runs as the system with the sender's name, language and place, inside `access.asking()`.
`effect="inside"`: all it does is in this database, and happens once. `effect="outside"`: it reaches further
(a message, a bank file) or commits in steps, may be repeated after a crash, and so takes `idempotency_key` or
`progress`. A job whose one parameter is a `Sequence` of a dataclass takes many small effects outside together.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, is_dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_origin

from flask import Flask, current_app

from core.errors import DolbomError
from core.host.running import running
from core.jobs import payloads
from core.jobs.events import facts_of
from core.jobs.payloads import Field
from core.jobs.queues import QUEUES
from core.jobs.schedules import Schedule, schedule_of

Effect = Literal["inside", "outside"]
F = TypeVar("F", bound=Callable[..., Any])

#: Parameters a handler may name to be given them; they are no part of the payload.
KEY, PROGRESS = "idempotency_key", "progress"
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2}")
_BOOK = "dolbom.jobs"
#: The host's own jobs.
_CORE_PARTS = ("core.jobs.housekeeping", "core.jobs.purging", "core.jobs.recovering")
_MORE_PARTS = "dolbom.jobs.parts"


class BadHandler(DolbomError):
    """A function in a jobs.py cannot be a handler."""

    code: ClassVar[str] = "jobs.bad-handler"
    http: ClassVar[int] = 500


class UnknownHandler(DolbomError):
    """Nobody here handles this: the module or the function is gone, or the name is misspelled."""

    code: ClassVar[str] = "jobs.unknown-handler"
    http: ClassVar[int] = 500


@dataclass(frozen=True)
class Mark:
    """What a decorator wrote on a function."""

    kind: Literal["event", "job"]
    name: str
    effect: Effect
    queue: str
    retries: int
    event: type[Any] | None = None


@dataclass(frozen=True)
class Handler:
    """One function that handles one event or one job."""

    id: str
    module: str
    mark: Mark
    call: Callable[..., Any]
    fields: tuple[Field, ...]
    takes: frozenset[str]
    title: str
    schedule: Schedule | None = None
    #: The class of one of the payloads it takes together.
    together: type[Any] | None = None


def on(
    event_class: type[Any], effect: Effect = "inside", queue: str = "default", retries: int = 5
) -> Callable[[F], F]:
    """Receive an event: the function takes it as its first argument. No order among events is promised."""
    return _marker(Mark("event", facts_of(event_class).name, effect, queue, retries, event_class))


def job(name: str, effect: Effect = "inside", queue: str = "default", retries: int = 5) -> Callable[[F], F]:
    """Handle the job `module.noun.verb`; its parameters are the payload. `queue="slow"` for long work."""
    if not _NAME.fullmatch(name):
        raise BadHandler(f"{name!r}: call a job module.noun.verb, e.g. fees.statement.draft.")
    return _marker(Mark("job", name, effect, queue, retries))


def _marker(mark: Mark) -> Callable[[F], F]:
    if mark.effect not in ("inside", "outside") or mark.queue not in QUEUES or mark.retries < 0:
        raise BadHandler(
            f"{mark.name}: effect is inside or outside, queue one of {', '.join(QUEUES)}, retries from 0, "
            f"but got {mark.effect!r}, {mark.queue!r}, {mark.retries!r}."
        )

    def put(function: F) -> F:
        function.__dict__.setdefault("__handles__", []).append(mark)
        return function

    return put


@dataclass
class Book:
    """All handlers of all running modules."""

    handlers: dict[tuple[str, str], Handler] = field(default_factory=dict)
    jobs: dict[str, Handler] = field(default_factory=dict)

    def load(self, module: str, part: ModuleType) -> None:
        """Take the marked functions that a module's jobs.py defines; wrong ones are refused by name."""
        for function in list(vars(part).values()):
            if callable(function) and getattr(function, "__module__", None) == part.__name__:
                for mark in getattr(function, "__handles__", ()):
                    self._add(_handler(module, function, mark))

    def _add(self, handler: Handler) -> None:
        mark = handler.mark
        if mark.kind == "job":
            if mark.name.split(".")[0] != handler.module:
                raise BadHandler(
                    f"{handler.id}: the job {mark.name} must begin with its module, {handler.module}."
                )
            if mark.name in self.jobs:
                raise BadHandler(
                    f"{mark.name} is handled by both {self.jobs[mark.name].id} and {handler.id}: keep one."
                )
            self.jobs[mark.name] = handler
        self.handlers[handler.id, mark.name] = handler

    def receivers(self, event: str) -> list[Handler]:
        """Who receives an event, in the order of the modules."""
        return [h for (_, name), h in self.handlers.items() if name == event and h.mark.kind == "event"]

    def job(self, name: str) -> Handler:
        """The handler of a job, or a refusal."""
        if name not in self.jobs:
            raise UnknownHandler(f"No job is called {name}: see the jobs.py of {name.partition('.')[0]}.")
        return self.jobs[name]

    def find(self, handler: str, name: str) -> Handler:
        """The handler a row was written for, or a refusal when the code has changed since."""
        if (handler, name) not in self.handlers:
            raise UnknownHandler(
                f"{handler} no longer handles {name}: install its module, or send this again when it is back."
            )
        return self.handlers[handler, name]

    def scheduled(self) -> Iterator[Handler]:
        """Jobs with a schedule."""
        return (handler for handler in self.jobs.values() if handler.schedule is not None)


def also(app: Flask, part: str) -> None:
    """Let a part of a higher floor of core handle work in this app too: called while the app is put together."""
    app.extensions.setdefault(_MORE_PARTS, []).append(part)


def book(app: Flask | None = None) -> Book:
    """The handlers of this app, collected on first use; a module with a wrong one is set aside."""
    extensions = (app or current_app).extensions
    found: Book | None = extensions.get(_BOOK)
    if found is None:
        found = Book()
        for name in (*_CORE_PARTS, *extensions.get(_MORE_PARTS, ())):
            found.load("core", import_module(name))
        registry = running(app).registry
        for manifest, part in list(registry.parts("jobs")):
            try:
                found.load(manifest.name, part)
            except DolbomError as error:
                registry.aside(manifest.name, str(error))
        extensions[_BOOK] = found
    return found


def _handler(module: str, function: Callable[..., Any], mark: Mark) -> Handler:
    name = f"{module}.{function.__name__}"
    parameters = dict(inspect.signature(function).parameters)
    types = payloads.hints(function)
    if mark.event is not None:
        first = next(iter(parameters), None)
        if first is None or types.get(first, mark.event) is not mark.event:
            raise BadHandler(f"{name}: the first parameter is the event, of type {mark.event.__name__}.")
        del parameters[first]
    together = _together(parameters, types)
    if together is not None:
        parameters = dict(inspect.signature(together).parameters)
        types = payloads.hints(together)
    takes = frozenset(parameters) & ({KEY} if together else {KEY, PROGRESS})
    fields = tuple(_field(name, p, types) for p in parameters.values() if p.name not in takes)
    if mark.event is not None and fields:
        raise BadHandler(f"{name}: a receiver takes the event, {KEY} and {PROGRESS}, nothing else.")
    if mark.effect == "outside" and not takes:
        raise BadHandler(
            f"{name}: outside effects may be repeated after a crash: take `{KEY}: str` and send it along, or "
            f"`{PROGRESS}: Progress` and go on at its cursor."
        )
    if together is not None and mark.effect != "outside":
        raise BadHandler(
            f'{name}: only effect="outside" is taken together; inside, one transaction is one row.'
        )
    title = next(iter((inspect.getdoc(function) or mark.name).splitlines()))
    return Handler(
        name, module, mark, function, fields, takes, title, schedule_of(function, mark.name, fields), together
    )


def _together(parameters: dict[str, inspect.Parameter], types: dict[str, Any]) -> type[Any] | None:
    """The dataclass of a handler that takes a sequence of it and nothing else."""
    kinds = [types.get(name) for name in parameters]
    if len(kinds) != 1 or get_origin(kinds[0]) is not Sequence:
        return None
    item = next(iter(get_args(kinds[0])), None)
    return item if isinstance(item, type) and is_dataclass(item) else None


def _field(handler: str, parameter: inspect.Parameter, types: dict[str, Any]) -> Field:
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or parameter.name not in types:
        raise BadHandler(f"{handler}: name every parameter and give it a type; {parameter.name} is not.")
    payloads.check_type(f"{handler}.{parameter.name}", types[parameter.name])
    return Field(parameter.name, types[parameter.name], parameter.default is not parameter.empty)
