"""Every formula of layerlab, each written once: functions that take arrays, return arrays and remember nothing.

The notation is that of the notes of the Deep Learning Specialization's first course (weeks 2 to 4). The pages, in the
order in which to read them:

arrays            names for arrays and parameters; rows, columns and images
activations       sigmoid, tanh, relu …, each with its slope; softmax
layers            one layer, forward and backward: Z = W A_prev + b, A = g(Z)
losses            cross-entropy of two or more classes, from logits; its gradient
regression        squared, absolute and Huber's error, Poisson deviance
weighing          the cost: the mean of the losses; example weights
initializers      initial weights: zeros, normal, lecun, xavier, he
network           L layers, forward and backward
penalties         the L2 penalty
clipping          scaling down gradients that are too long
dropout           setting random hidden values to 0 during training
optimizers        gradient descent, momentum, Nesterov, RMSprop, Adam, AdamW
schedules         a learning rate that changes during training
span              the first layer in the span of the examples: fast with many features
sparse            the first layer on sparse inputs (SciPy's matrices)
periodic          the first layer with waves of some inputs, whose frequencies are learned
parametrization   other coordinates for the parameters
curvature         the Hessian of the cost, times a direction
attribution       which inputs caused an output: integrated gradients
prediction_intervals  how far off an answer may be: intervals and sets of classes
distances         how far examples are from each other
scaling           scaling features by median and quartiles
"""

# The imports below are the list of public names; ``__all__`` is made from them.
# ruff: noqa: F401
# mypy: implicit-reexport

from types import ModuleType as _ModuleType

from .activations import (
    ACTIVATIONS,
    LEAK,
    MISH_END,
    SELU_ALPHA,
    SELU_SCALE,
    Activation,
    exponential,
    identity,
    identity_slope,
    leaky_relu,
    leaky_relu_slope,
    mish,
    mish_slope,
    relu,
    relu_slope,
    selu,
    selu_slope,
    sigmoid,
    sigmoid_slope,
    softmax,
    softmax_backward,
    tanh,
    tanh_slope,
)
from .arrays import Array, Gradients, Parameters, flatten_images, image2vector, normalize_columns, normalize_rows
from .clipping import clip_factor, clip_gradients
from .curvature import Place, hessian_product, place_at
from .distances import euclidean_distances
from .dropout import dropout_factors
from .initializers import INITIALIZERS, he, initialize_parameters, lecun, normal, xavier, zeros
from .layers import (
    LayerCache,
    LinearCache,
    activation_backward,
    activation_forward,
    layer_backward,
    layer_forward,
    linear_backward,
    linear_forward,
    linear_gradients,
)
from .losses import (
    L1,
    L2,
    LOSSES,
    L1_gradient,
    L2_gradient,
    Loss,
    accuracy,
    binary_cross_entropy,
    binary_cross_entropy_gradient,
    cross_entropy,
    cross_entropy_gradient,
)
from .network import (
    INPUTS,
    FirstCurvature,
    FirstLayer,
    LayerGradients,
    backward_steps,
    network_backward,
    network_forward,
)
from .optimizers import OPTIMIZERS, Optimizer, adam, adam_hat, adamw, gradient_descent, momentum, nesterov, rmsprop
from .parametrization import SCALED, multiplied, multiplied_gradients, without_scales
from .penalties import l2_gradients, l2_penalty
from .periodic import Periodic, PeriodicCache, periodic_layer
from .prediction_intervals import completed_sets, cv_plus_interval, cv_plus_sets
from .regression import (
    absolute_error,
    absolute_error_gradient,
    huber,
    huber_gradient,
    poisson,
    poisson_gradient,
    squared_error,
    squared_error_gradient,
)
from .schedules import SCHEDULES, Progress, Schedule
from .span import SPAN, Span
from .weighing import cost

__all__ = [name for name, value in list(globals().items()) if name[0] != "_" and not isinstance(value, _ModuleType)]
