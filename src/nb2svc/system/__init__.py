"""The world, in one place: files, project trees, locks, processes, the clock and the terminal."""
