"""Plan → the generated project, in memory: the author's lines are spliced, only our own scaffolding is templated. Pure."""
