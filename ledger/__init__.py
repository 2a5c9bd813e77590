"""The books: money, accounts, entries, balances, periods and the chain. Knows nothing of partners' deals."""
