"""Who asks and what they may: keys, people who sign in, members and their roles, logins of PostgreSQL."""
