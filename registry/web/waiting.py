"""Proposals as lists show them: the act, what it is about, who proposed it and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from keys.acts import ActKind
from keys.catalog import Catalog, LicenseType, Text
from keys.dates import parse_date
from registry.lifecycle import ACT_WORDS
from registry.models import Proposal
from registry.queries import own_licenses


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """One line of a list of proposals."""

    number: int
    act: Text
    kind: LicenseType
    title: str
    license_number: str
    code: str | None
    proposer: str
    proposer_id: int
    proposed_at: datetime
    begins: date | None
    state: str


def show_proposals(
    session: Session, proposals: Sequence[Proposal], names: Mapping[int, str], catalog: Catalog
) -> list[ShownProposal]:
    """The lines for `proposals`, all of one agency, in their order."""
    codes = [proposal.code for proposal in proposals if proposal.code]
    rows = {row.code: row for p in proposals[:1] for row in own_licenses(session, p.agency, codes)}
    lines = []
    for proposal in proposals:
        raw, row = proposal.content["raw"], rows.get(proposal.code or "")
        title = (row.premises or row.holder) if row else (raw.get("premises") or raw.get("holder"))
        lines.append(
            ShownProposal(
                number=proposal.id,
                act=ACT_WORDS[ActKind(proposal.act)],
                kind=catalog.types[proposal.license_type],
                title=title or "",
                license_number=row.number if row else raw.get("number", ""),
                code=proposal.code,
                proposer=names.get(proposal.proposer, ""),
                proposer_id=proposal.proposer,
                proposed_at=proposal.proposed_at,
                begins=parse_date(proposal.begins) if proposal.begins else None,
                state=proposal.state,
            )
        )
    return lines
