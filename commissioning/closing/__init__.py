"""Where a partnership stands at a period's end, what a close posts, and the statement that says so, issued or draft."""
