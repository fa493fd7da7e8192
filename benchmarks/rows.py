"""What is measured, row by row."""

from __future__ import annotations

from dataclasses import replace

from .population_rows import POPULATIONS
from .row import PRODUCTS, Contender, Row, Target

SWEPT_RATES = (1e-4, 1e-2)
"""First and last learning rate of a sweep; those between them lie geometrically."""

SIDES = (64, 128, 256, 512)
"""Pixels on a side of the square images of ``image-side``."""


def _training_peers(iterations: int, jax: int, sklearn: int | None = None) -> tuple[Contender, ...]:
    """The libraries that train a network, slow ones with fewer iterations."""
    return (
        Contender("PyTorch", "pytorch", iterations),
        Contender("scikit-learn", "scikit-learn", sklearn or iterations),
        Contender("JAX autodiff", "jax", jax),
        Contender("NumPy (the course notes)", "layerlab", iterations, engine="numpy", basis="full"),
    )


CATS = Row(
    name="cats-float64",
    title="the cats of the course notes, 12288-20-7-5-1, all 209 images per update, float64",
    data="cats",
    layer_dims=(12288, 20, 7, 5, 1),
    contenders=(
        Contender("layerlab", "layerlab", 2500, cold=True),
        Contender("layerlab, xla", "layerlab", 2500, engine="xla", cold=True),
        *_training_peers(100, jax=200),
    ),
    full=2500,
    targets=(
        Target("0.06 ms per update, compiled", "layerlab, xla.iteration", at_most=60e-6),
        Target("whole call 20 × faster than PyTorch's loop", "PyTorch.whole", at_least=20),
    ),
    notes=("From end to end 2500 updates count; PyTorch's are its median per update × 2500, without its import.",),
)

FLOWER = Row(
    name="flower",
    title="the flower, 2-4-1, 400 points per update, float64",
    data="flower",
    layer_dims=(2, 4, 1),
    hidden="tanh",
    learning_rate=1.2,
    initializer="normal",
    seed=3,
    contenders=(
        Contender("layerlab", "layerlab", 10_000, cold=True),
        Contender("layerlab, xla", "layerlab", 10_000, engine="xla"),
        Contender("NumPy (the course notes)", "layerlab", 10_000, engine="numpy", basis="full", cold=True),
        Contender("PyTorch", "pytorch", 2000),
        Contender("scikit-learn", "scikit-learn", 1000),
        Contender("JAX autodiff", "jax", 10_000),
    ),
    full=10_000,
    targets=(
        Target("4 µs per update, compiled", "layerlab, xla.iteration", at_most=4e-6),
        Target(
            "from end to end (import of jax inside) not slower than NumPy, but for 10 % of noise",
            "NumPy (the course notes).cold_ratio",
            at_least=0.9,
        ),
    ),
)

SGD = Row(
    name="mlp-sgd",
    title="784-512-256-10, batches of 128, gradient descent, float32",
    data="table",
    layer_dims=(784, 512, 256, 10),
    contenders=(
        Contender("layerlab", "layerlab", 1024, cold=True),
        Contender("layerlab, xla", "layerlab", 1024, engine="xla", cold=True),
        *_training_peers(256, jax=256),
        Contender(PRODUCTS, "products", 1, against="layerlab, xla"),
    ),
    learning_rate=0.05,
    initializer="he",
    seed=0,
    batch_size=128,
    dtype="float32",
    examples=8192,
    full=1024,
    checked=64,
    tolerance=1e-3,
    unit="step",
    targets=(
        Target("70 % of the matrix-product ceiling, compiled", f"{PRODUCTS}.ratio", at_least=0.7),
        Target("not slower than a plain loop in jax, compiled", "JAX autodiff.compiled", at_least=1),
    ),
    notes=(
        f"“{PRODUCTS}”: 6·b·Σ n·n_prev − 2·b·n_0·n_1 operations at the speed that NumPy reaches with 2048 × 2048.",
        "The costs compared are the means over the first epoch.",
        "scikit-learn gets the rows in the order of that epoch, and then repeats this order.",
    ),
)

ADAM = replace(
    SGD,
    name="mlp-adam",
    title="784-512-256-10, batches of 128, Adam, float32",
    optimizer="adam",
    learning_rate=1e-3,
    targets=SGD.targets[1:],
)

SWEEP = replace(
    CATS,
    name="sweep-64",
    title="64 learning rates on the cats, each 2500 updates, float32",
    task="sweep",
    dtype="float32",
    members=64,
    full=64 * 2500,
    tolerance=1e-3,
    contenders=(
        Contender("layerlab", "layerlab", 2500, cold=True, kept=True),
        Contender("PyTorch", "pytorch", 60),
        Contender(PRODUCTS, "products", 1),
    ),
    unit="update of one model",
    targets=(
        Target("whole call under 1.8 s, with kept programs", "layerlab.kept", at_most=1.8),
        Target("whole first call 200 × faster than PyTorch's loops", "PyTorch.whole", at_least=200),
    ),
    notes=(
        "PyTorch trains one model after another: from end to end its median per update × 64 × 2500 counts.",
        "PyTorch's memory is that of one model.",
    ),
)


def _image_contenders() -> tuple[Contender, ...]:
    """layerlab at every side, compared to itself at the smallest; PyTorch at both ends, compared to layerlab there."""
    smallest, largest = (f"layerlab, side {SIDES[i]}" for i in (0, -1))
    ours = [Contender(f"layerlab, side {side}", "layerlab", 200, side=side, against=smallest) for side in SIDES]
    peers = [
        Contender(f"PyTorch, side {side}", "pytorch", 5, side=side, against=against)
        for side, against in ((SIDES[0], smallest), (SIDES[-1], largest))
    ]
    return (*ours, *peers)


IMAGES = replace(
    CATS,
    name="image-side",
    title="209 random images of 64 × 64 to 512 × 512 pixels in colours, the cats' network, float64",
    data="images",
    contenders=_image_contenders(),
    full=200,
    checked=4,
    targets=(
        Target(
            "cost of an update grows by at most 1.2 × from side 64 to 512", "layerlab, side 512.growth", at_most=1.2
        ),
        Target("basis grows as the features do (at most 1.2 × that)", "layerlab, side 512.basis_growth", at_most=1.2),
        Target("basis under 2 s at side 512", "layerlab, side 512.basis", at_most=2),
        Target("peak memory under PyTorch's at side 512", "PyTorch, side 512.memory", at_most=1),
    ),
    notes=("The learning rate is divided by the growth of the features, so that all sides learn alike.",),
)

PREDICT_ONE = Row(
    name="predict-1",
    title="the label of one row, 784-512-256-10, float32",
    data="table",
    layer_dims=(784, 512, 256, 10),
    task="predict",
    contenders=tuple(
        Contender(label, library, 1000)
        for label, library in (("layerlab", "layerlab"), ("PyTorch", "pytorch"), ("scikit-learn", "scikit-learn"))
    ),
    initializer="he",
    seed=0,
    dtype="float32",
    examples=1,
    checked=0,
    tolerance=1e-3,
    unit="call",
    targets=(
        Target("ahead of PyTorch", "PyTorch.ratio", at_least=1),
        Target("ahead of scikit-learn", "scikit-learn.ratio", at_least=1),
    ),
    notes=("In place of costs the shares of the ten labels are compared.",),
)

PREDICT_MANY = replace(
    PREDICT_ONE,
    name="predict-100000",
    title="the labels of 100 000 rows, 784-512-256-10, float32",
    contenders=tuple(replace(contender, iterations=2) for contender in PREDICT_ONE.contenders),
    examples=100_000,
)

FIRST_FLOWER = replace(
    FLOWER,
    name="first-call-flower",
    title="the first call of a process, the flower, 2-4-1, 50 updates, float64",
    contenders=(
        Contender("layerlab", "layerlab", 50, engine="xla", cold=True, kept=True),
        Contender("JAX autodiff", "jax", 50, cold=True, kept=True),
    ),
    full=50,
    checked=49,
    targets=(
        Target("0.08 s beyond importing jax, with kept programs", "layerlab.kept", at_most=0.08),
        Target("not slower than jax with its own kept programs", "JAX autodiff.kept_ratio", at_least=1),
    ),
    notes=("JAX keeps its programs in a cache folder too, which is switched on for it here.",),
)

FIRST_ADAM = replace(
    ADAM,
    name="first-call-mlp",
    title="the first call of a process, 784-512-256-10, 50 batches of 128, Adam, float32",
    contenders=FIRST_FLOWER.contenders,
    full=50,
    checked=50,
    targets=(
        Target("0.33 s beyond importing jax, with kept programs", "layerlab.kept", at_most=0.33),
        FIRST_FLOWER.targets[1],
    ),
    notes=(*FIRST_FLOWER.notes, "layerlab also draws the initial weights and the order of the batches in that time."),
)

COLD_FIT = Row(
    name="cold-fit",
    title="from the start of Python to a small fit: 100 × 5, 5-10-1, 200 updates, float64",
    data="table",
    layer_dims=(5, 10, 1),
    task="cold",
    contenders=(Contender("layerlab", "layerlab", 200), Contender("scikit-learn", "scikit-learn", 200)),
    learning_rate=0.1,
    initializer="xavier",
    seed=0,
    examples=100,
    full=1,
    unit="process",
    targets=(Target("not slower than scikit-learn", "scikit-learn.ratio", at_least=1),),
    notes=(
        "Every measurement is a new process with compiled bytecode: start, import, fit, exit.",
        "Each library draws its own initial weights, so the costs are printed and not compared.",
    ),
)

FIT_DIGITS = Row(
    name="fit-digits",
    title="MLPClassifier at its defaults on the digits, 64-100-10, batches of 200, Adam, float64",
    data="digits",
    layer_dims=(64, 100, 10),
    task="fit",
    contenders=(
        Contender("layerlab", "layerlab", 1, cold=True),
        Contender("scikit-learn", "scikit-learn", 1, cold=True),
    ),
    seed=0,
    full=1,
    unit="epoch",
    targets=(Target("not slower than scikit-learn, from end to end", "scikit-learn.cold_ratio", at_least=1),),
    notes=(
        "From end to end is the first fit of a new process, the import of jax and compiling inside it.",
        "The losses and the numbers of epochs are compared.",
    ),
)

FIT_CANCER = replace(
    FIT_DIGITS,
    name="fit-breast-cancer",
    title="MLPClassifier at its defaults on breast cancer, 30-100-1, batches of 200, Adam, float64",
    data="breast_cancer",
    layer_dims=(30, 100, 1),
)

FIT_SYNTHETIC = replace(
    FIT_DIGITS,
    name="fit-synthetic",
    title="MLPClassifier at its defaults on 20 000 × 50 synthetic examples, 50-100-1, batches of 200, Adam, float64",
    data="synthetic",
    layer_dims=(50, 100, 1),
    contenders=(replace(FIT_DIGITS.contenders[0], kept=True), FIT_DIGITS.contenders[1]),
    targets=(
        Target("2.5 × faster than scikit-learn, first fit with kept programs", "scikit-learn.kept_ratio", at_least=2.5),
    ),
)

GPU_SWEEP = replace(
    SWEEP,
    name="gpu-sweep",
    title="4096 learning rates on the cats, each 2500 updates, float32, on a GPU",
    members=4096,
    full=4096 * 2500,
    contenders=(Contender("layerlab", "layerlab", 2500, engine="xla"), Contender("PyTorch", "pytorch", 60)),
    targets=(),
    notes=("PyTorch trains one model after another: from end to end its median per update × 4096 × 2500 counts.",),
    gpu=True,
)

GPU_MLP = replace(
    SGD,
    name="gpu-mlp",
    title="784-512-256-10, batches of 8192, gradient descent, float32, on a GPU",
    batch_size=8192,
    examples=65_536,
    full=1024,
    checked=8,
    contenders=(Contender("layerlab", "layerlab", 1024, engine="xla"), Contender("PyTorch", "pytorch", 256)),
    targets=(),
    notes=(),
    gpu=True,
)

CATS_32 = replace(
    CATS,
    name="cats-float32",
    title="the cats of the course notes, 12288-20-7-5-1, all 209 images per update, float32",
    dtype="float32",
    tolerance=1e-3,
    targets=(replace(CATS.targets[0], text="0.03 ms per update, compiled", at_most=30e-6),),
)

ROWS = {
    row.name: row
    for row in (
        CATS,
        CATS_32,
        FLOWER,
        ADAM,
        SGD,
        SWEEP,
        *POPULATIONS,
        FIRST_FLOWER,
        FIRST_ADAM,
        IMAGES,
        PREDICT_ONE,
        PREDICT_MANY,
        COLD_FIT,
        FIT_DIGITS,
        FIT_CANCER,
        FIT_SYNTHETIC,
        GPU_SWEEP,
        GPU_MLP,
    )
}
"""All rows by name, in the report's order."""
