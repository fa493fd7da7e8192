"""A training that is driven update by update; ``stepper`` is the door."""
