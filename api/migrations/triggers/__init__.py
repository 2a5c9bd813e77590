"""What the databases refuse by trigger, as SQL for each of them; frozen once the migration that uses it is out."""
