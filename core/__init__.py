"""The host: it knows no childcare, only how modules, people, places and work fit together."""
from __future__ import annotations

__version__ = "0.1.0"
