"""Small worlds for the plan engine, and the slow truths it is held against."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "allocation", deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
settings.load_profile("allocation")


@pytest.fixture(scope="session")
def campaign() -> int:
    """How many times longer the random campaigns run: AIDLOG_CAMPAIGN=long for hours."""
    return 40 if os.environ.get("AIDLOG_CAMPAIGN") == "long" else 1
