/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the table of hops says of a path and TTL: core's hop, counted. */
#include "hop-row.h"

#include "traceflow/report.h"
#include "traceflow/time.h"

/* What a hop's answers come to. Only the first answer to a probe counts; what seems to come before
 * its probe was timed by clocks that differ, and has no time. */
struct count {
    unsigned answered;
    unsigned timed;
    int64_t rtt_min_ns; /* if timed, as the next two */
    int64_t rtt_max_ns;
    int64_t rtt_sum_ns;
};

static void count_rtt(struct count *count, int64_t rtt_ns)
{
    count->rtt_min_ns = count->timed == 0 ? rtt_ns : MIN(count->rtt_min_ns, rtt_ns);
    count->rtt_max_ns = count->timed == 0 ? rtt_ns : MAX(count->rtt_max_ns, rtt_ns);
    count->rtt_sum_ns += rtt_ns;
    count->timed++;
}

/* Whether a reply is the first to its probe. The original's probes have no attempts to tell a copy
 * of one in the capture by. */
static bool is_first_answer(const struct tf_hop *hop, size_t number)
{
    const struct tf_observation *reply = &hop->replies[number];

    for (size_t i = 0; reply->has_run_id && i < number; i++)
        if (hop->replies[i].has_probe && hop->replies[i].attempt == reply->attempt)
            return false;
    return !reply->duplicate;
}

/* Where probes were captured, what answers another does not count for one of them. */
static struct count count_answers(const struct tf_hop *hop)
{
    struct count count = { 0 };

    if (hop->sent > TF_HOP_REPLIES_MAX)
        count.answered = hop->omitted; /* not kept; more than were sent are excess */
    for (size_t i = 0; i < hop->n_replies; i++) {
        const struct tf_observation *reply = &hop->replies[i];
        if ((hop->sent > 0 && !reply->has_probe) || !is_first_answer(hop, i))
            continue;
        count.answered++;
        if (reply->has_probe && reply->rtt_ns >= 0)
            count_rtt(&count, reply->rtt_ns);
    }
    if (hop->sent > 0)
        count.answered = MIN(count.answered, hop->sent);
    return count;
}

/* A text that occurs in replies, and in how many of them. */
struct word {
    char *text;
    unsigned times;
};

static void clear_word(gpointer word)
{
    g_free(((struct word *)word)->text);
}

static GArray *words_new(void)
{
    GArray *words = g_array_new(FALSE, FALSE, sizeof(struct word));

    g_array_set_clear_func(words, clear_word);
    return words;
}

static void count_word(GArray *words, char *text)
{
    for (guint i = 0; i < words->len; i++) {
        struct word *word = &g_array_index(words, struct word, i);
        if (strcmp(word->text, text) == 0) {
            word->times++;
            g_free(text);
            return;
        }
    }
    const struct word word = { text, 1 };
    g_array_append_val(words, word);
}

/* Take the word that occurs most, the first of equals. */
static void append_most_frequent(GString *line, GArray *words)
{
    guint best = 0;

    for (guint i = 1; i < words->len; i++)
        if (g_array_index(words, struct word, i).times >
            g_array_index(words, struct word, best).times)
            best = i;
    g_string_append_printf(line, "%s%s", line->len > 0 ? ", " : "",
                           g_array_index(words, struct word, best).text);
    g_array_remove_index(words, best);
}

static GString *line_of(GArray *words)
{
    GString *line = g_string_new(NULL);

    while (words->len > 0)
        append_most_frequent(line, words);
    g_array_unref(words);
    return line;
}

static char *responder_text(const struct tf_observation *reply)
{
    char addr[TF_ADDR_TEXT_LEN];
    char mark[TF_MARK_LEN];
    const bool is_marked = tf_reply_mark(reply, mark)[0] != '\0';

    return g_strdup_printf("%s%s%s", tf_addr_text(&reply->responder, addr), is_marked ? " " : "",
                           mark);
}

/* All of them, as the report's cell has them: "203.0.113.1, 203.0.113.2 !N !!". */
static GString *responders_line(const struct tf_hop *hop)
{
    GArray *words = words_new();

    for (size_t i = 0; i < hop->n_replies; i++)
        count_word(words, responder_text(&hop->replies[i]));
    GString *line = line_of(words);
    if (hop->contradicted)
        g_string_append(line, " !!");
    return line;
}

static char *labels_text(const struct tf_mpls_stack *stack)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < tf_mpls_kept(stack); i++)
        g_string_append_printf(text, "%s%u", i > 0 ? "/" : "", stack->entry[i].label);
    return g_string_free(text, FALSE);
}

static GString *labels_line(const struct tf_hop *hop)
{
    GArray *words = words_new();

    for (size_t i = 0; i < hop->n_replies; i++)
        if (hop->replies[i].mpls.depth > 0)
            count_word(words, labels_text(&hop->replies[i].mpls));
    return line_of(words);
}

static void set_number(stat_tap_table_item_type *cell, unsigned value)
{
    cell->type = TABLE_ITEM_UINT;
    cell->value.uint_value = value;
}

/* Most texts are those of many rows: all that are alike share their memory. */
static void set_text(stat_tap_table_item_type *cell, const char *text)
{
    cell->type = TABLE_ITEM_STRING;
    cell->value.string_value = g_ref_string_new_intern(text);
}

static void set_line(stat_tap_table_item_type *cell, GString *line)
{
    set_text(cell, line->str);
    g_string_free(line, TRUE);
}

static void set_ms(stat_tap_table_item_type *cell, double ns)
{
    cell->type = TABLE_ITEM_FLOAT;
    cell->value.float_value = ns / (double)TF_NS_PER_MS;
}

static void set_rtts(stat_tap_table_item_type cells[HOP_COLUMNS], const struct count *count)
{
    set_ms(&cells[HOP_RTT_MIN], (double)count->rtt_min_ns);
    set_ms(&cells[HOP_RTT_AVERAGE], (double)count->rtt_sum_ns / count->timed);
    set_ms(&cells[HOP_RTT_MAX], (double)count->rtt_max_ns);
}

/* In whole percent, as Wireshark prints six digits of anything finer; 0 and 100 are exact. */
static unsigned loss_percent(unsigned sent, unsigned answered)
{
    const uint64_t lost = sent - answered;
    const uint64_t nearest = (200 * lost + sent) / (2 * (uint64_t)sent);

    if (lost == 0 || answered == 0)
        return (unsigned)nearest;
    return (unsigned)CLAMP(nearest, 1, 99);
}

/* The original's runs have no number; their source tells them apart. */
static void set_run(stat_tap_table_item_type *cell, const struct tf_trace *trace)
{
    char source[TF_ADDR_TEXT_LEN];
    GString *line = g_string_new(NULL);

    if (trace->has_run_id)
        g_string_printf(line, "%08x", trace->run_id);
    else
        g_string_printf(line, "from %s", tf_addr_text(&trace->flow.src, source));
    set_line(cell, line);
}

static void set_counts(stat_tap_table_item_type cells[HOP_COLUMNS], const struct tf_hop *hop)
{
    const struct count count = count_answers(hop);

    set_number(&cells[HOP_SENT], hop->sent);
    set_number(&cells[HOP_ANSWERED], count.answered);
    if (hop->sent > 0)
        set_number(&cells[HOP_LOSS], loss_percent(hop->sent, count.answered));
    if (count.timed > 0)
        set_rtts(cells, &count);
}

/* A missing number is blank, and sorts before all others: as text where it is compared with one,
 * and as the lowest where one is compared with it. */
static void clear_cells(stat_tap_table_item_type cells[HOP_COLUMNS])
{
    for (size_t column = 0; column < HOP_COLUMNS; column++)
        cells[column] = (stat_tap_table_item_type){ .type = TABLE_ITEM_NONE };
    for (size_t column = HOP_RTT_MIN; column <= HOP_RTT_MAX; column++)
        cells[column].value.float_value = -G_MAXDOUBLE;
}

void hop_row_fill(stat_tap_table_item_type cells[HOP_COLUMNS], const struct hop_place *place)
{
    char destination[TF_ADDR_TEXT_LEN];

    clear_cells(cells);
    set_text(&cells[HOP_DESTINATION], tf_addr_text(&place->trace->flow.dst, destination));
    set_run(&cells[HOP_RUN], place->trace);
    set_number(&cells[HOP_PATH], place->path->path_id);
    set_number(&cells[HOP_TTL], place->ttl);
    set_line(&cells[HOP_RESPONDERS], responders_line(place->hop));
    set_line(&cells[HOP_LABELS], labels_line(place->hop));
    set_counts(cells, place->hop);
}

void hop_cell_clear(stat_tap_table_item_type *cell)
{
    if (cell->type == TABLE_ITEM_STRING)
        g_ref_string_release((char *)cell->value.string_value);
    cell->type = TABLE_ITEM_NONE;
}
