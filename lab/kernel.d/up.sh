# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `up`: namespaces, links, then all hosts at once. `exec` and `hosts`: what can be done with them. Part of lab/kernel.

up() {
    parse_up "$@"
    plan "$shape"
    check_hosts
    need_privilege
    need_tools
    ipv6=''
    [[ ! -d /proc/sys/net/ipv6 ]] || ipv6=1
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    trap 'locked sweep' EXIT
    locked make_namespaces
    make_links | ip -batch - || die 1 "cannot make the links"
    run_host_scripts
    trap - EXIT
}

need_tools() {
    local tool tools=(ip ethtool)
    ((!${#silent[@]} && !${#reject[@]} && !${#loss[@]} && !${#hidden[@]} && !${#per_packet[@]})) || tools+=(nft)
    for tool in "${tools[@]}"; do
        command -v "$tool" >/dev/null || die 1 "no program '$tool' (packages: iproute2 ethtool nftables)"
    done
}

make_namespaces() {
    local host
    sweep
    write_state >"$state"
    for host in "${hosts[@]}"; do
        mkdir -p "/etc/netns/$lab-$host"
        [[ ! -e /etc/hosts ]] || write_names >"/etc/netns/$lab-$host/hosts"
        [[ ! -e /etc/nsswitch.conf ]] || echo "hosts: files" >"/etc/netns/$lab-$host/nsswitch.conf"
    done
    printf "netns add $lab-%s\n" "${hosts[@]}" | ip -batch - || die 1 "cannot make namespaces"
}

# What the other commands must know of a lab that is up.
write_state() {
    local host
    for host in "${hosts[@]}"; do
        echo "host $host ${addr4[$host]} ${addr6[$host]} ${prev[$host]--} $(wc -w <<<"${nexts[$host]-}")"
    done
    for host in "${!reject[@]}"; do
        echo "reject $host"
    done
    for host in "${!per_packet[@]}"; do
        echo "per-packet $host"
    done
}

write_names() {
    local name
    echo "127.0.0.1 localhost"
    for name in "${hosts[@]}"; do
        echo "${addr4[$name]} $name.example $name"
        echo "${addr6[$name]} $name.example $name"
    done
}

# No two interfaces have the same index: where a veth and its peer, in different namespaces, have the same,
# the kernel does not see that they belong together, and takes up to a second to notice that both are up.
make_links() {
    local host peer index=1
    for host in "${hosts[@]}"; do
        for peer in ${nexts[$host]-}; do
            echo "link add to-$peer index $((++index)) address ${mac[$host]} netns $lab-$host type veth" \
                "peer name to-$host index $((++index)) address ${mac[$peer]} netns $lab-$peer"
        done
    done
}

# All at once: each waits until its neighbours are up.
run_host_scripts() {
    local host job jobs=() failed=''
    for host in "${hosts[@]}"; do
        host_script "$host" | nsenter --net="/run/netns/$lab-$host" sh -e &
        jobs+=($!)
    done
    for job in "${jobs[@]}"; do
        wait "$job" || failed=1
    done
    [[ -z $failed ]] || die 1 "cannot set up the hosts of lab '$lab'"
}

need_up() { [[ -e $state ]] || die 1 "lab '$lab' is not up"; }

exec_in() {
    (($# > 1)) || die 2 "exec needs HOST and COMMAND"
    need_privilege
    need_up
    [[ $1 =~ ^$HOST_PATTERN$ && -e /run/netns/$lab-$1 ]] || die 2 "no host '$1' in lab '$lab'"
    export TRACEFLOW_LAB=$lab
    if awk '$5 == "/" { found = 1 } END { exit !found }' /proc/self/mountinfo; then
        exec ip netns exec "$lab-$1" env -- "${@:2}"
    fi
    # A plain chroot: nothing can be mounted over /etc there, so names do not resolve.
    exec nsenter --net="/run/netns/$lab-$1" env -- "${@:2}"
}

list_hosts() {
    local column=3
    if [[ ${1-} == -6 ]]; then
        column=4
        shift
    fi
    (($# == 0)) || die 2 "unexpected argument '$1'"
    need_up
    awk -v column=$column '$1 == "host" { print $2, $column }' "$state"
}
