"""Feeding one index of a cluster: blocks, cursors, and a new physical index beside the old one.

A physical index is named by its alias and six digits and bears for good, in its mapping, what it
was made for.  It holds its own cursor, so a feeder that stops anywhere goes on from there, and no
state is kept elsewhere.  Readers know only the alias.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from search.document import STAMP, LicenseDocument
from search.elastic import answering
from search.elastic_shape import MAPPING, SETTINGS, STATE, document_of, source_of
from search.errors import SearchAway

_BLOCK = 500  # Documents in one request: some 3 MB.
_CONFLICT = 409
_FEEDING_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Physical:
    """One physical index: `made_for` is its analyzer and policy, `served` whether the alias leads to it."""

    name: str
    made_for: tuple[str, str]
    served: bool


class ElasticFeed:
    """The writer of the index behind `alias`.  Two that apply at once do no harm: versions decide, not turns."""

    def __init__(self, client: Elasticsearch, alias: str) -> None:
        self._client = client.options(request_timeout=_FEEDING_SECONDS)
        self._alias = alias

    def prepare(self, policy: str) -> Sequence[Physical]:
        """The indexes to feed: the served one if any, and the newest made for this analyzer and `policy`.

        It is made when there is none; what is neither is removed.  Raises `SearchAway`.
        """
        found = self.physical()
        wanted = [index for index in found if index.made_for == (STAMP, policy)]
        newest = wanted[-1] if wanted else self.begin(policy)
        kept = [index for index in found if index.served and index != newest]
        for index in found:
            if index not in (*kept, newest):
                with answering():
                    self._client.indices.delete(index=index.name)
        return [*kept, newest]

    def begin(self, policy: str) -> Physical:
        """A new, empty index after all there are; `prepare` gives it from now on.  Raises `SearchAway`."""
        number = max((int(index.name[-6:]) for index in self.physical()), default=0) + 1
        name = f"{self._alias}-{number:06d}"
        with answering():
            self._client.indices.put_index_template(
                name=self._alias,
                index_patterns=[f"{self._alias}-*"],
                template={"settings": SETTINGS, "mappings": MAPPING},
            )
            self._client.indices.create(
                index=name, mappings={"_meta": {"stamp": STAMP, "policy": policy}}, wait_for_active_shards=1
            )
        return Physical(name, (STAMP, policy), served=False)

    def physical(self) -> list[Physical]:
        """All physical indexes there are, oldest first.  Raises `SearchAway`."""
        with answering():
            found = self._client.indices.get(index=f"{self._alias}-*", features=["aliases", "mappings"])
        return [_physical(name, found[name], self._alias) for name in sorted(found)]

    def cursor(self, name: str) -> int:
        """The log size that the physical index `name` reflects; 0 of a new one.  Raises `SearchAway`."""
        with answering():
            try:
                return int(self._client.get(index=name, id=STATE)["_source"]["cursor"])
            except NotFoundError:
                return 0

    def documents(self, name: str) -> Iterator[LicenseDocument]:
        """All documents of `name` in order of their codes, also those not visible.  Raises `SearchAway`."""
        body: dict[str, Any] = {"size": _BLOCK, "query": {"exists": {"field": "code"}}, "sort": ["code"]}
        while True:
            with answering():
                hits = self._client.search(index=name, **body)["hits"]["hits"]
            if not hits:
                return
            yield from (document_of(hit["_source"]) for hit in hits)
            body["search_after"] = hits[-1]["sort"]

    def size(self, name: str) -> tuple[int, int]:
        """How many visible documents `name` has, and its bytes with its copies.  Raises `SearchAway`."""
        visible = {"term": {"visible": True}}
        with answering():
            counted = self._client.count(index=name, query=visible)
            stats = self._client.indices.stats(index=name, metric=["store"])
        return counted["count"], stats["_all"]["total"]["store"]["size_in_bytes"]

    def apply(self, name: str, documents: Iterable[LicenseDocument], *, cursor: int) -> None:
        """Takes `documents`, then the log size `cursor`.

        In any order and any number of times: what is not newer than what is held is left out, and
        the cursor never goes back.  It is written only when every document has been acknowledged
        and can be found.  Raises `SearchAway`: repeat it then.
        """
        remaining = iter(documents)
        while block := list(islice(remaining, _BLOCK)):
            self._write(name, [(d.code, d.version, source_of(d)) for d in block])
        # Both become findable in one step, for the index has one shard, and also when the answer is lost.
        self._write(name, [(STATE, cursor + 1, {"stamp": STAMP, "cursor": cursor})], refresh=True)

    def serve(self, index: Physical) -> None:
        """Readers find `index` alone from now on, at one moment; the one before is removed by `prepare`.

        Not at once: searches that have begun go on in it.  Two may not serve at once: the cluster looks which
        index has the alias before its turn comes.  Raises `SearchAway`.
        """
        away = {"index": f"{self._alias}-*", "alias": self._alias, "must_exist": False}
        with answering():
            self._client.indices.update_aliases(
                actions=[{"remove": away}, {"add": {"index": index.name, "alias": self._alias}}]
            )

    def _write(
        self, name: str, rows: Sequence[tuple[str, int, dict[str, Any]]], *, refresh: bool = False
    ) -> None:
        operations: list[dict[str, Any]] = []
        for row_id, version, source in rows:
            operations += [
                {"index": {"_id": row_id, "version": version, "version_type": "external"}},
                source,
            ]
        with answering():
            answered = self._client.bulk(index=name, operations=operations, refresh=refresh)
        for item in (each["index"] for each in answered["items"]):
            # An equal or newer version is there already: that is what was wanted.
            if item["status"] >= 300 and item["status"] != _CONFLICT:
                raise SearchAway(f"Elasticsearch: {item['status']} {item['error']['type']}")


def _physical(name: str, found: dict[str, Any], alias: str) -> Physical:
    meta = found["mappings"].get("_meta", {})
    made_for = (meta.get("stamp", ""), meta.get("policy", ""))
    return Physical(name, made_for, served=alias in found["aliases"])
