"""A small Flask app that shows every template and macro of the theme, with strict CSP, for tests and for looking at them.

python tests/core/theme/theme_harness.py 5099        # then open http://127.0.0.1:5099/gallery?lang=ko
"""

from __future__ import annotations

import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

import theme_samples as samples
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, g, jsonify, render_template, render_template_string, request
from flask_babel import Babel, format_number, format_percent, get_locale
from flask_wtf.csrf import CSRFProtect, generate_csrf

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from core.web.i18n.formats import figure  # noqa: E402  the path comes first
from core.web.theme import make_theme  # noqa: E402  the path comes first

HERE = Path(__file__).resolve().parent
CATALOGS = ROOT / "core/translations"
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{n}'; style-src 'self' 'nonce-{n}'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
)


def compiled() -> str:
    """A temporary folder with the theme's words compiled: .mo files are made at set-up, not kept."""
    folder = Path(tempfile.mkdtemp(prefix="dolbom-theme-"))
    for po in CATALOGS.glob("*/LC_MESSAGES/messages.po"):
        target = folder / po.relative_to(CATALOGS).with_suffix(".mo")
        target.parent.mkdir(parents=True)
        with po.open("rb") as source, target.open("wb") as out:
            write_mo(out, read_po(source, locale=po.parts[-3]))
    return str(folder)


def create_app() -> Flask:
    """The harness; `?lang=` and `?user=0` choose the language and sign out."""
    app = Flask("theme-harness", static_folder=None, template_folder=str(HERE / "pages"))
    app.config.update(
        SECRET_KEY="harness", WTF_CSRF_TIME_LIMIT=None, BABEL_TRANSLATION_DIRECTORIES=compiled(), TESTING=True
    )
    Babel(app, locale_selector=lambda: request.args.get("lang", "en") if request else "en")
    app.jinja_env.filters.update(percent=format_percent, number=format_number, figure=lambda value: figure(value, str(get_locale())))
    CSRFProtect(app)
    app.register_blueprint(make_theme())

    @app.before_request
    def _nonce() -> None:
        g.csp_nonce = secrets.token_urlsafe(12)

    @app.context_processor
    def _shell() -> dict[str, Any]:
        language = request.args.get("lang", "en")
        return {
            "shell": samples.shell(
                language, g.csp_nonce, generate_csrf(), request.args.get("user", "1") == "1"
            )
        }

    @app.after_request
    def _policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY.format(n=g.csp_nonce)
        return response

    _pages(app)
    _answers(app)
    import theme_office
    import theme_security

    theme_office.install(app)
    theme_security.install(app)
    return app


def _pages(app: Flask) -> None:
    from theme_forms import ApplicationForm

    @app.get("/gallery")
    def gallery() -> str:
        language = request.args.get("lang", "en")
        columns, rows = samples.matrix(language)
        base = "dolbom/public.html" if request.args.get("base") == "public" else "dolbom/office.html"
        return render_template(
            "gallery.html",
            base=base,
            facilities=samples.facilities(language),
            word=samples.WORD[language],
            hostile=samples.HOSTILE,
            matrix_columns=columns,
            matrix_rows=rows,
            lang=language,
        )

    @app.route("/form", methods=["GET", "POST"])
    def form() -> str:
        filled = ApplicationForm(meta={"csrf": False})
        if request.method == "POST" or request.args.get("bad"):
            filled.validate()
        return render_template("form.html", form=filled)

    @app.get("/public")
    def public() -> str:
        language = request.args.get("lang", "en")
        return render_template(
            "public_sample.html", facilities=samples.facilities(language), word=samples.WORD[language]
        )

    @app.get("/bare")
    def bare() -> str:
        return render_template_string(
            "{% extends 'dolbom/public.html' %}{% set shell = none %}{% block title %}x{% endblock %}"
        )

    @app.get("/error/<int:status>")
    def error(status: int) -> tuple[str, int]:
        facts = {
            "status": status,
            "id": "R-7f3a91",
            "message": samples.HOSTILE if request.args.get("hostile") else request.args.get("message"),
            "why_url": "/why/R-7f3a91",
            "retry_after": 30,
        }
        return render_template("dolbom/error.html", error=facts), status


def _answers(app: Flask) -> None:
    @app.get("/regions.json")
    def regions() -> Response:
        return jsonify(samples.geojson()[0])

    @app.get("/points.json")
    def points() -> Response:
        return jsonify(samples.geojson()[1])

    @app.get("/job.json")
    def job() -> Response:
        app.config["JOB"] = app.config.get("JOB", 0) + 700
        done = min(app.config["JOB"], 1400)
        state = "done" if done == 1400 else "running"
        return jsonify(
            state=state,
            done=done,
            total=1400,
            message=f"{done}",
            result_url="/result.xlsx" if state == "done" else None,
        )

    @app.post("/refuse")
    def refuse() -> tuple[str, int]:
        facts = {"status": 409, "id": "R-1", "message": "Place is taken", "why_url": "/why/R-1"}
        return render_template("dolbom/error.html", error=facts), 409

    @app.post("/echo")
    def echo() -> str:
        return render_template_string(
            "<p id=echo>{{ request.headers.get('X-CSRFToken', '')|length > 10 }}</p>"
        )


if __name__ == "__main__":
    create_app().run(host="127.0.0.1", port=int(sys.argv[1]) if len(sys.argv) > 1 else 5099, threaded=True)
