"""The readiness checklist: sixty-one items over seven steps, each with what proves it."""
