# SPDX-License-Identifier: GPL-2.0-or-later
"""traceflow-lab: how it ends, and what it leaves: nothing."""

import os
import pty
import re
import select
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

from simulated import lab, ready, traceflow_lab  # noqa: F401 (fixtures)
from wire import wait_until


def processes_with(marker):
    """IDs of all processes that have MARKER=marker in their environment."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"MARKER={marker}\0".encode() in environment.read_bytes():
                found.append(int(environment.parent.name))
        except OSError:
            pass
    return found


def gone(marker, within_s=30.0):
    """Whether no process with the marker is left, in the end."""
    end = time.monotonic() + within_s
    while processes_with(marker):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def namespaces_in_use():
    found = set()
    for link in Path("/proc").glob("[0-9]*/ns/net"):
        try:
            found.add(os.readlink(link))
        except OSError:
            pass
    return found


# ---- exit status


STATUSES = [
    (["true"], 0),
    (["sh", "-c", "exit 7"], 7),
    (["sh", "-c", "exit 255"], 255),
    (["sh", "-c", "kill -TERM $$"], 128 + 15),
    (["sh", "-c", "kill -KILL $$"], 128 + 9),
    (["/nonexistent/program"], 127),
    (["no-such-program-anywhere"], 127),
    (["/etc/passwd"], 126),
    (["/etc"], 126),
    (["sh", "-c", "kill -KILL $PPID 1; exit 3"], 3),  # process 1 is not theirs to kill
]


@pytest.mark.parametrize("command, status", STATUSES, ids=[" ".join(command) for command, _ in STATUSES])
def test_exit_status_is_the_commands(lab, command, status):
    done = lab("diamond", *command)
    assert done.returncode == status
    assert len(done.stderr.splitlines()) == (1 if status in (126, 127) else 0), done.stderr


def test_an_inherited_disposition_of_sigchld_hides_no_status(traceflow_lab):
    def ignore():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    user = os.geteuid() != 0
    assert traceflow_lab.run("diamond", "sh", "-c", "exit 7", user=user, preexec_fn=ignore).returncode == 7


def test_the_default_command_is_the_users_shell(lab, traceflow_lab):
    done = lab("diamond", env={"SHELL": "/bin/sh"}, input="echo $0; exit 9\n")
    assert (done.returncode, done.stdout) == (9, "/bin/sh\n")


# ---- signals and terminals


def test_what_the_command_leaves_behind_ends_with_it(lab):
    marker = f"left-{os.getpid()}"
    done = lab("diamond", "sh", "-c", "sleep 1000 & setsid sleep 1000 & exit 5", env={"MARKER": marker},
               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert done.returncode == 5
    assert gone(marker)


def test_nothing_is_left_after_sigkill(lab):
    marker = f"killed-{os.getpid()}"
    script = "sleep 1000 & setsid sleep 1000 & readlink /proc/self/ns/net; wait"
    running = lab.start("diamond", "sh", "-c", script, env={"MARKER": marker})
    namespace = ready(running)
    assert namespace in namespaces_in_use()
    wait_until(lambda: len(processes_with(marker)) >= 5)  # who is within execve has no environment
    running.kill()
    running.wait(60)
    assert gone(marker)
    wait_until(lambda: namespace not in namespaces_in_use())  # which whoever ends leaves after its memory
    running.communicate(timeout=60)  # the pipes are closed: nobody holds them


CATCH = "trap 'echo caught; exit' %s; echo ready; sleep 1000 & wait"  # which a trap interrupts
ENDINGS = {  # the command, the signal to the lab, what the command says to it
    "term": (CATCH % "TERM", signal.SIGTERM, "caught"),
    "hup": (CATCH % "HUP", signal.SIGHUP, "caught"),
    "not caught": ("echo ready; exec sleep 1000", signal.SIGTERM, ""),
    "stubborn": ("trap '' TERM; echo ready; while :; do sleep 1; done", signal.SIGTERM, ""),
    "stopped": ("trap 'echo caught; exit' TERM; echo ready; kill -STOP $$", signal.SIGTERM, "caught"),
}


def state_of(process):
    """As ps shows it; None if there is no such process."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return None


def name_of(process):
    """The name of its program; None if there is no such process."""
    try:
        return Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        return None


def end_of(program, marker):
    """Ask the first process of a program that has the marker to end; whether there is one."""
    found = [process for process in sorted(processes_with(marker)) if name_of(process) == program]
    if found:
        os.kill(found[0], signal.SIGTERM)
    return bool(found)


@pytest.mark.parametrize("script, number, says", ENDINGS.values(), ids=ENDINGS)
def test_a_signal_to_the_lab_ends_all(lab, script, number, says):
    """In a session of its own: below a shell with jobs, the lab would stop with its command."""
    marker = f"ended-{os.getpid()}"
    running = lab.start("diamond", "sh", "-c", script, env={"MARKER": marker}, start_new_session=True)
    ready(running)
    if "STOP" in script:
        wait_until(lambda: "T" in map(state_of, processes_with(marker)))
    running.send_signal(number)
    assert running.wait(60) == 128 + number
    assert running.stdout.read().strip() == says
    assert gone(marker)


def test_a_lab_without_a_terminal_does_not_stop_with_its_command(traceflow_lab):
    """A job of a script: whoever asks it to end has not to continue it first."""
    marker = f"no-terminal-{os.getpid()}"
    argv = traceflow_lab.argv("diamond", "sh", "-c", "echo ready; kill -STOP $$")
    script = subprocess.Popen(["bash", "-c", f"set -m; {shlex.join(argv)} & wait $!"], env={**os.environ, "MARKER": marker},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    ready(script)
    wait_until(lambda: "T" in map(state_of, processes_with(marker)))
    time.sleep(0.5)  # so long, what would stop could do so
    assert end_of("traceflow-lab", marker)
    assert gone(marker)
    script.communicate(timeout=60)


def test_signals_that_are_ignored_stay_so(traceflow_lab):
    """As nohup has it."""
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    user = os.geteuid() != 0
    running = traceflow_lab.start("diamond", "sh", "-c", "echo ready; sleep 1.5; echo survived", user=user,
                                  preexec_fn=ignore)
    ready(running)
    running.send_signal(signal.SIGHUP)
    assert running.communicate(timeout=60)[0] == "survived\n" and running.returncode == 0


def test_the_lab_itself_has_no_privilege_while_it_serves(lab):
    running = lab.start("diamond", "sh", "-c", "getent hosts dst.example && exec sleep 60")
    assert "dst.example" in ready(running)  # so it does serve
    status = Path(f"/proc/{running.pid}/status").read_text()
    running.terminate()
    running.communicate(timeout=60)
    assert set(re.findall(r"Cap(?:Inh|Prm|Eff|Amb):\s*(\w+)", status)) == {"0" * 16}


def states_of_group(group):
    """The state of each process of a group, as ps shows it."""
    states = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group:
            states.append(state)
    return states


class Terminal:
    """A program, an interactive shell if no other is given, on a terminal of its own."""

    def __init__(self, argv=("bash", "--norc", "-i")):
        self.shell, self.master = pty.fork()
        if self.shell == 0:
            os.execvpe(argv[0], argv, {**os.environ, "PS1": "$ ", "TERM": "dumb"})
        self.seen = ""

    def type(self, text):
        os.write(self.master, text.encode())

    def foreground(self):
        """What has the terminal: the name of the process that leads its group, if all of it runs."""
        group = os.tcgetpgrp(self.master)
        if "T" in states_of_group(group):
            return "a stopped group"
        return name_of(group)

    def wait_for(self, program, within_s=30):
        """Until a program has the terminal, and runs: before, keys go to who started it, and a
        Ctrl-Z would be forgotten when it is continued."""
        end = time.monotonic() + within_s
        while self.foreground() != program:
            assert time.monotonic() < end, f"{self.foreground()} has the terminal, not {program}, after {self.unread()!r}"
            time.sleep(0.02)

    def unread(self):
        """What was printed since the last text that was expected."""
        while select.select([self.master], [], [], 0)[0]:
            self.seen += os.read(self.master, 4096).decode()
        return self.seen

    def expect(self, text, within_s=30):
        """Read until a text comes, and return all before it."""
        end = time.monotonic() + within_s
        while text not in self.seen:
            left = end - time.monotonic()
            assert left > 0 and select.select([self.master], [], [], left)[0], f"no {text!r} in {self.seen!r}"
            self.seen += os.read(self.master, 4096).decode()
        before, _, self.seen = self.seen.partition(text)
        return before

    def close(self):
        os.close(self.master)
        os.waitpid(self.shell, 0)


@pytest.fixture
def terminal():
    one = Terminal()
    yield one
    one.close()


def test_an_interactive_shell_has_its_jobs(terminal, traceflow_lab):
    argv = traceflow_lab.argv("diamond", "bash", "--norc", "-i")
    script = f"{shlex.join(argv)}; echo status-$?; read line; echo got-$line"
    terminal.type(f"stty -echo; PS1='in''side> ' sh -c {shlex.quote(script)}\n")
    complaints = terminal.expect("inside> ")
    assert "job control" not in complaints and "traceflow-lab:" not in complaints
    terminal.type("echo star''ted; sleep 1000\n")
    terminal.expect("started")
    terminal.wait_for("sleep")
    terminal.type("\x03")  # Ctrl-C ends the program, not the lab
    terminal.expect("inside> ")
    terminal.type("echo star''ted; sleep 1000\n")
    terminal.expect("started")
    terminal.wait_for("sleep")
    terminal.type("\x1a")  # Ctrl-Z
    terminal.expect("Stopped")
    terminal.expect("inside> ")
    terminal.type("fg\n")
    terminal.wait_for("sleep")
    terminal.type("\x03")
    terminal.expect("inside> ")
    terminal.type("exit 6\n")
    terminal.expect("status-6")
    terminal.type("words\n")
    terminal.expect("got-words")  # sh, which takes no terminal by itself, has it back
    terminal.type("exit\n")


@pytest.mark.parametrize("continued", ["fg", "bg; sleep 0.5; fg"])
def test_a_shell_that_suspends_itself_is_a_stopped_job(terminal, traceflow_lab, continued):
    argv = traceflow_lab.argv("diamond", "bash", "--norc", "-i")
    terminal.type(f"stty -echo; PS1='in''side> ' {shlex.join(argv)}\n")
    terminal.expect("inside> ")
    for _ in range(3):
        terminal.type("suspend\n")
        terminal.expect("Stopped")
        terminal.type("echo out''side\n")
        terminal.expect("outside")
        terminal.type(f"{continued}\n")
        time.sleep(0.7)
        terminal.type("echo $TRACEFLOW_TOPOLOGY; getent hosts 198.51.100.1; sleep 1000\n")
        terminal.expect("diamond.topo")
        terminal.expect("dst.example")
        terminal.wait_for("sleep")
        terminal.type("\x1a")  # job control within is as before
        terminal.expect("Stopped")
        terminal.expect("inside> ")
        terminal.type("fg\n")
        terminal.wait_for("sleep")
        terminal.type("\x03")
        terminal.expect("inside> ")
    terminal.type("exit 6\n")
    terminal.expect("$ ")
    terminal.type("echo status-$?\n")
    terminal.expect("status-6")
    terminal.type("exit\n")


def test_a_shell_does_not_suspend_itself_where_nobody_could_continue_it(traceflow_lab):
    terminal = Terminal(traceflow_lab.argv("diamond", "bash", "--norc", "-i"))
    terminal.expect("$ ")
    terminal.type("suspend\n")
    terminal.expect("$ ")
    terminal.type("echo al''ive; exit\n")
    terminal.expect("alive")
    terminal.close()


def test_ctrl_z_stops_a_plain_command(terminal, traceflow_lab):
    argv = traceflow_lab.argv("diamond", "sh", "-c", "echo star''ted; read line; echo got-$line")
    terminal.type(f"stty -echo; {shlex.join(argv)}\n")
    terminal.expect("started")
    for _ in range(3):
        terminal.wait_for("traceflow-lab")
        terminal.type("\x1a")
        terminal.expect("Stopped")
        terminal.expect("$ ")
        terminal.type("fg\n")
    terminal.wait_for("traceflow-lab")
    terminal.type("words\n")
    terminal.expect("got-words")
    terminal.type("exit\n")


SETS_THE_TERMINAL_RIGHT = """
import os, signal, time

def stop(*_):
    time.sleep(0.5)
    print("right", "again", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)

signal.signal(signal.SIGTSTP, stop)
print("star" "ted", flush=True)
while True:
    signal.pause()
"""


def test_ctrl_z_waits_for_a_command_that_sets_the_terminal_right(terminal, traceflow_lab):
    argv = traceflow_lab.argv("diamond", "/usr/bin/python3", "-c", SETS_THE_TERMINAL_RIGHT)
    terminal.type(f"stty -echo; {shlex.join(argv)}\n")
    terminal.expect("started")
    for _ in range(2):
        terminal.wait_for("traceflow-lab")
        terminal.type("\x1a")
        assert "Stopped" not in terminal.expect("right again")
        terminal.expect("Stopped")
        terminal.expect("$ ")
        terminal.type("fg\n")
    terminal.wait_for("traceflow-lab")
    terminal.type("\x03")
    terminal.expect("$ ")
    terminal.type("exit\n")


def test_ctrl_z_is_left_to_a_command_that_has_a_use_for_it(terminal, traceflow_lab):
    script = "trap 'echo no''ted' TSTP; echo star''ted; until read line; do :; done; echo got-$line"
    terminal.type(f"stty -echo; {shlex.join(traceflow_lab.argv('diamond', 'sh', '-c', script))}\n")
    terminal.expect("started")
    terminal.type("\x1a")
    terminal.expect("noted")
    terminal.type("words\n")
    assert "Stopped" not in terminal.expect("got-words")
    assert "Stopped" not in terminal.expect("$ ")
    terminal.type("exit\n")


def test_a_lab_in_the_background_leaves_the_terminal_to_its_owner(terminal, traceflow_lab):
    marker = f"background-{os.getpid()}"
    # exec: a shell whose child is stopped between vfork and exec can't be stopped itself.
    command = ["sh", "-c", "echo star''ted; exec sleep 1000"]
    argv = ["env", f"MARKER={marker}", *traceflow_lab.argv("diamond", *command)]
    terminal.type(f"stty -echo; {shlex.join(argv)}\n")
    terminal.expect("started")
    terminal.type("\x1a")
    terminal.expect("Stopped")
    terminal.type("bg; echo still-$((40 + 2))\n")
    terminal.expect("still-42")
    wait_until(lambda: end_of("sleep", marker))
    assert gone(marker)  # while the shell waits for a line
    terminal.type("echo here-$((40 + 3))\n")
    terminal.expect("here-43")  # its terminal was not taken from it
    terminal.type("exit\n")


def test_ctrl_c_ends_a_plain_command(terminal, traceflow_lab):
    argv = traceflow_lab.argv("diamond", "sh", "-c", "echo star''ted; exec sleep 1000")
    terminal.type(f"stty -echo; {shlex.join(argv)}; echo status-$?\n")
    terminal.expect("started")
    terminal.type("\x03")
    terminal.type("echo status-$?\n")
    terminal.expect("status-130")
    terminal.type("exit\n")
