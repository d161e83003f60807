"""Why a whole register file is refused: one class a reason, each with what to do about it."""

from __future__ import annotations

from core.sdk import Refusal


class RegisterRefused(Refusal):
    """A register file that cannot be read; nothing of it was taken."""

    code = "register-refused"
    http = 422


class FileMissing(RegisterRefused):
    """There is no file of that name, or it cannot be opened."""

    code = "register-file-missing"


class EmptyFile(RegisterRefused):
    """The file holds nothing."""

    code = "register-empty"


class FileTooLarge(RegisterRefused):
    """The file, or what it unpacks to, is larger than any register."""

    code = "register-too-large"


class PackedTooTightly(RegisterRefused):
    """The file unpacks to so much that it is an attack or an accident (a "zip bomb")."""

    code = "register-packed-too-tightly"


class TruncatedFile(RegisterRefused):
    """The file ends in its middle."""

    code = "register-truncated"


class DamagedFile(RegisterRefused):
    """The file is of a format we read, but broken inside."""

    code = "register-damaged"


class WrongFormat(RegisterRefused):
    """The file is no CSV, .xls or .xlsx, whatever its name says."""

    code = "register-format"


class WrongEncoding(RegisterRefused):
    """The text is in none of the encodings the layout may come in."""

    code = "register-encoding"


class UnclosedQuote(RegisterRefused):
    """A quotation mark is opened and never closed, so the rest of the file hangs in one cell."""

    code = "register-quotes"


class TooManyColumns(RegisterRefused):
    """More columns than a register has."""

    code = "register-columns"


class TooManyRows(RegisterRefused):
    """More rows than we import at once."""

    code = "register-rows"


class CellTooLong(RegisterRefused):
    """A cell or line too long to be of a register."""

    code = "register-cell"


class FormulaInCell(RegisterRefused):
    """A workbook computes its values: what it shows depends on who opens it."""

    code = "register-formula"


class HeaderNotFound(RegisterRefused):
    """No row names the columns the layout needs."""

    code = "register-header"


class MappingInvalid(RegisterRefused):
    """The mapping file of the generic layout is wrong."""

    code = "register-mapping"


class LayoutUnknown(RegisterRefused):
    """There is no layout of that name."""

    code = "register-layout"
