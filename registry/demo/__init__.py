"""The demonstration register: made by the project itself, its content fixed by a seed and a day."""

from registry.demo.build import LICENSES, SEED, build_demo, make_plan
from registry.demo.calendar import Calendar
from registry.demo.showcase import Link, Login, Showcase, read_showcase

__all__ = [
    "LICENSES",
    "SEED",
    "Calendar",
    "Link",
    "Login",
    "Showcase",
    "build_demo",
    "make_plan",
    "read_showcase",
]
