"""What an entry of the table of changes says."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Patch:
    """A function of the emulator, and what stands in its place."""

    module: str
    name: str
    # Of the original, in their order, as the replacement calls it.
    parameters: tuple[str, ...]
    # original -> replacement
    make: Callable
    why: str
    # Where the emulator keeps the function besides its module: (attribute, key) of a dict.
    also: tuple[str, str] | None = None


@dataclasses.dataclass(frozen=True)
class Needed:
    """Something of the emulator that a replacement reads or calls."""

    module: str
    name: str
