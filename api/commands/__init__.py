"""What each command does, apart from how its options are written: one file a subject, values in, values out."""
