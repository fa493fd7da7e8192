"""How a training is computed: the job, the plan, the engines, the stream of updates, and what reads that stream.

The files, in the order in which to read them:

``job``            what is trained, checked and complete: members (a network and its settings each), data, weights
``planner``        how: basis, engine and slices, from sizes, settings and the machine's ``speed`` (which
                   ``measuring_speed`` measures; ``work`` counts operations)
``layout``         how the examples lie in the engine's memory, and the state before the first update; ``basis`` makes
                   the tables for training in the span; ``target`` scales the target values of a regression
``updates``        one update, as pure functions of a program (what it does), data (what it reads) and a state (what it
                   changes); ``whole_sets`` computes costs, scores and predictions without gradients
``epoch_ends``     what follows an update: a monitor and an adaptive schedule judge the epoch when it ends; ``stopping``
                   and ``plateau`` hold what they remember
``engines``        makes some updates in a row in NumPy; ``xla`` compiles the same loop, ``compiled`` keeps its
                   programs. How updates are cut into chunks changes no number: ``batches`` and dropout depend on seeds
                   and on the update's number alone
``fit``            the stream: a generator that asks the engine for chunks. To end a training, stop asking
``watching``       reads the stream: progress bar, ``callbacks`` and log, ``metrics``, early stopping. Ctrl-C is noted
                   (``interrupts``) and ends the reading, and what was trained until then becomes the run; ``record``
                   makes its history, ``stages`` measures its seconds
``checkpoint``     saves the state and the costs so far; they are the first chunk of a resumed training's stream
``lbfgs``          runs SciPy's L-BFGS in a thread, because it calls us after each update, and an engine waits for calls
``stream_engine``  trains on data larger than memory: its data is a buffer of rows, which the next one replaces
``train``          does all of this in one call
And three rooms:

``stepper``            a training update by update, with changes on the way, and back: ``stepping`` makes the updates,
                       ``stretches`` says what a change means, ``standing`` has the engine and its state, ``timeline``
                       keeps earlier ``states``; ``dissecting`` takes apart an update of a run
``dissection``         one update with all that it computes: ``taking_apart`` makes an ``anatomy`` of ``layer_anatomy``
                       parts, ``anatomy_terms`` of sums, ``optimizer_terms`` of steps, ``signal``; ``iteration_words``
                       tells it
``gradient_checking``  explicit gradients against numerical ones; ``gradient_faults`` says what wrong ones have in
                       common with the right ones (``gradient_factors``), or which ``backward_mistakes`` gives them
"""
