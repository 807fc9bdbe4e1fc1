"""A plan without a run: what the source alone says of frozen state, row selections and tables. Every guess is on record."""
