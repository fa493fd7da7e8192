"""layerlab for scikit-learn's pipelines and searches; scikit-learn comes with the first import of this package."""

from .preprocessing import TabularScaler

__all__ = ["TabularScaler"]
