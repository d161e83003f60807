"""The one look of Dolbom: templates, styles and scripts for Flask, Flask-Admin and Flask-Security alike.

    app.register_blueprint(theme)                                # before Admin(...) and Security(...)
    Admin(app, theme=Theme(folder=OFFICE_FOLDER, base_template=OFFICE_BASE), csp_nonce_generator=…)

The blueprint's templates win over the libraries' own because Flask asks blueprints in the order of registration.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Final

from flask import Blueprint, current_app

from core.web.theme.icons import icon_href
from core.web.theme.rows import Slots, filled

FOLDER: Final = Path(__file__).resolve().parent
OFFICE_FOLDER: Final = str(FOLDER / "templates")
OFFICE_BASE: Final = "dolbom/office.html"
YEAR: Final = 365 * 24 * 3600


def version_of(static: Path) -> str:
    """A short mark of everything under `static`, so that addresses change when any file does.

    It stands in the path and not behind a question mark: styles and modules that name each other relatively inherit it.
    Vendored files are marked by size, they only change with set-up.
    """
    mark = blake2b(digest_size=6)
    for file in sorted(path for path in static.rglob("*") if path.is_file()):
        name = file.relative_to(static)
        vendored = name.parts[0] == "vendor"
        mark.update(f"{name}\0".encode())
        mark.update(str(file.stat().st_size).encode() if vendored else file.read_bytes())
    return mark.hexdigest()


class ThemeBlueprint(Blueprint):
    """Serves the theme's files for a year outside debug mode: their address already says their version."""

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """Seconds a browser may keep a file; while developing it asks each time."""
        return None if current_app.debug else YEAR


def make_theme() -> ThemeBlueprint:
    """A fresh blueprint named `theme`; one application registers one."""
    blueprint = ThemeBlueprint(
        "theme",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path=f"/theme/{version_of(FOLDER / 'static')}",
    )
    blueprint.add_app_template_global(icon_href, "icon_href")
    blueprint.add_app_template_global(Slots, "slots")
    blueprint.add_app_template_filter(filled, "filled")
    return blueprint


#: The blueprint the application registers.
theme = make_theme()
