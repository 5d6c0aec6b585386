"""What the public side says of each link of the showcase, from published files alone."""

import pytest

from keys.card import LINK_PATH
from keys.code import parse_code
from keys.errors import Malformed
from registry.demo.showcase import CODE_PATH, Link
from registry.services import Services, now
from tests.registry.demo.conftest import Built
from verify.check import check_card, check_code
from verify.lookup import Lookup
from verify.published import Evidence, EvidenceWatch
from verify.scan import scan_digits
from verify.sources import FolderSource
from verify.verdict import Verdict


@pytest.fixture(scope="module")
def published(demo: Built) -> tuple[Evidence, Lookup]:
    Services.open(demo.config).publish()
    watch = EvidenceWatch(FolderSource(demo.config.published))
    evidence = watch.current(now())
    assert evidence is not None, watch.fault
    lookup = Lookup(demo.config.data / "lookup.sqlite", FolderSource(demo.config.records))
    lookup.advance(evidence)
    return evidence, lookup


def verdict_on(link: Link, evidence: Evidence, lookup: Lookup) -> Verdict:
    if link.path.startswith(CODE_PATH):
        code = parse_code(link.path.removeprefix(CODE_PATH))
        return check_code(code, lookup.held(code), evidence, at=now(), caught_up=lookup.has_reached(evidence))
    return check_card(scan_digits(link.path.removeprefix(LINK_PATH)), evidence, at=now(), look=lookup.held)


def test_each_link_leads_to_the_verdict_it_is_shown_for(
    demo: Built, published: tuple[Evidence, Lookup]
) -> None:
    told = {
        link.key: (link.verdict, verdict_on(link, *published).kind.value)
        for link in demo.showcase.links
        if link.verdict
    }
    assert not {key: pair for key, pair in told.items() if pair[0] != pair[1]}


def test_a_link_without_a_verdict_is_malformed(demo: Built, published: tuple[Evidence, Lookup]) -> None:
    wrong = [link for link in demo.showcase.links if not link.verdict]
    assert wrong
    for link in wrong:
        with pytest.raises(Malformed):
            verdict_on(link, *published)


def test_the_older_plate_is_told_from_the_newest_version(
    demo: Built, published: tuple[Evidence, Lookup]
) -> None:
    verdict = verdict_on(demo.showcase.link("older-plate"), *published)
    assert verdict.older_plate


def test_the_forged_card_shows_nothing(demo: Built, published: tuple[Evidence, Lookup]) -> None:
    assert verdict_on(demo.showcase.link("not-genuine"), *published).license is None


def test_a_scan_of_a_closed_type_shows_no_history(demo: Built, published: tuple[Evidence, Lookup]) -> None:
    shown = verdict_on(demo.showcase.link("closed"), *published).license
    assert shown is not None
    assert not shown.acts
