"""What a training leaves: the run with its history, plan and findings, saved, loaded and asked for predictions."""
