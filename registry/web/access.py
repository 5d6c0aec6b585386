"""Who may open which pages: one list, one rule a blueprint, and no page without one.

A page that needs a right of its own has a blueprint of its own.
"""

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from keys.code import MistypedCode, parse_code
from keys.proposal import LARGEST_PROPOSAL
from registry.intake.receiving import LARGEST_UPLOAD
from registry.permissions import Permission
from registry.web import (
    account,
    acting,
    api,
    approvals,
    arrivals,
    auth,
    batch_acts,
    batch_files,
    batches,
    ceremony,
    columns,
    health,
    home,
    issuing,
    keyring,
    licenses,
    officers,
    plates,
    systems,
)
from registry.web.guard import Rule

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
    Rule(batches.pages, "/batches", Permission.VIEW),
    Rule(batch_files.pages, "/batches", Permission.VIEW),
    Rule(arrivals.pages, "/batches", Permission.IMPORT, largest=LARGEST_UPLOAD),
    Rule(columns.pages, "/batches", Permission.IMPORT),
    Rule(batch_acts.pages, "/batches", Permission.IMPORT),
    Rule(officers.pages, "/officers", Permission.OFFICERS),
    Rule(keyring.pages, "/keys", Permission.KEYS),
    Rule(ceremony.pages, "/keys", Permission.KEYS, largest=2 * LARGEST_PROPOSAL),
    Rule(systems.pages, "/systems", Permission.SYSTEMS),
    Rule(api.description, "/api", None),
    Rule(api.pages, "/api", Permission.IMPORT, largest=LARGEST_UPLOAD),
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


class KidConverter(BaseConverter):
    """A key's identifier: its 4 bytes as 8 hexadecimal digits."""

    regex = "[0-9a-f]{8}"


class PositiveConverter(BaseConverter):
    """A whole number from 1 that both databases can hold."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


def open_pages(app: Flask) -> dict[str, Rule]:
    """Register every blueprint; gives each one's rule by its name."""
    app.url_map.converters |= {"code": CodeConverter, "kid": KidConverter, "positive": PositiveConverter}
    for rule in RULES:
        app.register_blueprint(rule.pages, url_prefix=rule.prefix)
    return {rule.pages.name: rule for rule in RULES}
