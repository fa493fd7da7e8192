"""One small change of the learner's own text that makes everything right (``editing``) confirms or moves the line."""
