/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An observation in little memory: what many frames share is kept once. */
#include "record.h"

#include <stddef.h>

#include "runs.h"

/* Equal values of file scope, by what they are. Their bytes are the network's: the hash is one that
 * cannot be made to collide. */
static wmem_map_t *flows;
static wmem_map_t *addrs;
static wmem_map_t *stacks;

/* Such a hash takes its time. Most frames are of a flow, or by a responder, of a moment ago: there,
 * a number in which those of one time differ will do. */
enum { RECENT_FLOWS = 1024, RECENT_ADDRS = 256 };
static struct flow *recent_flows[RECENT_FLOWS];
static const struct tf_addr *recent_addrs[RECENT_ADDRS];

static guint hash_flow(gconstpointer flow)
{
    return wmem_strong_hash(flow, sizeof(struct tf_flow));
}

static gboolean equal_flows(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct tf_flow)) == 0;
}

static guint hash_addr(gconstpointer addr)
{
    return wmem_strong_hash(addr, sizeof(struct tf_addr));
}

static gboolean equal_addrs(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct tf_addr)) == 0;
}

static size_t stack_len(const struct tf_mpls_stack *stack)
{
    return offsetof(struct tf_mpls_stack, entry) + tf_mpls_kept(stack) * sizeof stack->entry[0];
}

static guint hash_stack(gconstpointer stack)
{
    return wmem_strong_hash(stack, stack_len(stack));
}

static gboolean equal_stacks(gconstpointer a, gconstpointer b)
{
    return stack_len(a) == stack_len(b) && memcmp(a, b, stack_len(a)) == 0;
}

static const void *share(wmem_map_t *values, const void *value, size_t len)
{
    const void *known = wmem_map_lookup(values, value);

    if (known == NULL) {
        void *kept = wmem_memdup(wmem_file_scope(), value, len);
        wmem_map_insert(values, kept, kept);
        known = kept;
    }
    return known;
}

static unsigned last_byte(const struct tf_addr *addr)
{
    return addr->bytes[tf_addr_len(addr) - 1];
}

static struct flow *look_up_flow(const struct tf_flow *tuple)
{
    struct flow *flow = wmem_map_lookup(flows, tuple);

    if (flow == NULL) {
        flow = wmem_new0(wmem_file_scope(), struct flow);
        flow->tuple = *tuple;
        wmem_map_insert(flows, &flow->tuple, flow);
    }
    return flow;
}

static struct flow *share_flow(const struct tf_flow *tuple)
{
    const unsigned number = tuple->src_port + 64 * last_byte(&tuple->dst);
    struct flow **recent = &recent_flows[number % RECENT_FLOWS];

    if (*recent == NULL || !equal_flows(&(*recent)->tuple, tuple))
        *recent = look_up_flow(tuple);
    return *recent;
}

static const struct tf_addr *share_addr(const struct tf_addr *addr)
{
    const struct tf_addr **recent = &recent_addrs[last_byte(addr) % RECENT_ADDRS];

    if (*recent == NULL || !equal_addrs(*recent, addr))
        *recent = share(addrs, addr, sizeof *addr);
    return *recent;
}

static unsigned flag_if(bool holds, enum record_flag flag)
{
    return holds ? flag : 0;
}

static uint16_t flags_of(const struct tf_observation *obs)
{
    const unsigned flags = flag_if(obs->has_run_id, RECORD_HAS_RUN_ID) |
                           flag_if(obs->has_ttl, RECORD_HAS_TTL) |
                           flag_if(obs->has_attempt, RECORD_HAS_ATTEMPT) |
                           flag_if(obs->has_ident, RECORD_HAS_IDENT) |
                           flag_if(obs->has_icmp, RECORD_HAS_ICMP) |
                           flag_if(obs->has_quote, RECORD_HAS_QUOTE) |
                           flag_if(obs->duplicate, RECORD_DUPLICATE);

    return (uint16_t)flags;
}

static void write_responder(struct record *record, const struct tf_observation *obs)
{
    record->responder.addr = share_addr(&obs->responder);
    if (obs->mpls.depth > 0)
        record->responder.mpls = share(stacks, &obs->mpls, stack_len(&obs->mpls));
}

void record_write(struct record *record, const struct tf_observation *obs)
{
    *record = (struct record){
        .time_ns = obs->time_ns,
        .flow = share_flow(&obs->flow),
        .frame = (uint32_t)obs->frame,
        .flags = flags_of(obs),
        .path_id = obs->path_id,
        .ident = obs->ident,
        .quoted_len = obs->quoted_len,
        .changed = obs->changed,
        .kind = (uint8_t)obs->kind,
        .evidence = (uint8_t)obs->evidence,
        .ident_fault = (uint8_t)obs->ident_fault,
        .ttl = obs->ttl,
        .attempt = obs->attempt,
        .captured_ttl = obs->captured_ttl,
        .answer_type = obs->has_icmp ? obs->icmp_type : obs->tcp_flags,
        .icmp_code = obs->icmp_code,
        .quoted_ttl = obs->quoted_ttl,
        .quoted_tos = obs->quoted_tos,
    };
    if (record_is_probe(record))
        record->sent = obs->sent;
    else
        write_responder(record, obs);
}

static void read_plain(struct tf_observation *obs, const struct record *record)
{
    obs->kind = record->kind;
    obs->evidence = record->evidence;
    obs->flow = record->flow->tuple;
    obs->frame = record->frame;
    obs->time_ns = record->time_ns;
    obs->has_run_id = record_has(record, RECORD_HAS_RUN_ID);
    obs->has_ttl = record_has(record, RECORD_HAS_TTL);
    obs->has_attempt = record_has(record, RECORD_HAS_ATTEMPT);
    obs->has_ident = record_has(record, RECORD_HAS_IDENT);
    obs->run_id = record->run != NULL ? record->run->run_id : 0;
    obs->path_id = record->path_id;
    obs->ident = record->ident;
    obs->ttl = record->ttl;
    obs->attempt = record->attempt;
    obs->captured_ttl = record->captured_ttl;
    obs->ident_fault = record->ident_fault;
    obs->duplicate = record_has(record, RECORD_DUPLICATE);
    obs->has_icmp = record_has(record, RECORD_HAS_ICMP);
    obs->has_quote = record_has(record, RECORD_HAS_QUOTE);
    obs->icmp_code = record->icmp_code;
    obs->quoted_ttl = record->quoted_ttl;
    obs->quoted_tos = record->quoted_tos;
    obs->quoted_len = record->quoted_len;
    *(obs->has_icmp ? &obs->icmp_type : &obs->tcp_flags) = record->answer_type;
}

static void read_probe(struct tf_observation *obs, const struct record *reply,
                       const struct record *probe)
{
    obs->has_probe = true;
    obs->probe_frame = probe->frame;
    obs->rtt_ns = reply->time_ns - probe->time_ns;
    obs->sent = probe->sent;
    obs->changed = reply->changed;
}

void record_read(struct tf_observation *obs, const struct record *record)
{
    read_plain(obs, record);
    if (record_is_probe(record)) {
        obs->sent = record->sent;
        return;
    }

    const struct record *probe = record->counterpart;
    obs->responder = *record->responder.addr;
    if (record->responder.mpls != NULL)
        memcpy(&obs->mpls, record->responder.mpls, stack_len(record->responder.mpls));
    if (probe != NULL && !record_has(probe, RECORD_GONE))
        read_probe(obs, record, probe);
}

void record_open(void)
{
    memset(recent_flows, 0, sizeof recent_flows);
    memset(recent_addrs, 0, sizeof recent_addrs);
}

static wmem_map_t *new_map(GHashFunc hash, GEqualFunc equal)
{
    return wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), hash, equal);
}

void record_register(void)
{
    flows = new_map(hash_flow, equal_flows);
    addrs = new_map(hash_addr, equal_addrs);
    stacks = new_map(hash_stack, equal_stacks);
}
