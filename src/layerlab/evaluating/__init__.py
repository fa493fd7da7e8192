"""How good a trained network is, and what its predictions depend on.

statistics           confidence intervals (Wilson, Student), significance tests (McNemar, t), the calibration error
scores               a training's scores with their intervals, as facts
linear_baseline      logistic or ridge regression on the same data, which a network should beat
boosted_baseline     histogram gradient boosting on the same rows of a table
baseline             what both baselines share: predictions, scores, examples and weights
baseline_comparison  a network compared with them: significance test and sentences
curves               ROC and precision-recall curves
area_intervals       95 % intervals of the areas under these curves, from five examples of a class on
calibration          ``calibrate``: probabilities that match how often the network is right
comparisons          ``compare``: several networks on the same test set; the built-in recipes and their training
explanations         ``attribute``, ``permutation_importance``, and one prediction explained
"""
