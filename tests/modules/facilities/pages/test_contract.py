"""What every module promises, asked of the register (docs/architecture.md)."""

from __future__ import annotations

from core.testing import ModuleContract


class TestFacilities(ModuleContract):
    module = "facilities"
