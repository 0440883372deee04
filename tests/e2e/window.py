# SPDX-License-Identifier: GPL-2.0-or-later
"""What tshark and sharkd, which is the window without a window, show of one capture, in one form."""

import xml.etree.ElementTree as xml


# --- rows of the packet list, with a column for each of our fields -------------------------------

def rows_of_tshark(tshark, capture, names, *options):
    """{frame number: [text of each column]}"""
    layout = ",".join(['"No.","%m"', *(f'"{name}","%Cus:{name}:0:R"' for name in names)])
    printed = tshark("-r", capture, *options, "-T", "tabs", "-o", f"gui.column.format:{layout}")
    rows = [[cell.strip() for cell in line.split("\t")] for line in printed.splitlines()]
    assert all(len(row) == len(names) + 1 for row in rows)
    return {int(number): cells for number, *cells in rows}


# sharkd takes no more columns than that at a time, and is silent about the others.
SHARKD_COLUMNS = 32


def list_requests(names):
    """What to ask for the whole packet list; rows_of_sharkd() joins the replies."""
    for first in range(0, len(names), SHARKD_COLUMNS):
        some = names[first:first + SHARKD_COLUMNS]
        yield {"method": "frames", "params": {f"column{i}": f"{name}:0" for i, name in enumerate(some)}}


def rows_of_sharkd(replies):
    rows = {}
    for reply in replies:
        for row in reply["result"]:
            rows.setdefault(row["num"], []).extend(row["c"])
    return rows


# --- packet details: the labels of all that is ours, in their order ------------------------------

# A field without a value: sharkd selects the frame's bytes by it.
OF_BYTES = "traceflow.returned_payload"


def labels_of_tshark(tshark, capture, numbers):
    """{frame number: [label]}"""
    frames = ",".join(map(str, numbers))
    printed = tshark("-2", "-r", capture, "-Y", f"frame.number in {{{frames}}}", "-T", "pdml")
    packets = xml.fromstring(printed).findall("packet")
    return {number: [node.get("showname") for node in packet.iter()
                     if is_ours(node.get("name")) and node.get("name") != OF_BYTES]
            for number, packet in zip(numbers, packets, strict=True)}


def labels_of_sharkd(reply):
    found = []

    def walk(nodes):
        for node in nodes:
            if is_ours(node.get("f")):
                found.append(node["l"])
            walk(node.get("n", []))

    walk(reply["result"]["tree"])
    return found


def is_ours(filter_or_name):
    """A display filter that selects a node of the details, or the name of its field."""
    return (filter_or_name or "").split(" ")[0].split(".")[0] == "traceflow"


# --- statistics ----------------------------------------------------------------------------------

def table_of_tshark(printed):
    """The cells of a table that `-z traceflow,hops` prints."""
    lines = [line for line in printed.splitlines() if "|" in line]
    return [without_end([cell.strip() for cell in line.split("|")[:-1]]) for line in lines[1:]]


def without_end(cells):
    """Without the empty cells at the end, which tshark does not print."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def table_of_sharkd(reply):
    """The same; numbers as the table's own formats print them."""
    tap, = (tap for tap in reply["result"]["taps"] if tap["type"] == "nstat")
    return [without_end([as_text(field["c"], value) for field, value in zip(tap["fields"], row, strict=True)])
            for table in tap["tables"] for row in table["i"]]


def as_text(title, value):
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.1f}" if title.endswith("%") else f"{value:.3f}"
    return str(value)
