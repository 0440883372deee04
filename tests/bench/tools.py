# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs that benches measure with, built where all of them are: optimised, in build-bench."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build-bench"


def build(name):
    """The path of a program, built; a RuntimeError with the end of what the compiler said."""
    for command in (["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                     "-DTF_DISSECTOR=OFF"], ["cmake", "--build", BUILD, "--target", name]):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError((done.stderr or done.stdout).strip()[-400:])
    return BUILD / "bin" / name
