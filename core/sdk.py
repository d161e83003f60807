"""The one import surface for modules and plugins: everything here is stable, everything else in core may move."""

from __future__ import annotations

from core.commands import session as command_line
from core.db import bulk
from core.db.base import db
from core.errors import DolbomError, Forbidden, NotFound, Refusal
from core.host import extension, packs, pages
from core.host.hooks import add_questions, answers, ask, ask_all, asks
from core.host.pages import Card, Finding, NavItem
from core.host.readiness import next_school_year
from core.host.retention import RetentionRule, kept_until
from core.host.retention import declare as declare_retention
from core.host.retention import erase as erase_record
from core.host.running import running
from core.jobs import Progress, daily, enqueue, event, every, job, on, publish
from core.regions import activation, policies, tree
from core.regions.atlas import atlas
from core.security import (
    addresses,
    approvals,
    audit,
    contacts,
    machine_secrets,
    registering,
    scope,
    sealed_files,
)
from core.security.access import allowed, for_machines, for_oneself, open_to_all, require
from core.security.contacts import Reach, reach_many
from core.security.reasons import because
from core.security.rows import FacilityRoot, FacilityScoped, PlaceScoped, RegionScoped, Unscoped
from core.security.scope import Scope
from core.security.walls import Via
from core.text import _, ngettext
from core.web import api, documents, following, i18n, keyset, notices
from core.web.admin.guarded import PageView, attempting
from core.web.admin.view import SafeView, expose
from core.web.office import histories, naming
from core.web.outside import page_address
from core.whole_files import write_whole

__all__ = [
    "Card",
    "DolbomError",
    "FacilityRoot",
    "FacilityScoped",
    "Finding",
    "Forbidden",
    "NavItem",
    "NotFound",
    "PageView",
    "PlaceScoped",
    "Progress",
    "Reach",
    "Refusal",
    "RegionScoped",
    "RetentionRule",
    "SafeView",
    "Scope",
    "Unscoped",
    "Via",
    "_",
    "activation",
    "add_questions",
    "addresses",
    "allowed",
    "answers",
    "api",
    "approvals",
    "ask",
    "ask_all",
    "asks",
    "atlas",
    "attempting",
    "audit",
    "because",
    "bulk",
    "command_line",
    "contacts",
    "daily",
    "db",
    "declare_retention",
    "documents",
    "enqueue",
    "erase_record",
    "event",
    "every",
    "expose",
    "extension",
    "following",
    "for_machines",
    "for_oneself",
    "histories",
    "i18n",
    "job",
    "kept_until",
    "keyset",
    "machine_secrets",
    "naming",
    "next_school_year",
    "ngettext",
    "notices",
    "on",
    "open_to_all",
    "packs",
    "page_address",
    "pages",
    "policies",
    "publish",
    "reach_many",
    "registering",
    "require",
    "running",
    "scope",
    "sealed_files",
    "tree",
    "write_whole",
]
