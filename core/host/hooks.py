"""All questions the host asks modules, and the caller that asks only those modules that are on at a place.

A module answers by functions of the same name in its `hooks.py`, marked `@answers`; pluggy checks their parameters.
"""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy

from core.regions import activation
from core.regions.atlas import atlas
from core.security import scope as scopes

if TYPE_CHECKING:
    from datetime import date

    from core.db.backup import Proof
    from core.host.pages import Card, Finding, NavItem

NAME = "dolbom"
asks = pluggy.HookspecMarker(NAME)
answers = pluggy.HookimplMarker(NAME)


class HostQuestions:
    """What the host asks; every module may answer every question."""

    @asks
    def navigation(self, scope: scopes.Scope) -> list[NavItem]:
        """Entries of the side navigation for this person; ask `allowed()` before offering one."""
        raise NotImplementedError

    @asks
    def dashboard(self, scope: scopes.Scope) -> list[Card]:
        """Cards of the person's start page: key figures and what waits for them."""
        raise NotImplementedError

    @asks
    def checks(self, region_no: int) -> dict[str, bool]:
        """Answers to a pack's checklist steps by name, e.g. {'facilities.count>0': True} (F-41)."""
        raise NotImplementedError

    @asks
    def demo(self, region_code: str, folder: Any, on: date) -> None:
        """Load the module's demonstration data for a region from a pack's data folder."""
        raise NotImplementedError

    @asks
    def proofs(self) -> list[Proof]:
        """What a restore drill lets the module prove of the copy beyond equality: replay, trial balance, root."""
        raise NotImplementedError

    @asks
    def findings(self) -> list[Finding]:
        """What a module finds wrong in what other modules bring it; `dolbom check` shows it as an error."""
        raise NotImplementedError

    @asks
    def facility_names(self, numbers: list[int]) -> dict[int, str]:
        """Names of facilities by place number, for headings and breadcrumbs."""
        raise NotImplementedError

    @asks
    def facility_phones(self, numbers: list[int]) -> dict[int, str]:
        """Telephone numbers of facilities by place number: by them people say whose account they cannot get into (S1-221)."""
        raise NotImplementedError

    @asks
    def facility_number(self, reference: str) -> int | None:
        """The place number behind `F-…`, `stcode:…`, `rspo:…`; None if it is not known."""
        raise NotImplementedError


manager = pluggy.PluginManager(NAME)
manager.add_hookspecs(HostQuestions)


def add_questions(spec: ModuleType | type[Any]) -> None:
    """Let a module ask questions of its own (its hookspecs)."""
    manager.add_hookspecs(spec)


def register(module: str, answers_file: ModuleType) -> None:
    """Take a module's `hooks.py`; a wrong parameter name or an unknown question is refused here, at start."""
    manager.register(answers_file, name=module)
    manager.check_pending()


@lru_cache(maxsize=256)
def _caller(version: int, off: tuple[str, ...], question: str) -> pluggy.HookCaller:
    caller = getattr(manager.hook, question)
    plugins = [manager.get_plugin(name) for name in off]
    if not plugins:
        return caller  # type: ignore[no-any-return]
    return manager.subset_hook_caller(question, remove_plugins=[p for p in plugins if p is not None])


def ask(question: str, *, at: int | None = None, **facts: Any) -> list[Any]:
    """Ask all modules that are on at place `at` (default: where the scope works); off modules do not hear it."""
    return list(_caller(atlas().version, _off(at), question)(**facts))


def _off(at: int | None) -> tuple[str, ...]:
    return tuple(name for name, _ in manager.list_name_plugin() if not activation.is_active(name, at))


def asked(at: int | None = None) -> dict[str, list[str]]:
    """Which modules each question reaches at place `at` (default: where the scope works)."""
    off, version = _off(at), atlas().version
    callers = {question: _caller(version, off, question) for question in vars(manager.hook)}
    return {question: [i.plugin_name for i in caller.get_hookimpls()] for question, caller in callers.items()}


def ask_all(question: str, **facts: Any) -> list[Any]:
    """Ask every module, also where it is off: its data is there all the same."""
    return list(getattr(manager.hook, question)(**facts))
