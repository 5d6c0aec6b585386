"""Thai text cut into words, the same for documents and queries.

Measured on 5,749 registered company names and their addresses: nlpo3 cuts 62,000 names and 32,000
addresses a second and takes 0.13 s and 77 MB to begin; pythainlp's newmm cuts 11,000 and 6,000 and
takes 0.9 s and 158 MB.  Both use pythainlp's word list and agree on 96 % of the names; where they
differ, it is mostly punctuation, which never reaches the segmenter here.  So nlpo3 cuts, with that
word list; pythainlp itself is imported only where nlpo3 has no wheel.  The stamp tells them apart.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

nlpo3: Any
try:
    import nlpo3
except ImportError:  # No wheel for this machine: the slower segmenter of the same word list cuts.
    nlpo3 = None

_WORD_LIST = "pythainlp/corpus/words_th.txt"
_DICTIONARY = "permits"

# What the words depend on.  It is part of the stamp of an index.
_CUTTER = f"nlpo3-{version('nlpo3')}" if nlpo3 else "newmm"
SEGMENTER = f"{_CUTTER} words-{version('pythainlp')}"


@cache
def _load() -> str:
    """The loaded dictionary's name.  Loading waits for the first Thai text: not all commands search."""
    path = Path(str(distribution("pythainlp").locate_file(_WORD_LIST)))
    if not path.is_file():  # nlpo3 would panic, and be unusable from then on.
        raise FileNotFoundError(path)
    nlpo3.load_dict(str(path), _DICTIONARY)  # A second load, by another thread, changes nothing.
    return _DICTIONARY


@lru_cache(maxsize=65536)
def thai_words(run: str) -> tuple[str, ...]:
    """The words of `run`, which is one run of Thai letters and marks without blanks."""
    if nlpo3 is None:
        return tuple(_newmm()(run))
    return tuple(nlpo3.segment(run, _load()))


@cache
def _newmm() -> Callable[[str], list[str]]:
    from pythainlp.tokenize import newmm  # noqa: PLC0415  # Takes a second: only where it is needed.

    return newmm.segment
