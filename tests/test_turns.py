"""Cosine and sine of turns, as NumPy has them and by the series that XLA computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerlab.formulas.turns import cosine_and_sine_of_turns


@pytest.mark.parametrize(("dtype", "allowed"), [("float64", 2e-15), ("float32", 1e-6)])
def test_compiled_series_agree_with_numpy(dtype: str, allowed: float) -> None:
    jax = pytest.importorskip("jax")
    eighths = np.arange(-80, 81) / 8
    U = np.concatenate([eighths, np.random.default_rng(0).uniform(-9, 9, 20_000)]).astype(dtype)
    turned: Any = U.astype("float64") % 1
    with jax.enable_x64(True):
        compiled = [np.asarray(one) for one in jax.jit(cosine_and_sine_of_turns)(U)]
    for one, by_numpy, plain in zip(compiled, cosine_and_sine_of_turns(turned), (np.cos, np.sin), strict=True):
        assert one.dtype == dtype
        assert np.abs(one - by_numpy).max() < allowed
        assert np.abs(by_numpy - plain(2 * np.pi * turned)).max() < 2e-15


def test_no_number_stays_no_number() -> None:
    jax = pytest.importorskip("jax")
    for one in jax.jit(cosine_and_sine_of_turns)(np.array([np.nan, np.inf], "float32")):
        assert np.isnan(one).all()
