"""The fixtures of the command line and of the server, for tests of a finance officer's day."""

from tests.cli.conftest import StartLedger, _alone, ledger_at, steps
from tests.cli.test_proposals import pair

__all__ = ["StartLedger", "_alone", "ledger_at", "pair", "steps"]
