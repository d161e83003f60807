"""What the same work costs without Dolbom: one file each, none of them imports it."""

from __future__ import annotations
