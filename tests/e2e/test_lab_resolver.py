# SPDX-License-Identifier: GPL-2.0-or-later
"""traceflow-lab: names, asked over UDP and TCP, by clients good and bad."""

import json
import resource
import shutil
import sys

import pytest

from simulated import lab, traceflow_lab  # noqa: F401 (fixtures)

DST = "198.51.100.1"
ADDRESSES = [f"10.1.0.{i}" for i in range(1, 65)]
MANY = f"""[network]
[router r]
address = 10.0.0.1
next = many
[host many]
address = {" ".join(ADDRESSES)}
name = many.example
"""

# What every client starts with; a query for the IPv4 addresses of dst.example.
CLIENT = """
import json, select, socket, struct, sys, time

def query(number=1, name="dst.example", kind=1):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, kind, 1)

def framed(message):
    return struct.pack("!H", len(message)) + message

def connect():
    s = socket.create_connection(("127.0.0.1", 53), 30)
    return s

def take(s, count):
    got = b""
    while len(got) < count:
        more = s.recv(count - len(got))
        if not more:
            return None
        got += more
    return got

def answer(s):
    length = take(s, 2)
    return None if length is None else take(s, struct.unpack("!H", length)[0])

def number_of(message):
    return None if message is None else struct.unpack("!H", message[:2])[0]

def is_dropped(s):
    try:
        return s.recv(1) == b""
    except ConnectionResetError:
        return True

def works():
    s = connect()
    s.sendall(framed(query(77)))
    return number_of(answer(s)) == 77

def show(value):
    print(json.dumps(value))
"""


def client(run, script, topology="diamond"):
    """What a script that begins with CLIENT shows."""
    done = run(topology, sys.executable, "-c", CLIENT + script)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


TOOLS = [
    ("dig +tcp +short dst.example", DST),
    ("dig +tries=1 ANY dst.example", "status: NOERROR"),
    ("host -t ANY dst.example", "dst.example"),
    ("dig +tcp +short -x 198.51.100.1", "dst.example."),
]


@pytest.mark.parametrize("tool, words", TOOLS, ids=[tool for tool, _ in TOOLS])
def test_tools_that_ask_over_tcp(lab, tool, words):
    argv = tool.split()
    if shutil.which(argv[0]) is None:
        pytest.skip(f"no {argv[0]}")
    done = lab("diamond", *argv)
    assert done.returncode == 0 and words in done.stdout and "refused" not in done.stdout, done.stdout


def test_what_a_datagram_cannot_hold_comes_over_tcp(traceflow_lab):
    udp, tcp = client(traceflow_lab.run, """
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.sendto(query(5, "many.example"), ("127.0.0.1", 53))
u.settimeout(5)
s = connect()
s.sendall(framed(query(5, "many.example")))
show([u.recv(65535).hex(), answer(s).hex()])
""", MANY)
    udp, tcp = bytes.fromhex(udp), bytes.fromhex(tcp)
    assert udp[2] & 2 and len(udp) <= 512
    assert not tcp[2] & 2 and tcp[6:8] == bytes([0, len(ADDRESSES)])
    assert all(bytes(map(int, address.split("."))) in tcp for address in ADDRESSES)


def test_the_resolver_of_libc_tries_again_over_tcp(traceflow_lab):
    out = traceflow_lab.output(MANY, "getent", "ahostsv4", "many.example")
    assert {line.split()[0] for line in out.splitlines()} == set(ADDRESSES)


SEVERAL = {
    "one after the other": "for i in range(300): s.sendall(framed(query(i))); numbers.append(number_of(answer(s)))",
    "at once": """
s.sendall(b"".join(framed(query(i)) for i in range(300)))
numbers = [number_of(answer(s)) for i in range(300)]""",
    "and no more": """
s.sendall(b"".join(framed(query(i)) for i in range(300)))
s.shutdown(socket.SHUT_WR)
numbers = [number_of(answer(s)) for i in range(300)]
assert is_dropped(s)""",
    "byte by byte": """
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for i in range(300):
    for byte in framed(query(i)) if i < 3 else [framed(query(i))]:
        s.sendall(bytes([byte]) if i < 3 else byte)
        time.sleep(0.005 if i < 3 else 0)
    numbers.append(number_of(answer(s)))""",
}


@pytest.mark.parametrize("how", SEVERAL)
def test_several_queries_on_a_connection(traceflow_lab, how):
    assert client(traceflow_lab.run, f"s = connect(); numbers = []\n{SEVERAL[how]}\nshow(numbers)") == list(range(300))


def test_a_client_may_read_late(traceflow_lab):
    """More answers than the kernel holds: meanwhile the lab sleeps."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert client(traceflow_lab.run, """
s = connect()
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
s.sendall(b"".join(framed(query(i, "many.example")) for i in range(8000)))
time.sleep(2)
show([number_of(answer(s)) for i in range(8000)] == list(range(8000)))
""", MANY)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.5


BAD = {
    "oversized": "struct.pack('!H', 1233)",
    "of the largest size": "b'\\xff\\xff'",
    "empty": "b'\\0\\0'",
    "shorter than a header": "framed(bytes(11))",
    "an answer": "framed(b'\\0\\1\\x80' + bytes(9))",
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_query_is_dropped_at_once(traceflow_lab, what):
    dropped, waited, still_works = client(traceflow_lab.run, f"""
s = connect()
begin = time.monotonic()
s.sendall({BAD[what]})
dropped = is_dropped(s)
show([dropped, time.monotonic() - begin, works()])
""")
    assert dropped and waited < 2 and still_works        # the slow have longer


SLOW = {
    "silent": "pass",
    "half a length": "s.sendall(b'\\0')",
    "half a query": "s.sendall(framed(query())[:-1])",
    "silent after a query": "s.sendall(framed(query())); assert answer(s)",
}


@pytest.mark.parametrize("how", SLOW)
def test_the_slow_are_dropped_in_a_few_seconds(traceflow_lab, how):
    assert client(traceflow_lab.run, f"""
s = connect()
{SLOW[how]}
begin = time.monotonic()
dropped = is_dropped(s)
show(dropped and 2 < time.monotonic() - begin)
""")


def test_who_takes_no_answers_is_dropped(traceflow_lab):
    assert client(traceflow_lab.run, """
s = connect()
s.setblocking(False)
begin = time.monotonic()
while time.monotonic() - begin < 30:
    try:
        s.send(framed(query()) * 100)
    except BlockingIOError:
        time.sleep(0.01)
    except (ConnectionResetError, BrokenPipeError):
        break
show(2 < time.monotonic() - begin < 30 and works())
""")


def test_silent_clients_neither_stop_nor_spin_the_lab(traceflow_lab):
    """As many as there is room for, and as many again: datagrams and packets go on, TCP when they are dropped."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    shown = client(traceflow_lab.run, """
silent = [connect() for i in range(12)]
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.settimeout(10)
u.sendto(query(9), ("127.0.0.1", 53))
datagram = number_of(u.recv(512))
p = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
p.settimeout(10)
p.sendto(bytes([8, 0, 0, 0, 0, 0, 0, 1]), ("198.51.100.1", 0))
echo = len(p.recv(100))
show([datagram, echo, works()])
""")
    assert shown == [9, 8, True]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.8
