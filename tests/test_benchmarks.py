"""The benchmarks: tables that a page quotes are those of the files, and what follows from the turns."""

from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "engine.md"


def test_the_tables_of_the_page_on_engines_are_those_of_the_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.quoted import TABLES, with_tables

    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page, "python -m benchmarks.quoted writes the tables again"
    assert all(f"<!-- table {name} -->" in page for name in TABLES)


def test_a_table_with_another_value_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.quoted import with_tables

    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page.replace("| **missed** |", "| reached |", 1)) == page


def test_kept_programs_are_compared_with_any_first_call_of_a_library_that_keeps_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.figures import figures_of
    from benchmarks.rows import ROWS

    def turn(seconds: float, importing: float = 0.0) -> dict[str, object]:
        stages = {"import": importing} if importing else {}
        return {"seconds": seconds, "updates": 1.0, "iterations": 1, "checked": [0.5], "last": [], "stages": stages}

    facts = {"import": 0.1, "first": turn(9.0), "rounds": [turn(1.0)] * 3, "cold": [turn(5.0)] * 3}
    ours = {**facts, "kept": [turn(2.5, importing=0.5), turn(3.5, importing=0.5), turn(4.5, importing=0.5)]}
    figures = figures_of(ROWS["fit-synthetic"], {"layerlab": ours, "scikit-learn": {**facts, "kept": []}})
    assert figures["layerlab.kept"] == 3.0
    assert figures["scikit-learn.kept_ratio"] == pytest.approx(5.0 / 3.0)
    assert figures["scikit-learn.cold_ratio"] == 1.0


def test_a_row_counts_the_operations_of_its_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.rows import ROWS

    from layerlab import Network
    from layerlab.runs.settings_rules import with_defaults
    from layerlab.training.planner import make_plan
    from layerlab.tuning.sweeps.population_jobs import population_jobs

    for name, m in (("population-8", 1797), ("population-cats-8", 209)):
        row = ROWS[name]
        settings = with_defaults(
            {"learning_rate": 0.1, "iterations": 2000, "seed": list(row.seeds), "dtype": row.dtype}
        )
        rng = np.random.RandomState(0)
        labels = np.eye(row.layer_dims[-1])[rng.randint(0, row.layer_dims[-1], m)].T
        data = rng.random_sample((row.layer_dims[0], m)), labels if len(labels) > 1 else (rng.rand(1, m) > 0.5) * 1.0
        [job], _ = population_jobs(Network(row.layer_dims), data, (None, None), None, settings)
        assert make_plan(job).products == row.product_operations(m)
