"""Whether the default's answers should be blended with the linear model's: ``python -m benchmarks.tables_blend``.

On the tables that nobody tuned on, one split each, the answer is w times that of layerlab's networks and 1 − w times
that of the linear model. The weight w is the one of 0, 0.05, …, 1 with the least loss (squared error or log loss) out
of fold, so the test rows choose nothing. It writes tables_blend.md; each table is kept in --results and not fitted
again.
"""

from __future__ import annotations

import argparse
import json
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict

from layerlab.evaluating.statistics import mean_interval
from layerlab.formulas.arrays import Floats

from .tables_accuracy import estimator_answer, numbers_of
from .tables_contenders import CONTENDERS
from .tables_layerlab import layerlab_default
from .tables_list import entries, split_of, table_of
from .tables_scores import losses, scores

WEIGHTS = np.linspace(0, 1, 21)
"""Shares of the networks in the blend."""

PAGE = """\
# A blend with the linear model

`python -m benchmarks.tables_blend` measured this, {date}.

{count} tables on which nothing was tuned, one split each. The blend's answer is w times that of layerlab's networks and
1 − w times that of the linear model, with the w that has the least loss out of fold. The score is the main score of
[tables_accuracy.md](tables_accuracy.md); less is better.

**{verdict}** The blend's score divided by that of the networks alone is {ratio:.4f} in the geometric mean (95 %
t-interval over the tables {low:.4f} to {high:.4f}). The blend is better on {better} tables, worse on {worse}, and the
same on {same}.

| table | networks | linear model | blend | w |
|---|---|---|---|---|
{rows}
"""


def main() -> None:
    """Measure what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--results", type=Path, default=Path("runs/tables_blend"))
    parser.add_argument("--split", type=int, default=0)
    asked = parser.parse_args()
    asked.results.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")  # of trainings that end at their number of iterations
    names = [name for name, entry in entries().items() if not entry.seen]
    found = {}
    for name in names:
        place = asked.results / f"{name}-{asked.split}.json"
        if not place.exists():
            place.write_text(json.dumps(blended(name, asked.split)), encoding="utf-8")
        found[name] = json.loads(place.read_text(encoding="utf-8"))
        print(name, found[name], flush=True)
    Path(__file__).with_suffix(".md").write_text(page(found), encoding="utf-8")


def blended(name: str, split: int) -> dict[str, float]:
    """Fit the networks and the linear model to one split of a table; return all scores and the weight."""
    train, test = split_of(name, split)
    table, y = table_of(name), numbers_of(name)
    networks = layerlab_default(name, train, test, split)
    line = estimator_answer(name, "linear", train, test, split)
    assert networks.out_of_fold is not None  # noqa: S101
    X, model = table.X.iloc[train], CONTENDERS["linear"](table, split)
    folds: Any = (StratifiedKFold if table.classifies else KFold)(8, shuffle=True, random_state=split)
    method = "predict_proba" if table.classifies else "predict"
    own = np.asarray(cross_val_predict(model, X, y[train], cv=folds, method=method), float)
    own = own if table.classifies else np.ravel(own)
    costs = [float(losses(y[train], mixed(w, networks.out_of_fold, own)).mean()) for w in WEIGHTS]
    weight = float(WEIGHTS[int(np.argmin(costs))])
    answers = {"networks": networks.predictions, "linear": line.predictions}
    answers["blend"] = mixed(weight, networks.predictions, line.predictions)
    return {key: scores(y[train], y[test], one)["main"] for key, one in answers.items()} | {"weight": weight}


def mixed(weight: float, networks: Floats, line: Floats) -> Floats:
    """Return the blend of two answers."""
    both: Floats = weight * networks + (1 - weight) * line
    return both


def page(found: dict[str, dict[str, float]]) -> str:
    """Return the page about the measurements."""
    ratios = np.array([one["blend"] / one["networks"] for one in found.values()])
    logs = np.log(ratios)
    mean, ends = mean_interval(logs)
    ratio, low, high = np.exp([mean, *ends])
    rows = [
        f"| {name} | {one['networks']:.4f} | {one['linear']:.4f} | {one['blend']:.4f} | {one['weight']:.2f} |"
        for name, one in found.items()
    ]
    helps = "The blend helps." if high < 1 else "The blend is not shown to help, so layerlab does not blend."
    return PAGE.format(
        date=date.today().isoformat(),
        count=len(found),
        verdict=helps,
        ratio=ratio,
        low=low,
        high=high,
        better=int((ratios < 1).sum()),
        worse=int((ratios > 1).sum()),
        same=int((ratios == 1).sum()),
        rows="\n".join(rows),
    )


if __name__ == "__main__":
    main()
