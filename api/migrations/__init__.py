"""How the database came to its present shape: one linear row of migrations, run by `api.database.migrate`."""
