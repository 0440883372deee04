# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `down`: end what was started, remove what was made; also what a crash left. Part of lab/kernel.

down() {
    (($# == 0)) || die 2 "unexpected argument '$1'"
    need_privilege
    locked sweep
}

# One lab at a time makes or removes its namespaces and folders: several "ip netns" at once get into each
# other's way. (The lock is not on /run/netns, which "ip netns add" itself locks.)
locked() {
    exec 9</run                         # also lets go of a lock that we still hold
    flock 9
    "$@"
    exec 9<&-
}

# Entries in a folder that are hosts of this lab, and of no other whose name begins alike.
lab_entries() {
    local entry
    for entry in "$1/$lab"-*; do
        [[ ! ${entry#"$1/$lab-"} =~ ^$HOST_PATTERN$ ]] || echo "$entry"
    done
}

sweep() {
    local namespaces folders
    mapfile -t namespaces < <(lab_entries /run/netns)
    mapfile -t folders < <(lab_entries /etc/netns)
    if ((${#namespaces[@]})); then
        end_processes "${namespaces[@]}"
        printf 'netns delete %s\n' "${namespaces[@]##*/}" | ip -force -batch -
    fi
    ((!${#folders[@]})) || rm -rf "${folders[@]}"
    rmdir /etc/netns 2>/dev/null || :
    rm -f "$state"
}

# What "exec" started, known by its environment, and only while it is in one of our namespaces.
end_processes() {
    local pids pid signal
    for signal in TERM KILL; do
        mapfile -t pids < <(lab_processes "$@")
        ((${#pids[@]})) || return 0
        for pid in "${pids[@]}"; do
            kill -s "$signal" "$pid" 2>/dev/null || :
        done
        wait_for_end "${pids[@]}"
    done
}

lab_processes() {
    local ours file pid
    ours=" $(stat -Lc %i "$@" | tr '\n' ' ')"
    grep -lsz "^TRACEFLOW_LAB=$lab\$" /proc/[0-9]*/environ | while read -r file; do
        pid=${file//[!0-9]/}
        if [[ $pid != "$$" && $ours == *" $(stat -Lc %i "/proc/$pid/ns/net" 2>/dev/null) "* ]]; then
            echo "$pid"
        fi
    done
}

wait_for_end() {
    local tries pid alive
    for ((tries = 0; tries < 100; tries++)); do
        alive=''
        for pid in "$@"; do
            ! grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" || alive=1
        done
        [[ -n $alive ]] || return 0
        sleep 0.01
    done
}
