"""Figures that the course notebooks behind the notes print: facts, to be met by whatever trains those networks."""

from __future__ import annotations

from typing import NamedTuple


class Published(NamedTuple):
    """One notebook's network.

    Attributes:
        layer_dims, learning_rate, iterations, initializer, seed: its settings.
        costs: the cost before the update of an iteration, by that iteration.
        train_accuracy, test_accuracy: after the last update; nan where there is no test part.
    """

    layer_dims: tuple[int, ...]
    learning_rate: float
    iterations: int
    initializer: str
    seed: int
    costs: dict[int, float]
    train_accuracy: float
    test_accuracy: float = float("nan")


PUBLISHED = {
    "logistic regression": Published(
        layer_dims=(12288, 1),
        learning_rate=0.005,
        iterations=2000,
        initializer="zeros",
        seed=0,
        costs={  # printed with six digits
            0: 0.693147,
            100: 0.584508,
            200: 0.466949,
            300: 0.376007,
            400: 0.331463,
            500: 0.303273,
            600: 0.279880,
            700: 0.260042,
            800: 0.242941,
            900: 0.228004,
            1000: 0.214820,
            1100: 0.203078,
            1200: 0.192544,
            1300: 0.183033,
            1400: 0.174399,
            1500: 0.166521,
            1600: 0.159305,
            1700: 0.152667,
            1800: 0.146542,
            1900: 0.140872,
        },
        train_accuracy=0.9904306220095694,
        test_accuracy=0.70,
    ),
    "two layers": Published(
        layer_dims=(12288, 7, 1),
        learning_rate=0.0075,
        iterations=2500,
        initializer="normal",
        seed=1,
        costs={
            0: 0.693049735659989,
            100: 0.6464320953428849,
            200: 0.6325140647912677,
            500: 0.5158304772764729,
            1000: 0.3394281538366413,
            1500: 0.17448318112556638,
            2000: 0.07439078704319085,
            2400: 0.04855478562877019,
            2499: 0.04421498215868956,
        },
        train_accuracy=1.0,
        test_accuracy=0.72,
    ),
    "four layers": Published(
        layer_dims=(12288, 20, 7, 5, 1),
        learning_rate=0.0075,
        iterations=2500,
        initializer="lecun",
        seed=1,
        costs={
            0: 0.7717493284237686,
            100: 0.6720534400822914,
            200: 0.6482632048575212,
            500: 0.5401376634547801,
            1000: 0.31518698886006163,
            1500: 0.16118854665827753,
            2000: 0.11382060668633713,
            2400: 0.09287821526472398,
            2499: 0.08843994344170202,
        },
        train_accuracy=0.9856459330143539,
        test_accuracy=0.80,
    ),
    "flower": Published(
        layer_dims=(2, 4, 1),
        learning_rate=1.2,
        iterations=10000,
        initializer="normal",
        seed=3,
        costs={  # printed with six digits; from iteration 7000 on the cost rises and falls, and rounding shows in them
            0: 0.693162,
            1000: 0.258625,
            2000: 0.239334,
            3000: 0.230802,
            4000: 0.225528,
            5000: 0.221845,
            6000: 0.219094,
            7000: 0.220661,
            8000: 0.219409,
            9000: 0.218485,
        },
        train_accuracy=0.90,  # printed in whole per cent
    ),
}

FLOWER_LOGISTIC_REGRESSION_PERCENT = 47
"""Training accuracy of a logistic regression on the flower, printed in whole per cent."""
