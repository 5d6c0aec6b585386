"""What an index in Elasticsearch looks like: its mapping, and how a document goes in and comes back.

All analysis is done before: tokens are keywords, compared as they are.  So one mapping runs on every
distribution, and the server needs no analyzer, script or pipeline.  Tokens are not kept in the
stored source: they follow from the names, the address, the type and the numbers, which are.
"""

from collections.abc import Mapping
from typing import Any

from search.document import LicenseDocument

STATE = "state"  # The reserved document of each index: its stamp and cursor.  No code is written so.
_TOKEN = {"type": "keyword", "doc_values": False}
_FILTER = {"type": "keyword"}
_KEPT: dict[str, Any] = {"type": "keyword", "index": False, "doc_values": False}
_DAY = {"type": "long"}
_ORDER = {"index": False}
FIELDS = ("agency", "license_type", "province", "district", "subdistrict", "standing")
TOKENS = ("name_words", "terms", "beginnings", "wholes", "insides", "areas")

MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "_source": {"excludes": [*TOKENS, "place"]},
    "properties": {
        **dict.fromkeys(TOKENS, _TOKEN),
        **dict.fromkeys(FIELDS, _FILTER),
        **dict.fromkeys(("valid_from", "valid_until"), _DAY),
        **dict.fromkeys(("names", "address", "types", "numbers", "stamp"), _KEPT),
        "visible": {"type": "boolean"},
        "version": {"type": "long", **_ORDER},
        "cursor": {"type": "long", **_ORDER},
        "place": {"type": "long", **_ORDER},
        "code": {"type": "keyword", **_ORDER},
        "sort_key": {"type": "keyword", **_ORDER},
    },
}
SETTINGS = {
    "index.number_of_shards": 1,
    # As many copies as there are nodes for, up to one: none on a single node, which is then whole.
    "index.auto_expand_replicas": "0-1",
    # Only after a whole block, by the feeder: so what is found never runs ahead of the cursor.
    "index.refresh_interval": "-1",
    # Postings lie in order of place: the first of many are found without looking at the rest.
    "index.sort.field": "place",
    "index.sort.order": "asc",
}


def source_of(document: LicenseDocument) -> dict[str, Any]:
    """What is sent of `document`."""
    return {
        "code": document.code,
        "version": document.version,
        "visible": document.visible,
        "agency": document.agency,
        "license_type": document.license_type,
        "province": document.province,
        "district": document.district,
        "subdistrict": document.subdistrict,
        "standing": document.standing,
        "valid_from": document.valid_from,
        "valid_until": document.valid_until,
        "sort_key": document.sort_key,
        "names": document.names,
        "address": document.address,
        "types": document.types,
        "numbers": document.numbers,
        "place": document.place,
        "name_words": list(document.words | document.english),
        "terms": list(document.terms),
        "beginnings": list(document.beginnings),
        "wholes": list(document.wholes),
        "insides": list(document.insides),
        "areas": [document.province, document.district, document.subdistrict],
    }


def document_of(source: Mapping[str, Any]) -> LicenseDocument:
    """The document of a stored source."""
    return LicenseDocument(
        code=source["code"],
        version=source["version"],
        visible=source["visible"],
        agency=source["agency"],
        license_type=source["license_type"],
        province=source["province"],
        district=source["district"],
        subdistrict=source["subdistrict"],
        standing=source["standing"],
        valid_from=source["valid_from"],
        valid_until=source["valid_until"],
        sort_key=source["sort_key"],
        names=tuple(source["names"]),
        address=tuple(source["address"]),
        types=tuple(source["types"]),
        numbers=tuple(source["numbers"]),
    )
