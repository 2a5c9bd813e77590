"""Each peer posting or summing the same work; run in a process, most in an environment of their own."""
