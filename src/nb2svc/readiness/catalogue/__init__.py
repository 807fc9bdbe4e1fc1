"""The sixty-one items as data, one file a step: what each asks, why it matters, and what would answer it."""
