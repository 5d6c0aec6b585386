"""Mutates files towards code not yet seen, by Atheris; what escapes the readers ends it with a trace.

usage: python fuzz_readers.py FOLDER [libFuzzer's options]
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["registry.intake", "registry.terms"]):
    from tests.registry.intake.spoiled import look, texts


def main() -> None:
    """Seed the corpus with the files that the tests spoil, and go."""
    folder = Path(sys.argv[1])
    corpus = folder / "corpus"
    corpus.mkdir()
    for at, content in enumerate(texts()):
        (corpus / str(at)).write_bytes(content)
    path = folder / "file"

    def once(content: bytes) -> None:
        path.write_bytes(content)
        look(path)

    atheris.Setup([sys.argv[0], *sys.argv[2:], str(corpus)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
