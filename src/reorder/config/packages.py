"""Where installed packages keep the files that we serve or typeset with, found without importing them."""

import importlib.util
from pathlib import Path

from reorder.kernel.errors import ReorderError


class PackageMissing(ReorderError):
    code = "packages.missing"
    template = "The package {name} is not installed. Install what this version needs with: make setup"


def package_folder(*, name: str) -> Path:
    """The folder of a package; raises PackageMissing."""
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        found = None
    if found is None or found.origin is None:
        raise PackageMissing(name=name)
    return Path(found.origin).parent
