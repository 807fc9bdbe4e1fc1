"""Dataflow + what the probes saw → what the service will contain. Pure."""
