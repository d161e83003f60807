"""What every module promises, for messaging."""

from __future__ import annotations

from core.testing import ModuleContract


class TestMessaging(ModuleContract):
    """The contract."""

    module = "messaging"
