"""A project that stands already: what a person made of it since, and which runtime it has."""
