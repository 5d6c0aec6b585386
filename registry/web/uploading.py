"""A form's file on its way in: it goes to our own folder part by part, never to memory."""

from pathlib import Path
from typing import IO

from flask import Request

from registry.intake.receiving import folder_of, part_file


def request_class(where: Path) -> type[Request]:
    """Flask's request, whose files of forms lie nameless in the folder of received files meanwhile."""

    class FiledRequest(Request):
        def _get_file_stream(
            self,
            total_content_length: int | None,  # noqa: ARG002  # Werkzeug's signature, here and below.
            content_type: str | None,  # noqa: ARG002
            filename: str | None = None,  # noqa: ARG002
            content_length: int | None = None,  # noqa: ARG002
        ) -> IO[bytes]:
            return part_file(folder_of(where))

    return FiledRequest
