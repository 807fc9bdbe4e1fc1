"""Generated code made wrong on purpose, as text: what the negative controls feed to the proof."""
