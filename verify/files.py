"""The published public files over HTTP, for the embedded profile; elsewhere a web server does this.

Only names that the layout knows are served, so no path leads out of the folder.
"""

import re

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from keys.layout import sha256
from verify.errors import SourceAway
from verify.problems import Problem
from verify.sources import FolderSource, Source

LARGEST_FILE = 64 << 20
_IMMUTABLE = "public, max-age=31536000, immutable"
# A partial tile keeps its content, but goes when the full one is there.
_PARTIAL = "public, max-age=600"
_CHANGING = "no-cache"
_NUMBER = r"(x\d{3}/)*\d{3}"
_CBOR, _JSON, _BYTES = "application/cbor", "application/json", "application/octet-stream"
_JWT, _COSE, _NOTE = "application/statuslist+jwt", "application/cose", "text/plain; charset=utf-8"

# Pattern of the path → type of content and how long it may be kept (formats §Over HTTP).
_FILES = tuple(
    (re.compile(pattern, re.ASCII), content_type, cache)
    for pattern, content_type, cache in (
        (r"snapshot", _COSE, _CHANGING),
        (r"log/checkpoint", _NOTE, _CHANGING),
        (rf"log/tile/(\d+|entries)/{_NUMBER}", _BYTES, _IMMUTABLE),
        (rf"log/tile/(\d+|entries)/{_NUMBER}\.p/\d+", _BYTES, _PARTIAL),
        (r"keyring\.cbor", _COSE, _CHANGING),
        (r"keyring/\d+\.cbor", _COSE, _IMMUTABLE),
        (r"jwks\.json", _JSON, _CHANGING),
        (r"catalog\.json", _JSON, _CHANGING),
        (r"catalog/\d+\.json", _JSON, _IMMUTABLE),
        (r"denied/[0-9a-f]{64}\.cbor", _COSE, _CHANGING),
        (r"snapshots/\d{4}-\d\d-\d\d\.cbor", _COSE, _IMMUTABLE),
        (r"snapshots/\d{4}-\d\d-\d\d\.checkpoint", _NOTE, _IMMUTABLE),
        (r"status/index\.cbor", _CBOR, _CHANGING),
        (r"status/index/[0-9a-f]{64}\.cbor", _CBOR, _IMMUTABLE),
        (r"status/\d+/\d+/\d+/current\.jwt", _JWT, _CHANGING),
        (r"status/\d+/\d+/\d+/\d+\.jwt", _JWT, _IMMUTABLE),
    )
)


def published_file(source: Source, path: str) -> AnyResponse:
    """The file at `path` below the public root, or the problem `not_here`."""
    row = next((row for row in _FILES if row[0].fullmatch(path)), None)
    if row is None or not isinstance(source, FolderSource):
        raise Problem("not_here")
    try:
        content = source.read(path, limit=LARGEST_FILE)
    except SourceAway as error:
        raise Problem("not_here") from error
    answer = Response(content, content_type=row[1])
    answer.headers["Cache-Control"] = row[2]
    answer.set_etag(sha256(content).hex())
    return answer.make_conditional(request)
