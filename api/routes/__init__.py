"""The calls of AGREEMENTS section 5, one file a subject; what they share is in `api.calls`."""
