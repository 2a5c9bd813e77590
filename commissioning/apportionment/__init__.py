"""Who bears what: budgets, shared costs and rules in their order, until every penny is placed. Pure."""
