"""What can stop a set-up, each with an id and the next step in its text."""

from __future__ import annotations

from typing import ClassVar


class SetupError(Exception):
    """A set-up that cannot go on; the message is one line that says what to do."""

    code: ClassVar[str] = "setup"


class CommandFailed(SetupError):
    """A tool we called (pip, uv, npm, apt-get) ended with an error."""

    code = "setup.command-failed"


class PackageChanged(SetupError):
    """A downloaded npm package is not the one in package-lock.json."""

    code = "setup.package-changed"


class AssetChanged(SetupError):
    """A style, script or font differs from the digest in vendor.toml."""

    code = "setup.asset-changed"


class SystemPackagesMissing(SetupError):
    """Something from the operating system is missing and we may not install it."""

    code = "setup.system-packages"


class NotWritable(SetupError):
    """Something has to be brought up in a folder of another user."""

    code = "setup.not-writable"
