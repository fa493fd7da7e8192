"""scikit-learn's multi-layer perceptrons, faster and with what their users asked for: one changed import.

scikit-learn comes with the first import of this package.
"""

from .estimators import MLPClassifier, MLPRegressor
from .preprocessing import TabularScaler

__all__ = ["MLPClassifier", "MLPRegressor", "TabularScaler"]
