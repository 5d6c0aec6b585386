"""What an index holds against what it should hold."""

from collections.abc import Iterable, Iterator
from enum import Enum

from search.document import LicenseDocument


class Fault(Enum):
    """How one license in an index is wrong."""

    MISSING = "missing"
    EXTRA = "not in the register"
    OTHER = "another version or content"


def drift(
    held: Iterable[LicenseDocument], wanted: Iterable[LicenseDocument], *, upto: int
) -> Iterator[tuple[str, Fault]]:
    """The code and fault of each license that an index `held` is wrong about.

    Both come in order of their codes and are read once.  Licenses with entries from log index
    `upto` on are left out: the index may be behind them, or ahead of what was read of the register.
    """
    for have, want in _side_by_side(iter(held), iter(wanted)):
        fault = _fault(have, want)
        newest = max((one for one in (have, want) if one), key=lambda one: one.version)
        if fault and newest.log_index < upto:
            yield newest.code, fault


def _fault(have: LicenseDocument | None, want: LicenseDocument | None) -> Fault | None:
    if have is None or want is None:
        return Fault.MISSING if have is None else Fault.EXTRA
    return None if have == want else Fault.OTHER


def _side_by_side(
    held: Iterator[LicenseDocument], wanted: Iterator[LicenseDocument]
) -> Iterator[tuple[LicenseDocument | None, LicenseDocument | None]]:
    """Those of one code together, None for the one that is not there."""
    have, want = next(held, None), next(wanted, None)
    while have or want:
        first = min(one.code for one in (have, want) if one)
        yield (
            have if have and have.code == first else None,
            want if want and want.code == first else None,
        )
        if have and have.code == first:
            have = next(held, None)
        if want and want.code == first:
            want = next(wanted, None)
