"""What a running Dolbom holds: its settings, servers, modules and the owner's connection for changes of structure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa
from flask import Flask, current_app

from core.config import ROOT, Settings
from core.db.servers.address import Servers
from core.host.discovery import Registry
from core.host.lifecycle import Lifecycle

EXTENSION = "dolbom"


@dataclass
class Running:
    """One process's view of the installation."""

    settings: Settings
    servers: Servers
    registry: Registry
    root: Path = field(default=ROOT)

    @cached_property
    def owner(self) -> sa.Engine:
        """The owner's engine: migrations and uninstalls only, never a request."""
        return sa.create_engine(
            self.servers.owner_url, poolclass=sa.NullPool, connect_args={"options": "-c search_path=public"}
        )

    @cached_property
    def lifecycle(self) -> Lifecycle:
        """Install, upgrade, plan and uninstall."""
        from core.db.archive import archive_schema

        return Lifecycle(
            self.owner,
            self.registry,
            self.root,
            lambda name: archive_schema(self.owner, name, self.settings.home / "archive"),
        )


def running(app: Flask | None = None) -> Running:
    """The running installation of this app (default: the current one)."""
    found: Running = (app or current_app).extensions[EXTENSION]
    return found
