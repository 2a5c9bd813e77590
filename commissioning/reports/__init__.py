"""What stands behind a statement, worked out beside it: arrears by age, balances agreed, claims, sources."""
