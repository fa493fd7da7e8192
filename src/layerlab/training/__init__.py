"""How a training is computed: the job, the plan, the engines, the stream of updates and its readers.

Read in this order.

``job``            what is trained, checked and complete: members (a network and its settings each), data, weights
``planner``        how: basis, engine and slices, from sizes, settings and the machine's ``speed`` (which
                   ``measuring_speed`` measures; ``work`` counts operations)
``layout``         how the examples lie in the engine's memory, and the state before the first update; ``basis`` has the
                   tables of the span, where the first layer is trained in it; ``target`` scales a regression's values
``updates``        one update as pure functions of a program (what it does), its data and a state (what it changes);
                   ``stopping`` and ``plateau`` are what a monitor and an adaptive schedule remember
``engines``        some updates in a row in NumPy; ``xla`` compiles the same loop, ``compiled`` keeps its programs. How
                   updates are cut into chunks changes no number: ``batches`` and dropout depend on seeds and on the
                   update's number alone
``fit``            the stream: a generator that asks the engine for chunks. Who wants to stop stops asking
``watching``       reads the stream: progress bar, ``callbacks`` and log, ``metrics``, early stopping. Ctrl-C is noted
                   (``interrupts``) and ends the asking, so that what was trained until then is the run; ``record``
                   makes its history, ``stages`` has its seconds
``checkpoint``     the state and the costs so far; going on, they are the first chunk of the stream
``lbfgs``          SciPy's L-BFGS calls back where an engine is asked, so it runs in a thread that waits to be asked
``stream_engine``  data larger than memory: the engine's data is a buffer of rows, replaced by the next of the same size
``train``          all of it in one call; ``gradient_check`` compares the explicit gradients with numerical ones
"""
