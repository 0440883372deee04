/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two questions for an origin: the address's, and, once for each number, that for its holder. */
#include "asn_dns.h"

#include "asn_text.h"
#include "dns_channel.h"

/* A server is not to take us for a flood; what a forger could make us ask is bounded. */
enum { OPEN_MAX = 64, WAITING_MAX = 4096 };

struct asn_dns {
    struct asn_dns_settings settings;
    struct dns_channel *channel;
    GQueue waiting;      /* of struct question */
    GHashTable *holders; /* number, in the value -> struct holder */
    unsigned open;
    bool is_pumping;
    bool is_ending;
};

/* For the origin of an address, or for the holder of a number. */
struct question {
    struct asn_dns *dns;
    struct tf_addr addr;
    uint32_t number; /* 0: the origin is asked for */
};

/* An origin that lacks its holder's name. */
struct nameless {
    struct tf_addr addr;
    struct tf_asn *asn;
};

struct holder {
    uint32_t number;
    bool is_known;
    char *name;         /* NULL if it has none */
    GPtrArray *waiting; /* of struct nameless */
};

static void free_nameless(gpointer data)
{
    struct nameless *nameless = data;

    asn_free(nameless->asn);
    g_free(nameless);
}

static void free_holder(gpointer data)
{
    struct holder *holder = data;

    g_ptr_array_unref(holder->waiting);
    g_free(holder->name);
    g_free(holder);
}

static void tell(const struct asn_dns *dns, const struct tf_addr *addr, struct tf_asn *asn,
                 bool more)
{
    dns->settings.done(addr, asn, more, dns->settings.data);
}

static void take_texts(char **texts, void *data);

/* An answer that comes at once must not recurse through the whole queue. */
static void pump(struct asn_dns *dns)
{
    char name[ASN_QUESTION_LEN];

    if (dns->is_pumping)
        return;
    dns->is_pumping = true;
    while (dns->open < OPEN_MAX && !g_queue_is_empty(&dns->waiting)) {
        struct question *question = g_queue_pop_head(&dns->waiting);

        if (question->number == 0)
            asn_origin_question(&question->addr, dns->settings.zone, name);
        else
            asn_name_question(question->number, dns->settings.zone, name);
        dns->open++;
        dns_channel_ask(dns->channel, name, take_texts, question);
    }
    dns->is_pumping = false;
}

static struct question *new_question(struct asn_dns *dns)
{
    struct question *question = g_new0(struct question, 1);

    question->dns = dns;
    return question;
}

/* Names go before further origins: somebody has waited for one answer already. */
static struct holder *holder_of(struct asn_dns *dns, uint32_t number)
{
    struct holder *holder = g_hash_table_lookup(dns->holders, &number);
    if (holder != NULL)
        return holder;

    holder = g_new0(struct holder, 1);
    holder->number = number;
    holder->waiting = g_ptr_array_new_with_free_func(free_nameless);
    g_hash_table_insert(dns->holders, &holder->number, holder);
    struct question *question = new_question(dns);
    question->number = number;
    g_queue_push_head(&dns->waiting, question);
    return holder;
}

static void take_origin(struct asn_dns *dns, const struct tf_addr *addr, struct tf_asn *asn)
{
    struct holder *holder = holder_of(dns, asn->number);

    if (holder->is_known) {
        asn->name = g_strdup(holder->name);
        tell(dns, addr, asn, false);
        return;
    }
    struct nameless *nameless = g_new(struct nameless, 1);
    *nameless = (struct nameless){ *addr, asn };
    g_ptr_array_add(holder->waiting, nameless);
    tell(dns, addr, asn_copy(asn), true);
}

static struct tf_asn *read_origin(char **texts, const struct tf_addr *addr)
{
    struct asn_origin best = { 0 };
    bool any = false;

    for (char **text = texts; text != NULL && *text != NULL; text++) {
        struct asn_origin origin;
        if (!asn_origin_parse(*text, addr, &origin) ||
            (any && !asn_origin_precedes(&origin, &best)))
            continue;
        best = origin;
        any = true;
    }
    if (!any)
        return NULL;
    return asn_new(best.number, best.has_prefix ? asn_prefix_text(addr, best.prefix_len) : NULL,
                   NULL);
}

static void answer_origin(struct asn_dns *dns, const struct tf_addr *addr, char **texts)
{
    struct tf_asn *asn = read_origin(texts, addr);

    if (asn == NULL)
        tell(dns, addr, NULL, false);
    else
        take_origin(dns, addr, asn);
}

static void answer_holder(struct asn_dns *dns, uint32_t number, char **texts)
{
    struct holder *holder = g_hash_table_lookup(dns->holders, &number);

    for (char **text = texts; text != NULL && *text != NULL && holder->name == NULL; text++)
        holder->name = asn_name_parse(*text, number);
    holder->is_known = true;
    for (guint i = 0; i < holder->waiting->len; i++) {
        struct nameless *nameless = g_ptr_array_index(holder->waiting, i);
        nameless->asn->name = g_strdup(holder->name);
        tell(dns, &nameless->addr, g_steal_pointer(&nameless->asn), false);
    }
    g_ptr_array_set_size(holder->waiting, 0);
}

static void take_texts(char **texts, void *data)
{
    g_autofree struct question *question = data;
    struct asn_dns *dns = question->dns;

    if (dns->is_ending)
        return;
    dns->open--;
    if (question->number == 0)
        answer_origin(dns, &question->addr, texts);
    else
        answer_holder(dns, question->number, texts);
    pump(dns);
}

struct asn_dns *asn_dns_new(const struct asn_dns_settings *settings, GError **error)
{
    struct dns_channel *channel = dns_channel_new(settings->server, settings->timeout_ms, error);
    if (channel == NULL)
        return NULL;

    struct asn_dns *dns = g_new0(struct asn_dns, 1);
    dns->settings = *settings;
    dns->channel = channel;
    g_queue_init(&dns->waiting);
    dns->holders = g_hash_table_new_full(g_int_hash, g_int_equal, NULL, free_holder);
    return dns;
}

void asn_dns_attach(struct asn_dns *dns, GMainContext *context)
{
    dns_channel_attach(dns->channel, context);
}

void asn_dns_free(struct asn_dns *dns)
{
    if (dns == NULL)
        return;
    dns->is_ending = true;
    dns_channel_free(dns->channel);
    g_queue_clear_full(&dns->waiting, g_free);
    g_hash_table_unref(dns->holders);
    g_free(dns);
}

void asn_dns_ask(struct asn_dns *dns, const struct tf_addr *addr)
{
    if (g_queue_get_length(&dns->waiting) >= WAITING_MAX) {
        tell(dns, addr, NULL, false);
        return;
    }
    struct question *question = new_question(dns);
    question->addr = *addr;
    g_queue_push_tail(&dns->waiting, question);
    pump(dns);
}
