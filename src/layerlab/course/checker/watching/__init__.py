"""A learner's function and the solution run under watch: what each place in the text computed, on every fixture."""
