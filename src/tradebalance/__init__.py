"""How much of Vietnam's goods surplus with the United States the announced purchases would close.

`load` a case, pick a scenario, `solve` it. Behind these names stand ten rooms: words; reading and facts; track and
assumptions; answers; pages; case; trace and report. Money is USD million, nominal.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api import Answer, Case, Scenario, load
    from .words.problems import Problem, Refused

__all__ = ["Answer", "Case", "Problem", "Refused", "Scenario", "load"]
__version__: str


def __getattr__(name: str) -> object:
    """The names and the version, looked up when first used: the command's help does not wait for pandas (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("tradebalance")
    if name not in __all__:
        raise AttributeError(f"module 'tradebalance' has no attribute {name!r}")
    return getattr(import_module(".words.problems" if name in ("Problem", "Refused") else ".api", __name__), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
