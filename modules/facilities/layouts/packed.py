"""Unpacking a gzip stream under caps, so that a small upload cannot grow into a full disk or memory."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

from core.sdk import _
from modules.facilities.layouts.refusals import DamagedFile, FileTooLarge, PackedTooTightly, TruncatedFile

if TYPE_CHECKING:
    from typing import Any

    from modules.facilities.layouts.limits import Limits


class UnpackedStream(io.RawIOBase):
    """What a .gz file holds, byte by byte; every way a gzip can be wrong becomes one refusal."""

    def __init__(self, packed: BinaryIO, packed_bytes: int, limits: Limits) -> None:
        super().__init__()
        self._gzip = gzip.GzipFile(fileobj=packed, mode="rb")
        self._packed_bytes = packed_bytes
        self._limits = limits
        self._produced = 0

    def readable(self) -> bool:
        """Always: that is all it is for."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Unpacks into `buffer`. Raises TruncatedFile, DamagedFile, FileTooLarge, PackedTooTightly."""
        try:
            data = self._gzip.read(len(buffer))
        except EOFError as error:
            raise TruncatedFile(_("The .gz file ends in its middle; copy or download it again.")) from error
        except (OSError, zlib.error) as error:
            raise DamagedFile(
                _("The .gz file is damaged (%(why)s); copy it again.", why=str(error))
            ) from error
        self._produced += len(data)
        check_growth(self._packed_bytes, self._produced, self._limits)
        buffer[: len(data)] = data
        return len(data)


def unpacked(packed: BinaryIO, packed_bytes: int, limits: Limits) -> BinaryIO:
    """`packed` read through gzip, buffered. Raises the refusals of `UnpackedStream` while it is read."""
    return cast("BinaryIO", io.BufferedReader(UnpackedStream(packed, packed_bytes, limits), 2**16))


def check_growth(packed_bytes: int, unpacked_bytes: int, limits: Limits) -> None:
    """Raises FileTooLarge or PackedTooTightly when `unpacked_bytes` out of `packed_bytes` break a cap."""
    if unpacked_bytes > limits.unpacked_bytes:
        most = limits.unpacked_bytes // 2**20
        raise FileTooLarge(_("The file unpacks to more than %(most)s MiB; split it by district.", most=most))
    if unpacked_bytes > limits.ratio_floor and unpacked_bytes > limits.ratio * max(packed_bytes, 1):
        raise PackedTooTightly(
            _(
                "The file unpacks to more than %(ratio)s times its size, as no register does; save the register anew and import that file.",
                ratio=limits.ratio,
            )
        )
