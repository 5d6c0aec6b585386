"""The next key ring on its way to the roots and back: downloaded here, signed elsewhere, put in force here."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from keys.catalog import Text
from keys.errors import KeysError
from keys.proposal import encode_proposal, gather, parse_proposal
from registry.errors import refuse
from registry.ring_proposals import make_proposal, publish_ring
from registry.rings import newest_signed
from registry.web.context import acting, moment, services
from registry.web.publication import publish_and_say

pages = Blueprint("ceremony", __name__)

_MOST_FILES = 15


@pages.get("/ring.proposal")
def download() -> Response:
    """The next ring with every change that waits, as a file to carry to the roots."""
    with services().database.reading() as session:
        if newest_signed(session) is None:
            raise refuse(
                "first-ring",
                "ชุดกุญแจชุดแรกเสนอด้วยคำสั่ง permits ring propose --roots",
                "The first ring is proposed by the command permits ring propose --roots",
            )
        proposal = make_proposal(session, at=moment())
    name = f"ring-{proposal.after.version}.proposal"
    return Response(
        encode_proposal(proposal),
        mimetype="application/cbor",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@pages.post("/ring")
def publish_now() -> Answer:
    """Put a ring in force that enough roots have signed; several files give their signatures together."""
    sent = list[bytes]()
    for file in request.files.getlist("proposal")[:_MOST_FILES]:
        with file.stream as stream:
            sent += [stream.read()] if file.filename else []
    if not sent:
        raise refuse("no-file", "เลือกไฟล์ที่กุญแจรากลงนามแล้ว", "Choose the file that the roots have signed")
    try:
        proposal = gather([parse_proposal(content) for content in sent])
        with services().database.writing.begin() as session:
            ring = publish_ring(session, proposal, services().vault, by=acting(session), at=moment())
    except KeysError as error:
        raise refuse("ring-refused", f"ใช้ไฟล์นี้ไม่ได้: {error}", f"This file will not do: {error}") from error
    publish_and_say(Text(f"ชุดกุญแจฉบับที่ {ring.version} มีผลแล้ว", f"Key ring {ring.version} is in force"))
    return redirect(url_for("keyring.list_keys"))
