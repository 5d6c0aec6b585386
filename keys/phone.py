"""The phone bundle: all that a phone needs to judge cards off line, in one file that one request fetches.

It holds published files under their paths, and vouches for nothing: each is signed itself, or named
by its hash in the signed snapshot beside it.
"""

import re
from collections.abc import Mapping

from keys import cbor, layout
from keys.cbor import Reader

PHONE_FORMAT = "phone-bundle/1"
PHONE_BUNDLE = "phone.bundle"
LARGEST_PHONE_BUNDLE = 256 << 20

_NUMBER = "(0|[1-9][0-9]{0,17})"
_PATHS = re.compile(
    rf"{re.escape(layout.SNAPSHOT)}|{re.escape(layout.CHECKPOINT)}"
    rf"|keyring/{_NUMBER}\.cbor|catalog/{_NUMBER}\.json|status/index/[0-9a-f]{{64}}\.cbor"
    rf"|status/{_NUMBER}/{_NUMBER}/{_NUMBER}/{_NUMBER}\.jwt|denied/[0-9a-f]{{64}}\.cbor"
)


def encode_phone_bundle(files: Mapping[str, bytes]) -> bytes:
    """The bundle of these files of the public folder, by path."""
    return cbor.encode({"format": PHONE_FORMAT, "files": dict(files)})


def parse_phone_bundle(content: bytes) -> dict[str, bytes]:
    """The files of a bundle by path, none of them verified; raises `Malformed`."""
    read = Reader(cbor.decode(content), "phone bundle")
    read.literal("format", PHONE_FORMAT)
    files: dict[object, object] = read.required("files", dict)
    read.done()
    known = {
        path: file
        for path, file in files.items()
        if isinstance(path, str) and isinstance(file, bytes) and _PATHS.fullmatch(path)
    }
    if len(known) != len(files):
        raise read.fail(f"{len(files) - len(known)} items are no files that phones read")
    if layout.SNAPSHOT not in known:
        raise read.fail("the snapshot is missing")
    return known
