"""The one door to translated text in Python: `_("English words")` becomes the reader's language late."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_babel import lazy_ngettext as ngettext

__all__ = ["_", "ngettext"]
