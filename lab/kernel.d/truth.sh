# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `truth`: every real path, asked of the routers' own kernels. Part of lab/kernel.

# IPv4 alone: for IPv6 "ip route get" chooses otherwise than for packets that are forwarded (Linux 6.18).
truth() {
    local first='' last='' dport=33480
    while (($#)); do
        case $1 in
        --ports | --dport)
            (($# > 1)) || die 2 "$1 needs a value"
            parse_ports "$1" "$2"
            shift
            ;;
        *) die 2 "unexpected argument '$1'" ;;
        esac
        shift
    done
    need_privilege
    need_up
    if [[ -n $first ]]; then
        { next_hops "$first" "$last" || echo failed; } | follow | sort -n | uniq
    else
        { next_hops 33481 37576 || echo failed; } | follow | cut -d ' ' -f 2- | sort -u
    fi
}

is_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ && $1 -le 65535 ]]; }

# Sets truth's variables.
parse_ports() {
    if [[ $1 == --dport ]]; then
        is_port "$2" || die 2 "--dport '$2' is not a port"
        dport=$2
        return
    fi
    first=${2%%-*} last=${2##*-}
    if [[ $2 != "$first" && $2 != "$first-$last" ]] || ! is_port "$first" || ! is_port "$last" || ((first > last)); then
        die 2 "--ports '$2' is not FIRST-LAST"
    fi
}

# Ask every router's kernel where it sends each flow: lines of HOST PORT NEXT. Where there is but one next
# hop one question is enough, for every PORT (*).
next_hops() {
    local host before branches
    while read -r _ host _ _ before branches; do
        if [[ $host == src || $host == dst ]]; then
            continue
        elif ((branches == 1)); then
            ask "$host" "$before" 1 1 | sed 's/ [0-9]* / * /'
        elif grep -qx "per-packet $host" "$state"; then
            ask "$host" "$before" "$1" "$2" "$branches"
        else
            ask "$host" "$before" "$1" "$2"
        fi || return
    done < <(grep '^host ' "$state")
}

# ask HOST BEFORE FIRST LAST [MARKS]
ask() {
    local host=$1 first=$3 marks=${5-0}
    questions "$2" "$3" "$4" "$marks" | nsenter --net="/run/netns/$lab-$host" ip -o -batch - |
        awk -v host="$host" -v first="$first" -v marks="$marks" '
            { for (i = 1; $i != "dev"; i++); }
            { print host, first + int((NR - 1) / (marks ? marks : 1)), substr($(i + 1), 4) }'
}

questions() {
    awk -v before="$1" -v first="$2" -v last="$3" -v marks="$4" -v from=$SRC4 -v to=$DST4 -v dport="$dport" '
        BEGIN {
            for (port = first; port <= last; port++)
                for (mark = marks ? 1 : 0; mark <= marks; mark++)
                    print "route get", to, "from", from, "iif to-" before, "ipproto 17 sport", port,
                          "dport", dport, (mark ? "mark " mark : "")
        }'
}

# From r0, next hop by next hop, to dst or to a router that rejects: lines of "PORT: ADDRESS…".
follow() {
    awk -v first="${first:-33481}" -v last="${last:-37576}" -v state="$state" '
        function walk(port, host, path,    key, count, i, choices) {
            path = path " " address[host]
            if (host == "dst" || host in rejects) {
                print port ":" path
                return
            }
            key = host " " ((host " *") in next_host ? "*" : port)
            count = split(next_host[key], choices, " ")
            if (!count)
                exit 1
            for (i = 1; i <= count; i++)
                walk(port, choices[i], path)
        }
        BEGIN {
            while ((getline < state) > 0) {
                if ($1 == "host")
                    address[$2] = $3
                if ($1 == "reject")
                    rejects[$2] = 1
            }
        }
        $1 == "failed" { exit 1 }
        { next_host[$1 " " $2] = next_host[$1 " " $2] " " $3 }
        END {
            for (port = first; port <= last; port++)
                walk(port, "r0", "")
        }'
}
