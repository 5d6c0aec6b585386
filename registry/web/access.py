"""Who may open which pages: one list, one rule a blueprint, and no page without one.

A page that needs a right of its own has a blueprint of its own.
"""

from dataclasses import dataclass

from flask import Blueprint, Flask
from werkzeug.routing import BaseConverter, ValidationError

from keys.code import MistypedCode, parse_code
from registry.permissions import Permission
from registry.web import (
    account,
    acting,
    approvals,
    auth,
    health,
    home,
    issuing,
    licenses,
    officers,
    plates,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """The pages of a blueprint lie under `prefix`; `needs` is None where nobody has to log in."""

    pages: Blueprint
    prefix: str
    needs: Permission | None


RULES: tuple[Rule, ...] = (
    Rule(health.pages, "/", None),
    Rule(auth.pages, "/", None),
    Rule(home.pages, "/", Permission.VIEW),
    Rule(account.pages, "/account", Permission.VIEW),
    Rule(licenses.pages, "/licenses", Permission.VIEW),
    Rule(plates.pages, "/licenses", Permission.VIEW),
    Rule(acting.pages, "/licenses", Permission.PROPOSE),
    Rule(issuing.pages, "/issue", Permission.PROPOSE),
    Rule(approvals.pages, "/approvals", Permission.VIEW),
    Rule(approvals.decisions, "/approvals", Permission.APPROVE),
    Rule(approvals.withdrawals, "/approvals", Permission.PROPOSE),
    Rule(officers.pages, "/officers", Permission.OFFICERS),
)


class CodeConverter(BaseConverter):
    """A license's code in an address: 14 ASCII digits that check."""

    regex = "[0-9]{14}"

    def to_python(self, value: str) -> str:
        """The code; a mistyped one is no address of ours."""
        try:
            return parse_code(value)
        except MistypedCode as error:
            raise ValidationError from error


class PositiveConverter(BaseConverter):
    """A whole number from 1 that both databases can hold."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


def open_pages(app: Flask) -> dict[str, Permission | None]:
    """Register every blueprint; gives what each needs by its name."""
    app.url_map.converters |= {"code": CodeConverter, "positive": PositiveConverter}
    for rule in RULES:
        app.register_blueprint(rule.pages, url_prefix=rule.prefix)
    return {rule.pages.name: rule.needs for rule in RULES}
