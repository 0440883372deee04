# SPDX-License-Identifier: GPL-2.0-or-later
"""A plugin of pytest's: of all tests, those that start a program of Wireshark's."""


def pytest_collection_modifyitems(config, items):
    wanted = [item for item in items if "as_nobody" in item.fixturenames]
    config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
    items[:] = wanted
