"""The agency's officers, for its administrator to look through; they are changed by command."""

from flask import Blueprint, render_template

from registry.queries import officers_of
from registry.web.context import officer, services

pages = Blueprint("officers", __name__)


@pages.get("/")
def list_officers() -> str:
    """Who may do what in the agency."""
    with services().database.reading() as session:
        found = officers_of(session, officer().agency)
    return render_template("officers.html", officers=found)
