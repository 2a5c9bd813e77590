"""The pages, driven by a real browser where there is one."""
