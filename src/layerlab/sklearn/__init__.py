"""scikit-learn's multi-layer perceptrons, faster and with what their users asked for: one changed import.

scikit-learn comes with the first import of this package.
"""

from .classifier import MLPClassifier
from .preprocessing import TabularScaler
from .regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "TabularScaler"]
