"""One installation for all tests of the command, with the small shop imported and its night run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.installation import Installation, installation
from tests.factories.shop import ShopFiles, write_shop


@pytest.fixture(scope="session")
def empty_shop() -> Iterator[Installation]:
    with installation() as made:
        yield made


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> ShopFiles:
    return write_shop(folder=tmp_path_factory.mktemp("files"), customers=20, days=120)


@pytest.fixture(scope="session")
def imported(empty_shop: Installation, files: ShopFiles) -> str:
    """What the first import said."""
    return empty_shop.say("import", *files)


@pytest.fixture(scope="session")
def planned(empty_shop: Installation, imported: str) -> str:
    """What the first night said."""
    return empty_shop.say("plan")


@pytest.fixture
def shop(empty_shop: Installation, planned: str) -> Installation:
    return empty_shop


@pytest.fixture
def backup_file(tmp_path: Path) -> Path:
    return tmp_path / "shop.backup"
