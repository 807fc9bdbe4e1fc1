"""Captured rows over HTTP: `nb2svc rows` for the panel, with the project kept loaded between two questions."""
