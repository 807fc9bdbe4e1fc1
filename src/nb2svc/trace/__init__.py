"""A log of a service → the same with the notebook's cell and line beside each frame, and the failures counted by place."""
