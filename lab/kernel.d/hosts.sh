# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is run inside each host to make it what it is: settings, addresses, routes, packet rules. Part of lab/kernel.

# A sysctl that this kernel lacks is passed over.
host_sysctls() {
    local host=$1
    cat <<'END'
put() { [ ! -e "$1" ] || echo "$2" >"$1"; }
for conf in /proc/sys/net/ipv4/conf/*; do
    put $conf/rp_filter 0
    put $conf/send_redirects 0
done
for conf in /proc/sys/net/ipv6/conf/*; do
    put $conf/disable_ipv6 0
    put $conf/accept_ra 0
    put $conf/accept_dad 0
    put $conf/addr_gen_mode 1
done
END
    [[ -n $rate_limit ]] || cat <<'END'
put /proc/sys/net/ipv4/icmp_ratelimit 0
put /proc/sys/net/ipv4/icmp_msgs_per_sec 1000000
put /proc/sys/net/ipv6/icmp/ratelimit 0
# Before Linux 6.13 icmp_msgs_per_sec belongs to the whole machine; an empty mask passes it by.
put /proc/sys/net/ipv4/icmp_ratemask 0
put /proc/sys/net/ipv6/icmp/ratemask ''
END
    if is_router "$host"; then
        router_sysctls "$host"
    fi
}

router_sysctls() {
    local host=$1 fields seed
    fields=$(hash_fields "$host")
    seed=$(hash_seed "$host")
    cat <<END
put /proc/sys/net/ipv4/ip_forward 1
put /proc/sys/net/ipv6/conf/all/forwarding 1
put /proc/sys/net/ipv4/fib_multipath_hash_policy 3
put /proc/sys/net/ipv6/fib_multipath_hash_policy 3
put /proc/sys/net/ipv4/fib_multipath_hash_fields $fields
put /proc/sys/net/ipv6/fib_multipath_hash_fields $fields
[ $seed = 0 ] || put $SEED_FILE $seed
END
}

has_seed() { [[ -e $SEED_FILE && -z ${TRACEFLOW_LAB_SEEDLESS-} ]]; }

# A different seed for each router, the same in every run; 0 leaves the kernel's own, one for all routers.
hash_seed() {
    local index
    if ! has_seed; then
        echo 0
    elif [[ -n $same_seed ]]; then
        echo 1
    else
        for index in "${!hosts[@]}"; do
            [[ ${hosts[index]} != "$1" ]] || echo $((index * 2654435761 % 4294967296))
        done
    fi
}

# 0x37 = source and destination address, protocol, source and destination port.
#
# Without a seed all routers share one secret SipHash key, but the fields that are left out are hashed as
# zeros. So two sets of fields give two unrelated numbers for one packet, although the source port is all
# that varies between flows: each stage has a set of its own, and every set keeps the source port (0x10).
# There are 16 such sets; stage 17 hashes as stage 1 does.
hash_fields() {
    local sets=(0x37 0x36 0x35 0x33 0x17 0x34 0x32 0x31 0x16 0x15 0x13 0x30 0x14 0x12 0x11 0x10)
    local stage=0
    if ! has_seed && [[ -z $same_seed && $1 == m* ]]; then
        stage=${1#m}
    fi
    echo $((sets[stage % 16]))
}

host_ip_batch() {
    local host=$1 peer
    echo "link set lo up"
    for peer in ${peers[$host]}; do
        echo "link set to-$peer up"
    done
    host_addresses "$host"
    for peer in ${peers[$host]}; do
        echo "neigh add ${addr4[$peer]} lladdr ${mac[$peer]} dev to-$peer nud permanent"
        [[ -z $ipv6 ]] || echo "neigh add ${addr6[$peer]} lladdr ${mac[$peer]} dev to-$peer nud permanent"
    done
    host_routes "$host" 4 "${addr4[$host]}" $DST4/32
    [[ -z $ipv6 ]] || host_routes "$host" 6 "${addr6[$host]}" $DST6/128
    if [[ -n ${per_packet[$host]-} ]]; then
        per_packet_routes "$host"
    fi
}

# A router's address belongs to no link: whatever it says, it says as this one address.
host_addresses() {
    local host=$1 device=lo
    is_router "$host" || device=to${peers[$host]/ /-}
    echo "addr add ${addr4[$host]}/32 dev $device"
    [[ -z $ipv6 ]] || echo "addr add ${addr6[$host]}/128 dev $device nodad"
}

via() {
    local family=$1 host=$2
    if ((family == 4)); then
        echo "via ${addr4[$host]} dev to-$host onlink"
    else
        echo "via ${addr6[$host]} dev to-$host onlink"
    fi
}

host_routes() {
    local host=$1 family=$2 source=$3 dst=$4 peer nexthops='' default=0.0.0.0/0
    ((family == 4)) || default=::/0
    for peer in ${nexts[$host]-}; do
        nexthops+=" nexthop $(via "$family" "$peer")"
    done
    case $host in
    src) echo "route add $default $(via "$family" r0) src $source" ;;
    dst) echo "route add $default $(via "$family" "${prev[dst]}") src $source" ;;
    *)
        echo "route add $default $(via "$family" "${prev[$host]}") src $source"
        echo "route add $dst src $source$nexthops"
        ;;
    esac
}

# The packets carry marks 1, 2, … in turn (host_nft); each mark has a routing table with one branch.
per_packet_routes() {
    local host=$1 peer table=0
    for peer in ${nexts[$host]}; do
        table=$((table + 1))
        echo "route add $DST4/32 $(via 4 "$peer") src ${addr4[$host]} table $table"
        [[ -n $ipv6 ]] || continue
        echo "route add $DST6/128 $(via 6 "$peer") src ${addr6[$host]} table $table"
    done
}

# Not in the batch: there "rule add" is always about IPv4.
per_packet_rules() {
    local table family families=(4)
    [[ -z $ipv6 ]] || families+=(6)
    for family in "${families[@]}"; do
        for ((table = 1; table <= $(wc -w <<<"${nexts[$1]}"); table++)); do
            echo "ip -$family rule add fwmark $table lookup $table"
        done
    done
}

# ICMPv6 has no word for some of the codes: the nearest is used.
reject_code6() {
    case $1 in
    net-unreachable) echo no-route ;;
    host-unreachable) echo addr-unreachable ;;
    prot-unreachable | port-unreachable) echo port-unreachable ;;
    net-prohibited | host-prohibited | admin-prohibited) echo admin-prohibited ;;
    esac
}

host_nft() {
    local host=$1
    nft_in "$host" | in_chain in prerouting
    [[ -z ${silent[$host]-} ]] || in_chain out output <<'END'
icmp type { destination-unreachable, time-exceeded, parameter-problem } drop
icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } drop
END
}

in_chain() {
    local chain=$1 hook=$2 rules=()
    mapfile -t rules
    ((${#rules[@]})) || return 0
    echo "add table inet lab"
    echo "add chain inet lab $chain { type filter hook $hook priority mangle; }"
    printf "add rule inet lab $chain %s\n" "${rules[@]}"
}

# Rejecting on the way in, not in forward, makes the router refuse at its own TTL: the path ends there.
nft_in() {
    local host=$1
    [[ -z ${loss[$host]-} ]] || echo "numgen random mod 100 < ${loss[$host]} drop"
    if [[ -n ${reject[$host]-} ]]; then
        echo "ip daddr $DST4 meta l4proto udp reject with icmp type ${reject[$host]}"
        echo "ip6 daddr $DST6 meta l4proto udp reject with icmpv6 type $(reject_code6 "${reject[$host]}")"
    fi
    if [[ -n ${per_packet[$host]-} ]]; then
        local branches
        branches=$(wc -w <<<"${nexts[$host]}")
        echo "ip daddr $DST4 meta mark set numgen inc mod $branches offset 1"
        echo "ip6 daddr $DST6 meta mark set numgen inc mod $branches offset 1"
    fi
    [[ -z ${hidden[$host]-} ]] || nft_hidden
}

# One rule per TTL, since nft 1.0.6 sets no TTL from a map.
nft_hidden() {
    local ttl
    for ((ttl = 1; ttl < 255; ttl++)); do
        echo "ip ttl $ttl ip ttl set $((ttl + 1)) accept"
        echo "ip6 hoplimit $ttl ip6 hoplimit set $((ttl + 1)) accept"
    done
}

# A veth forwards nothing until the kernel has seen that its peer is up too, somewhat after "link set up".
host_wait() {
    cat <<'END'
tries=0
while ip -o link show type veth 2>/dev/null | grep -qv ' state UP '; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { echo "links stay down" >&2; exit 1; }
    sleep 0.01
done
END
}

host_script() {
    local host=$1 peer nft_rules
    host_sysctls "$host"
    printf "ip -batch - <<'END'\n%s\nEND\n" "$(host_ip_batch "$host")"
    [[ -z ${per_packet[$host]-} ]] || per_packet_rules "$host"
    for peer in ${peers[$host]}; do
        echo "ethtool -K to-$peer tx off >/dev/null"
    done
    nft_rules=$(host_nft "$host")
    [[ -z $nft_rules ]] || printf "nft -f - <<'END'\n%s\nEND\n" "$nft_rules"
    host_wait
}
