"""Papers and tables: PDF files, spreadsheets and CSV safe to make and safe to open."""

from __future__ import annotations

from core.web.documents.columns import Column, Kind
from core.web.documents.delimited import csv_lines, write_csv
from core.web.documents.paper import paper, table
from core.web.documents.pdf import Limits, write_pdf
from core.web.documents.picture import BadPicture, clean_picture
from core.web.documents.qr import draw_qr
from core.web.documents.spreadsheet import write_xlsx

__all__ = [
    "BadPicture",
    "Column",
    "Kind",
    "Limits",
    "clean_picture",
    "csv_lines",
    "draw_qr",
    "paper",
    "table",
    "write_csv",
    "write_pdf",
    "write_xlsx",
]
