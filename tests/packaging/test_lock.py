"""The check of the lock: what it must find."""

import pytest

from tests.packaging.lock import faults

PROJECT = """
[project]
dependencies = ["flask>=3.1"]
[project.optional-dependencies]
test = ["Zxing_cpp>=3"]
"""
LOCK = """flask==3.1.3 \\
    --hash=sha256:aa
zxing-cpp==3.1.1 ; python_version >= "3.11" \\
    --hash=sha256:bb
"""
CONSTRAINTS = "flask==3.1.3\nzxing-cpp==3.1.1\n"


def test_a_lock_that_fits_has_no_fault():
    assert faults(PROJECT, LOCK, CONSTRAINTS) == []


@pytest.mark.parametrize(
    ("project", "lock", "constraints", "fault"),
    [
        (PROJECT.replace("flask", "quart"), LOCK, CONSTRAINTS, "quart: not in the lock"),
        (PROJECT.replace(">=3.1", ">=3.2"), LOCK, CONSTRAINTS, "flask: 3.1.3 in the lock, >=3.2"),
        (PROJECT, LOCK.replace("    --hash=sha256:aa\n", ""), CONSTRAINTS, "without a hash"),
        (PROJECT, "# https://example.org\n" + LOCK, CONSTRAINTS, "names a registry"),
        (PROJECT, LOCK, CONSTRAINTS.replace("3.1.3", "3.1.2"), "pins otherwise"),
        (PROJECT, LOCK, "flask==3.1.3\n", "pins otherwise"),
    ],
)
def test_each_fault_of_a_lock_is_named(project, lock, constraints, fault):
    assert fault in "; ".join(faults(project, lock, constraints))
