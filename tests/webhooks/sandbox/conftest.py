"""One sandbox for the run, forgetting everything between tests."""

from collections.abc import Iterator

import pytest

from tests.webhooks.sandbox.sandbox_harness import World


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("sandbox")) as world:
        yield world


@pytest.fixture
def world(running: World) -> World:
    """Modules with settings of their own override `running`."""
    running.reset()
    return running
