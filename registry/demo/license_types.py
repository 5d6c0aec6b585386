"""The license types of the demonstration, as files of the form that `permits type load` takes."""

import json
from functools import cache
from importlib import resources

from keys.catalog import LicenseType, parse_type

LIQUOR, CLINIC, CLINIC_OPERATION, HOTEL, FACTORY, HAZARD, FOOD = 1, 2, 3, 4, 5, 6, 7
COMMERCIAL, JURISTIC, TOUR, ANIMALS, ANIMALS_OPERATION, FIREARM, SECOND_HAND = 8, 9, 10, 11, 12, 13, 14


@cache
def license_types() -> dict[int, LicenseType]:
    """Every type of the package's files, by its number; raises `Malformed` for a wrong file."""
    files = resources.files("registry.demo").joinpath("types").iterdir()
    texts = [file.read_text("utf-8") for file in files if file.name.endswith(".json")]
    kinds = [parse_type(json.loads(text)) for text in texts]
    return {kind.number: kind for kind in sorted(kinds, key=lambda kind: kind.number)}
