# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The hosts and links of a shape, and the options of `up`. Part of lab/kernel.

hosts=()                                        # in order of distance from src
declare -A addr4 addr6 mac                      # of each host
declare -A peers nexts prev                     # neighbours; those nearer to dst; the one towards src

add_host() {
    local host=$1 octets
    hosts+=("$host")
    addr4[$host]=$2
    addr6[$host]=$3
    IFS=. read -ra octets <<<"$2"
    printf -v "mac[$host]" '02:00:%02x:%02x:%02x:%02x' "${octets[@]}"
}

connect() {
    peers[$1]+=" $2"
    peers[$2]+=" $1"
    nexts[$1]+=" $2"
    prev[$2]=${prev[$2]-$1}
}

plan_stage() {
    local stage=$1 from=$2 to=m$1 lengths branch=0 place length last
    local ends=()
    IFS=, read -ra lengths <<<"$3"
    for length in "${lengths[@]}"; do
        branch=$((branch + 1))
        last=$from
        for ((place = 1; place <= length; place++)); do
            add_host "s${stage}b${branch}p$place" "10.$stage.$branch.$place" "2001:db8:$stage:$branch::$place"
            connect "$last" "s${stage}b${branch}p$place"
            last=s${stage}b${branch}p$place
        done
        ends+=("$last")
    done
    add_host "$to" "10.$stage.0.1" "2001:db8:$stage::1"
    for last in "${ends[@]}"; do
        connect "$last" "$to"
    done
}

plan() {
    local stages stage=0 last=r0 lengths
    IFS=/ read -ra stages <<<"$1"
    add_host src $SRC4 $SRC6
    add_host r0 10.0.0.1 2001:db8::1
    connect src r0
    for lengths in "${stages[@]}"; do
        stage=$((stage + 1))
        plan_stage $stage "$last" "$lengths"
        last=m$stage
    done
    add_host dst $DST4 $DST6
    connect "$last" dst
}

check_shape() {
    local shape=$1 stages lengths counts length
    [[ $shape =~ ^[0-9]+([,/][0-9]+)*$ ]] || die 2 "bad shape '$shape' (for example 1,1,2,2/1,1,2)"
    IFS=/ read -ra stages <<<"$shape"
    counts=("${#stages[@]}")
    for lengths in "${stages[@]}"; do
        IFS=, read -ra lengths <<<"$lengths"
        counts+=("${#lengths[@]}" "${lengths[@]}")
    done
    for length in "${counts[@]}"; do
        [[ $length =~ ^[1-9][0-9]{0,2}$ && $length -le $MAX_COUNT ]] ||
            die 2 "bad shape '$shape': $length is not a count of 1 to $MAX_COUNT"
    done
}

declare -A silent=() reject=() loss=() hidden=() per_packet=() # by host
rate_limit='' same_seed='' shape=''

is_router() { [[ -n ${addr4[$1]-} && $1 != src && $1 != dst ]]; }
is_fork() { [[ $1 =~ ^(r0|m[0-9]+)$ && ${nexts[$1]} == *' '*' '* ]]; }

parse_up() {
    while (($#)); do
        case $1 in
        --silent | --reject | --loss | --hidden | --per-packet)
            (($# > 1)) || die 2 "$1 needs a value"
            parse_host_option "$1" "$2"
            shift
            ;;
        --rate-limit) rate_limit=1 ;;
        --same-seed) same_seed=1 ;;
        -*) die 2 "unknown option '$1'" ;;
        *)
            [[ -z $shape ]] || die 2 "unexpected argument '$1'"
            [[ -n $1 ]] || die 2 "bad shape ''"
            shape=$1
            ;;
        esac
        shift
    done
    check_shape "${shape:=$DEFAULT_SHAPE}"
}

parse_host_option() {
    local option=$1 host=${2%%:*} value=${2#*:}
    [[ $2 == *:* ]] || value=''
    case $option in
    --silent) silent[$2]=1 ;;
    --hidden) hidden[$2]=1 ;;
    --per-packet) per_packet[$2]=1 ;;
    --reject)
        [[ -n $host && -n $(reject_code6 "$value") ]] || die 2 "--reject '$2' is not HOST:CODE"
        reject[$host]=$value
        ;;
    --loss)
        [[ -n $host && $value =~ ^(100|[1-9]?[0-9])$ ]] || die 2 "--loss '$2' is not HOST:PERCENT"
        loss[$host]=$value
        ;;
    esac
}

check_hosts() {
    local host
    for host in "${!silent[@]}" "${!loss[@]}"; do
        is_router "$host" || [[ $host == dst ]] || die 2 "no router '$host' in shape $shape"
    done
    for host in "${!reject[@]}" "${!hidden[@]}"; do
        is_router "$host" || die 2 "no router '$host' in shape $shape"
    done
    for host in "${!per_packet[@]}"; do
        is_fork "$host" || die 2 "--per-packet: '$host' has no choice in shape $shape"
    done
}
