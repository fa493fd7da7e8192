"""Hold out a share of the training set, to validate a network on examples that it was not trained on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError

from .dataset import Dataset
from .part import SEED, VALIDATION, HeldOut, Part, strata, stratified_split
from .preparing.split_table import Raw, dataset_fields, notices_of, part_of
from .tabular.splitting import class_codes, is_classes, split_rows


def hold_out(data: Dataset, share: float, seed: int = 0) -> tuple[Dataset, Part]:
    """Split a validation set off the training set, with the same share of each class in both.

    Args:
        data: a dataset that is not standardised yet, so that scales will come from the remaining training set.
        share: the share to hold out, above 0 and below 1.
        seed: seed of the random split.

    Returns:
        The dataset with the remaining training set, and the validation set.

    Raises:
        InputError: the features are already standardised, a share is already held out, or a class would be missing in
            one of the sets.

    Example:
        >>> from layerlab.datasets import load_digits
        >>> digits, validation = hold_out(load_digits(), 0.2)
        >>> digits.train.X.shape, validation.X.shape, digits.held_out
        ((64, 1150), (64, 287), HeldOut(share=0.2, seed=0))
    """
    if data.standardization is not None:
        raise InputError("a standardised dataset cannot be split again: split first, then standardise")
    if data.held_out is not None:
        raise InputError(f"a share of {data.held_out.share:g} is already held out: start from the whole dataset")
    if data.raw is not None:
        return _of_table(data, data.raw, HeldOut(float(VALIDATION.check(share)), SEED.check(seed)))
    (X, Y), m = data.train, data.train.X.shape[1]
    count = round(VALIDATION.check(share) * m)
    if not 0 < count < m:
        raise InputError(f"validation={share!r}: is {count} of {m} examples; wanted some in both sets")
    train, validation = (stratified_split if data.stream is None else _sample_split)(strata(Y), count, seed)
    held_out = HeldOut(float(share), seed)
    called = None if data.called is None else (data.called[0][train], data.called[1])
    rest = replace(data, train=Part(X[:, train], Y[:, train]), held_out=held_out, called=called)
    if data.stream is not None:
        if data.called is None:
            raise InputError("a share of this stream cannot be held out: use its test set for validation")
        numbers = data.called[0]
        rest = replace(
            rest, stream=data.stream.without(numbers[validation] - 1), called=(numbers[train], data.called[1])
        )
    return rest, Part(X[:, validation], Y[:, validation])


def _of_table(data: Dataset, raw: Raw, held_out: HeldOut) -> tuple[Dataset, Part]:
    """Hold out training rows of a table as the test rows were split; learn the preparation from the rest."""
    split = replace(raw.split, share=held_out.share, seed=held_out.seed)
    rest, validation = split_rows(raw.table.taken(raw.train), raw.target, split)
    left = replace(raw, train=raw.train[rest])
    _check_classes_left(raw, left)
    fields = dataset_fields(left)
    preparation = fields["preparation"]()
    notices = notices_of(left, data.notices, preparation.encoders)
    data = replace(data, held_out=held_out, notices=notices, **fields)
    return data, part_of(raw, raw.train[validation], preparation)


def _check_classes_left(whole: Raw, left: Raw) -> None:
    """Refuse to train without a class: in a split by time, the validation set may get all rows of a class."""
    target = whole.table[whole.target]
    if is_classes(target) and whole.split.time is not None:
        codes, names = class_codes(target)
        lost = np.setdiff1d(codes[whole.train], codes[left.train])
        if lost.size:
            raise InputError(
                f"validation: the class {names[lost[0]]!r} of {whole.target!r} occurs only in the last rows by "
                f"{whole.split.time!r}, which would be held out: wanted some of them to train on; hold out a smaller "
                f"share, or none"
            )


def _sample_split(classes: NDArray[np.int64], n_test: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split a stream's sample like ``stratified_split``; a class's only example stays in the training set."""
    alone = np.bincount(classes)[classes] == 1
    several = np.flatnonzero(~alone)
    train, test = stratified_split(classes[several], n_test, seed)
    return np.concatenate([several[train], np.flatnonzero(alone)]), several[test]
