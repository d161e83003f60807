"""The register for everybody's own use: what is given away, under which licence, as files and by the open API (S2-51)."""

from __future__ import annotations

from modules.facilities.open_data.facts import FIELDS, facts
from modules.facilities.open_data.files import FORMS
from modules.facilities.open_data.keeping import Kept, current_file, make, renew
from modules.facilities.open_data.terms import Terms, terms

__all__ = ["FIELDS", "FORMS", "Kept", "Terms", "current_file", "facts", "make", "renew", "terms"]
