"""The pages: server-rendered, whole without scripts, each reading through the same calls as the HTTP interface."""
