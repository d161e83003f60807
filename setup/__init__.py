"""Brings a fresh clone to life: virtual environment, pages' assets, system packages, language catalogs.

Runs before anything is installed, so every file here uses the standard library only.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
