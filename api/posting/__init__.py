"""Journal entries over HTTP: how they are read, share a commit with others, and are answered each by itself."""
