"""How a network is trained: a job is checked and planned, an engine computes its updates in chunks, the run is made.

train             ``train`` and ``explain``: everything from the arguments to the run
job               ``Job``: the members (a network and its settings each) and the data that they share
planner           the plan: coordinates of the first layer, engine, slices; by ``work`` (counts) and ``speed`` (rates)
fit               carries out a plan: starts the engine, asks it for chunks, and leads from a chunk back to parameters
layout            how the examples lie in the engine's memory, and the state before the first update
basis             the tables of the span, and full weights back from it
updates           one update as pure functions: what both engines run
engines           what an engine is; NumPy's; ``chunks``, which asks it for updates
xla               the compiled engine; ``compiled`` keeps its programs
stream_engine     an engine on examples that do not all lie in memory
lbfgs             an engine whose updates are SciPy's L-BFGS
batches           the order in which mini-batches take the examples
stopping          early stopping; ``plateau`` is the same for the adaptive schedule
target            target values of a regression, scaled for learning
watching          reads the chunks: progress bar, Ctrl-C (``interrupts``), callback and log (``callbacks``)
metrics           metrics taken between two chunks
checkpoint        everything that a training needs to go on, in one file
record            the chunks that were read become a ``History``
stages            seconds by stage
measuring_speed   measures this machine's rates, for ``layerlab doctor --measure``
gradient_check    the formulas, or a learner's own gradients, against numerical slopes
"""
