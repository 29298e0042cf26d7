"""Says what this machine lacks that no wheel can bring, and the one line that mends it; runs before any install."""

import ctypes
import importlib.util
import sys


def missing_packages() -> list[str]:
    """Debian packages that must be installed first."""
    missing = []
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        missing.append("python3-venv")
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        missing.append("libgomp1")  # LightGBM's threads
    return missing


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before anything checked the version
        version = ".".join(map(str, sys.version_info[:3]))
        print(
            f"Reorder needs Python 3.11 or later; {sys.executable} is {version}. "
            "Name another: make PYTHON=/path/to/python3"
        )
        return 1
    missing = missing_packages()
    if missing:
        print(f"Reorder needs: {', '.join(missing)}. Install with:\n\n    sudo apt-get install {' '.join(missing)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
