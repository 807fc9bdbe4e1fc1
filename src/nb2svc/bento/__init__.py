"""The only place that knows BentoML: the service module, project files, building bentos and running servers."""
