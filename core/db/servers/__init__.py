"""Start, join, watch and stop the PostgreSQL and Valkey of a home; others need only these names."""

from __future__ import annotations

from core.db.servers.address import Servers
from core.db.servers.attach import Attached, attach
from core.db.servers.databases import create_database, drop_database

__all__ = ["Attached", "Servers", "attach", "create_database", "drop_database"]
