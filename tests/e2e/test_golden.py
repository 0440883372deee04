# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin says of every sample capture what was once read and found right: tests/e2e/golden/, made by its `make`."""

import os

import pytest

import golden

CASES = [(capture, kind) for capture in golden.CAPTURES for kind in golden.TEXTS]


@pytest.mark.parametrize("capture, kind", CASES, ids=[f"{capture.stem}.{kind}" for capture, kind in CASES])
def test_it_says_what_it_said(tshark, capture, kind):
    text = golden.TEXTS[kind](tshark, capture)
    path = golden.path_of(capture, kind)
    if os.environ.get("TF_GOLDEN") == "write":
        path.write_text(text)
        pytest.skip("written, not compared")
    assert text == path.read_text()


def test_every_text_has_its_capture():
    """None is left over, and none is missing."""
    kept = {path.name for path in golden.FOLDER.iterdir()} - {"make"}
    assert kept == {golden.path_of(*case).name for case in CASES}
    assert len(golden.CAPTURES) >= 18
