"""The outermost layer: HTTP routes, keys, settings, the command line, migrations."""
