"""beancount's whole run: parse, book, check, and every account's balance. `python run_beancount.py FILE`."""

from __future__ import annotations

import importlib.metadata
import json
import sys

from beancount import loader
from beancount.core import realization


def main() -> None:
    loader.initialize(use_cache=False)
    entries, errors, _options = loader.load_file(sys.argv[1])
    assert not errors, errors[:3]
    root = realization.realize(entries)
    balances = {account.account.split(":")[1].lower(): int(account.balance.get_only_position().units.number * 100)
                for account in realization.iter_children(root, leaf_only=True)}
    print(json.dumps({"version": importlib.metadata.version("beancount"), "balances": balances}))


if __name__ == "__main__":
    main()
