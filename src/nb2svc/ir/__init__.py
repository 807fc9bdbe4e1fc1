"""The nouns: frozen, hashable values that pass between the stages. Imports nothing of ours."""
