"""What tests of accounts share: a secret of this test's own."""

from pathlib import Path

import pytest

from kb.accounts.signing import Sealer


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer(tmp_path / "secret")
