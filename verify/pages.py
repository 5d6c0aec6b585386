"""From values to HTML: templates with autoescape on, one stylesheet inside each page, no script.

The stylesheet's hash stands in the content security policy, so nothing else can style or run.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup, escape

from search.segment import thai_words
from verify.words import say


class _Tight(Extension):
    """Drops the blanks that indent a template: they would be a fifth of every page."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        del name, filename
        return re.sub(r"\n\s*", "\n", source)


_LONG_LABEL = 12


@lru_cache(maxsize=4096)
def breakable(label: str) -> Markup:
    """A label with `<wbr>` at word ends, where it is Thai and long enough to need a second line."""
    if len(label) <= _LONG_LABEL or label.isascii():
        return escape(label)
    return Markup("<wbr>").join(escape(word) for word in _word_ends(label))


def _word_ends(label: str) -> list[str]:
    try:
        return [word for run in re.split(r"(?<=\s)", label) for word in thai_words(run)]
    except OSError:  # Without its dictionary a label is whole, and readable.
        return [label]


def _stylesheet() -> str:
    text = resources.files("verify").joinpath("templates/style.css").read_text("utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"\s*([{};:,>])\s*", r"\1", text).replace(";}", "}").strip()


STYLESHEET = _stylesheet()
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLESHEET.encode()).digest()).decode("ascii")
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("verify"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[_Tight],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["stylesheet"] = Markup(STYLESHEET)  # noqa: S704 - our own file, hashed above
    environment.filters["breakable"] = breakable
    return environment


_ENVIRONMENT = _environment()


def render(template: str, language: str, *, host: str, chosen: bool, **values: Any) -> str:
    """The page of `template` in `language`.

    `chosen` says that the reader chose the language by a link, which links of the page then keep.
    """

    def words(key: str, **inside: object) -> str:
        return say(key, language, **inside)

    def link(path: str, query: Mapping[str, str] | None = None) -> str:
        return path_with(path, {**(query or {}), **({"lang": language} if chosen else {})})

    return _ENVIRONMENT.get_template(template).render(
        language=language,
        other="th" if language == "en" else "en",
        chosen=chosen,
        host=host,
        say=words,
        link=link,
        path_with=path_with,
        **values,
    )


def path_with(path: str, query: Mapping[str, str]) -> str:
    """`path` with `query`, both encoded."""
    return f"{path}?{urlencode(query)}" if query else path
