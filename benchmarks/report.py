"""The results in words: one table of all rows, then a section for each."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Any

from .figures import COMPILED, Found, Verdict, agrees, disagreement, measured, verdicts
from .row import PRODUCTS, SHAPES, Contender, Row, Target
from .rows import ROWS

TIMES = ("iteration", "cold", "kept", "basis")
"""Values that are seconds; the others are ratios."""

PEERS = {"pytorch": "PyTorch", "scikit-learn": "scikit-learn", "jax": "JAX autodiff"}
BUSY = 0.1
"""The share of the processors used by other programs above which this is reported."""


def report(results: dict[str, Any]) -> str:
    """Everything in Markdown.

    Args:
        results: "machine", "ceiling", and "rows": by name "found", "figures", "rounds" and "date".
    """
    rows = [(row, results["rows"][name]) for name, row in ROWS.items() if name in results["rows"]]
    parts = [_introduction(results), *_summary(rows)]
    for row, result in rows:
        parts += _section(row, result)
    return "\n".join(parts) + "\n"


def _introduction(results: dict[str, Any]) -> str:
    machine, ceiling = results["machine"], results["ceiling"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    product = ", ".join(
        f"{ceiling[f'product_{dtype}'] / 1e9:.0f} GFLOP/s in {dtype}" for dtype in ("float64", "float32")
    )
    return f"""# layerlab and other libraries, side by side

`python -m benchmarks` writes this file and `results.json`, which has every turn.

{machine["processor"]}, {machine["cores"]} cores, {machine["memory_gb"]} GB, {machine["system"]}; {versions}.
Ceiling, by NumPy on all cores: products of 2048 × 2048 matrices {product}; copying {ceiling["copy"] / 1e9:.1f} GB/s,
read and written.

All contenders of a row have the same examples, initial weights, updates and type. Each runs in a process of its own,
with as many threads as there are cores (XLA takes no number: it uses all cores). They take turns, A B C A B C …; the
first turn of each is a warm-up. Times are medians over the rounds, and ratios the medians of the ratios within a
round: “12 ×” says that the other library took 12 times as long as layerlab. “layerlab” chooses its engine itself;
“{COMPILED}” is asked to compile. A first call is one in a new process with empty caches. It includes compiling, the
basis, rotating back and making the initial weights; the import of jax is reported separately. “With kept programs” it
is one in a new process that finds the programs of an earlier one. The times of other libraries are those of their
loops alone, with models built before. Times are compared only if the costs agree. Peak memory is that of the whole
process, with data and libraries.

“NumPy (the course notes)” is layerlab's NumPy engine at full width. It computes as the notes of the Deep Learning
Specialization's first course (weeks 2 to 4) do.
"""


def _summary(rows: list[tuple[Row, dict[str, Any]]]) -> list[str]:
    """A line for each row; peers with the largest images, where there are several."""
    heads = [
        "row",
        "layerlab, per update",
        *PEERS.values(),
        "NumPy (the course notes)",
        "end to end, PyTorch",
        "memory",
        "targets",
    ]
    lines = [line(heads), line("---" for _ in heads)]
    for row, result in rows:
        lines.append(line(_summary_cells(row, result["found"], result["figures"])))
    return [*lines, ""]


def _summary_cells(row: Row, found: Found, figures: dict[str, float]) -> list[str]:
    peers = {c.library: c for c in row.contenders if c.library in PEERS}
    notes = next((c for c in row.contenders if c.label == "NumPy (the course notes)"), None)
    pytorch = peers.get("pytorch")
    ours = pytorch.against if pytorch else row.contenders[0].label
    if not measured(found, ours):
        return [f"`{row.name}`", found[ours]["skipped"], *[""] * 6, "not measured"]
    time = seconds(figures[f"{ours}.iteration"])
    if f"{COMPILED}.iteration" in figures:
        time += f"; compiled {seconds(figures[f'{COMPILED}.iteration'])}"
    ratios = [_ratio_cell(row, found, figures, c) for c in (*map(peers.get, PEERS), notes)]
    whole = times(figures[f"{pytorch.label}.whole"]) if pytorch and f"{pytorch.label}.whole" in figures else ""
    memory = size(figures.get(f"{ours}.peak"))
    if pytorch and f"{pytorch.label}.peak" in figures:
        memory += f" (PyTorch {size(figures[f'{pytorch.label}.peak'])})"
    met = [verdict.reached for verdict in verdicts(row, figures)]
    return [f"`{row.name}`", time, *ratios, whole, memory, f"{sum(met)} of {len(met)}" if met else "none"]


def _ratio_cell(row: Row, found: Found, figures: dict[str, float], contender: Contender | None) -> str:
    """A peer's time by layerlab's, also by the compiled one's, or why there is none."""
    if contender is None:
        return ""
    if not measured(found, contender.label):
        return "not measured"
    if not agrees(row, found, contender):
        return "**COSTS DISAGREE**"
    both = [
        figures[f"{contender.label}.{name}"] for name in ("ratio", "compiled") if f"{contender.label}.{name}" in figures
    ]
    return "; compiled ".join(map(times, both))


def _section(row: Row, result: dict[str, Any]) -> list[str]:
    found, figures = result["found"], result["figures"]
    heads = [
        "contender",
        f"per {row.unit}",
        "× layerlab's",
        "first call",
        "with kept programs",
        "call",
        "import",
        "compile",
        "basis",
        "peak memory",
    ]
    lines = [
        f"## {row.name}",
        "",
        f"{row.title[0].upper()}{row.title[1:]}. Rounds: {result['rounds']}, {result['date']}.",
        "",
    ]
    lines += [line(heads), line("---" for _ in heads)]
    lines += [line(_contender_cells(row, found, figures, contender)) for contender in row.contenders]
    lines += ["", *(_said(verdict) for verdict in verdicts(row, figures))]
    lines += [
        _costs(row, found),
        *_whole(row, figures),
        *_memory(row, figures),
        *(f"- {note}" for note in row.notes),
        *_busy(found),
        "",
    ]
    return lines


def _contender_cells(row: Row, found: Found, figures: dict[str, float], contender: Contender) -> list[str]:
    label = contender.label
    if not measured(found, label):
        return [label, found[label]["skipped"], *[""] * 8]
    how = found[label]["rounds"][-1].get("how", "")
    ratio = "" if label == contender.against else _ratio_cell(row, found, figures, contender)
    if f"{label}.growth" in figures:
        ratio = f"{times(figures[f'{label}.growth'])} of side {row.contender(contender.against).side}"
    stages = ("iteration", "cold", "kept", "call", "import", "compile", "basis")
    iteration, cold, kept, call, *others = (seconds(figures.get(f"{label}.{name}")) for name in stages)
    count = found[label]["rounds"][-1]["iterations"]
    call = "" if label in (PRODUCTS, SHAPES) else f"{call} ({count:,} × {row.unit})" if count > 1 else call
    name = f"{label} ({how})" if how else label
    return [name, iteration, ratio, cold, kept, call, *others, size(figures.get(f"{label}.peak"))]


def _said(verdict: Verdict) -> str:
    """A target and what became of it."""
    target, value, reached = verdict
    if value is None:
        return f"- Target: {target.text}: not measured."
    return f"- Target: {target.text}: {'reached' if reached else '**not reached**'}, {target_value(target, value)}."


def target_value(target: Target, value: float) -> str:
    """What was measured for a target, in its unit."""
    if target.figure.startswith(PRODUCTS):
        return percent(value)
    return seconds(value) if target.figure.rsplit(".", 1)[1] in TIMES else times(value)


def _costs(row: Row, found: Found) -> str:
    """Whether the costs agree, and what they were."""
    shares = {c.label: disagreement(row, found, c) for c in row.contenders if measured(found, c.label)}
    compared = {label: share for label, share in shares.items() if share is not None}
    if not compared:
        return f"- Last costs: {_last_costs(row, found) or 'none'}."
    wrong = {label: share for label, share in compared.items() if share > row.tolerance}
    if wrong:
        told = "; ".join(
            f"{label} {found[label]['rounds'][-1]['checked']}, {share:.1e}" for label, share in wrong.items()
        )
        return f"- **COSTS DISAGREE by more than {row.tolerance:g}: {told}.** Their times are not compared."
    what = f"the mean of the first {row.checked} updates" if row.batch_size else f"after {row.checked} updates"
    said = "Labels agree" if row.task == "predict" else f"Costs ({what}) agree"
    last = "" if row.task == "predict" else f" Last costs: {_last_costs(row, found)}."
    return f"- {said}: relative differences of at most {max(compared.values()):.1e}, allowed {row.tolerance:g}.{last}"


def _last_costs(row: Row, found: Found) -> str:
    turns = {c.label: found[c.label]["rounds"][-1] for c in row.contenders if measured(found, c.label)}
    return "; ".join(f"{label} {turn['last'][0]:.4g}" for label, turn in turns.items() if turn["last"])


def _whole(row: Row, figures: dict[str, float]) -> list[str]:
    """The peers' whole jobs against layerlab's first call, where several models are trained at once."""
    told = [
        (c.label, figures.get(f"{c.label}.whole"))
        for c in row.contenders
        if row.task == "population" and c.library in PEERS
    ]
    ratios = [f"{label} {times(ratio)}" for label, ratio in told if ratio is not None]
    return [f"- From end to end, by layerlab's first call: {'; '.join(ratios)}."] if ratios else []


def _memory(row: Row, figures: dict[str, float]) -> list[str]:
    """layerlab's peak against PyTorch's on the same work."""
    pairs = [(c, figures[f"{c.label}.memory"]) for c in row.contenders if f"{c.label}.memory" in figures]
    return [
        f"- Peak memory of {c.against} is {'above' if ratio > 1 else 'not above'} that of {c.label}: {times(ratio)}."
        for c, ratio in pairs
        if c.library == "pytorch"
    ]


def _busy(found: Found) -> list[str]:
    """A warning, if the machine was not ours alone."""
    shares = [
        turn["busy"] for facts in found.values() for turn in facts.get("rounds", []) if turn.get("busy") is not None
    ]
    if not shares or max(median(shares), max(shares) / 5) < BUSY:
        return []
    often, most = (f"{100 * share:.0f} %" for share in (median(shares), max(shares)))
    return [f"- Other programs kept the processors busy between turns ({often} in the median, {most} at most)."]


def seconds(value: float | None) -> str:
    """A time with three digits and its unit."""
    if value is None:
        return ""
    for unit, name in ((1.0, "s"), (1e-3, "ms")):
        if value >= unit:
            return f"{_three(value / unit)} {name}"
    return f"{_three(value / 1e-6)} µs"


def size(value: float | None) -> str:
    """Bytes in MB or GB."""
    if value is None:
        return ""
    return f"{value / 1e9:.2f} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"


def times(value: float) -> str:
    """A ratio."""
    return f"{_three(value)} ×"


def percent(value: float) -> str:
    """A share."""
    return f"{100 * value:.0f} %"


def _three(value: float) -> str:
    """Three digits, without exponents and with separated thousands."""
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}"


def line(cells: Iterable[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"
