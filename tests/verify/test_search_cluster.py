"""A search cluster that is away: codes and scans do not notice, names are found all the same or told about."""

import json
from pathlib import Path

import pytest

from tests.verify.site import Site, make_site

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site whose cluster does not answer."""
    return make_site(tmp_path, PERMITS_ELASTIC=NOWHERE)


def test_scans_and_codes_do_not_notice_that_the_cluster_is_away(site: Site) -> None:
    issued = site.register.issue()
    site.publish()
    for path in (site.scan(issued), f"/c/{issued.record.code}"):
        answer = site.client.get(path, headers={"Accept": "application/json"})
        assert answer.status_code == 200
        assert answer.json is not None
        assert answer.json["verdict"] == "VALID"


def test_the_embedded_index_answers_while_the_cluster_is_away(site: Site) -> None:
    issued = site.register.issue()
    site.publish()
    site.feed(issued)
    answer = site.client.get("/", query_string={"q": issued.record.premises})
    assert answer.status_code == 200
    assert str(issued.record.premises) in answer.text
    assert '"search": "embedded"' in _ready(site)


def test_without_an_embedded_index_the_page_says_that_names_cannot_be_searched(site: Site) -> None:
    site.register.issue()
    site.publish()
    answer = site.client.get("/", query_string={"q": "ยิ้มสวย"})
    assert answer.status_code == 503
    assert "ค้นหาด้วยชื่อไม่ได้ชั่วคราว" in answer.text
    assert '"search": "away"' in _ready(site)


def _ready(site: Site) -> str:
    answer = site.client.get("/readyz")
    assert answer.status_code == 200
    return json.dumps(answer.json)
