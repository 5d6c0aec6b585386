"""The headers of every answer, whatever its status, and the styles that they allow by hash."""

import base64
from functools import cache
from pathlib import Path

from flask import Flask, Response, request
from markupsafe import Markup

from keys.layout import sha256
from registry.paper.plate import SIZES

_TEMPLATES = Path(__file__).parent / "templates"
_YEAR_SECONDS = 365 * 24 * 3600

FIXED = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@cache
def style(name: str) -> Markup:
    """A stylesheet of ours, `office` or `plate`, as it stands in the page."""
    return Markup((_TEMPLATES / f"{name}.css").read_text("utf-8"))  # noqa: S704  # A file beside this code.


@cache
def page_style(size: str) -> Markup:
    """The rule that makes a printer take a sheet of this size, without margins."""
    sheet = SIZES[size]
    return Markup("@page{{size:{}mm {}mm;margin:0}}").format(sheet.width, sheet.height)


@cache
def content_policy() -> str:
    """No script at all, and of styles only those that lie beside the templates."""
    styles = [style("office"), style("plate"), *map(page_style, SIZES)]
    hashes = " ".join(f"'sha256-{base64.b64encode(sha256(s.encode())).decode()}'" for s in styles)
    return (
        f"default-src 'none'; style-src {hashes}; form-action 'self'; frame-ancestors 'none';"
        " base-uri 'none'; require-trusted-types-for 'script'"
    )


def set_headers(app: Flask) -> None:
    """Have every answer carry the headers."""

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(FIXED)
        response.headers["Content-Security-Policy"] = content_policy()
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"
        return response
