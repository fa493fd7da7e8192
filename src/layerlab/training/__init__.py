"""How a training is computed: the job, the plan, the engines, the stream of updates and its readers.

Read in this order.

``job``         what is trained, checked and complete: members (a network and its settings each), data, weights
``planner``     how: basis, engine, dtype and chunk length, from sizes, settings and the machine's ``speed`` (which
                ``measuring_speed`` measures; ``work`` counts operations)
``basis``       the span of the examples, where the first layer is trained in it
``updates``     one update as pure functions of a program (what it does), its data and a state (what it changes)
``engines``     some updates in a row in NumPy; ``xla`` compiles the same loop. How updates are cut into chunks changes
                no number: batches and dropout depend on seeds and on the update's number alone
``fit``         the stream: a generator that asks the engine for chunks. Who wants to stop stops asking
``watching``    the readers of the stream: progress bar, callback and log, checkpoint, early stopping. Ctrl-C is noted
                and ends the asking, so that what was trained until then is the run
``checkpoint``  the state and the costs so far; going on, they are the first chunk of the stream
``lbfgs``       SciPy's L-BFGS calls back where an engine is asked, so it runs in a thread that waits to be asked
``streamed``    data larger than memory: the engine's data is a buffer of rows, replaced by the next of the same size
``train``       all of it in one call; ``gradient_check`` compares the explicit gradients with numerical ones
"""
