/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of text, put together piece by piece. */
#include "text.h"

#include <stdio.h>

#include "traceflow/time.h"

enum { MS_TEXT_LEN = 32 };

void text_begin(struct text *text)
{
    text->end = text->bytes;
    *text->end = '\0';
}

/* With zeros before it, up to so many digits. */
static void add_digits(struct text *text, uint64_t number, int at_least)
{
    int n = 1;

    for (uint64_t rest = number / 10; rest > 0 || n < at_least; rest /= 10)
        n++;
    if (n >= text->bytes + TEXT_MAX - text->end)
        return;
    text->end += n;
    *text->end = '\0';
    for (int i = 1; i <= n; i++, number /= 10)
        text->end[-i] = (char)('0' + number % 10);
}

void text_add_number(struct text *text, uint32_t number)
{
    add_digits(text, number, 1);
}

void text_add_aligned(struct text *text, uint32_t number)
{
    if (number < 10)
        text_add(text, " ");
    text_add_number(text, number);
}

void text_add_addr(struct text *text, const struct tf_addr *addr)
{
    char words[TF_ADDR_TEXT_LEN];

    if (addr->version != 4) {
        text_add(text, tf_addr_text(addr, words));
        return;
    }
    for (size_t i = 0; i < tf_addr_len(addr); i++) {
        if (i > 0)
            text_add(text, ".");
        text_add_number(text, addr->bytes[i]);
    }
}

/* The digits behind the point, and what the last of them counts. */
struct precision {
    int decimals;
    int64_t unit_ns;
};

static struct precision precision_of(int64_t time_ns)
{
    if (time_ns < TF_NS_PER_MS)
        return (struct precision){ 3, TF_NS_PER_MS / 1000 };
    if (time_ns < 10 * TF_NS_PER_MS)
        return (struct precision){ 2, TF_NS_PER_MS / 100 };
    return (struct precision){ 1, TF_NS_PER_MS / 10 };
}

static void print_ms(struct text *text, int64_t time_ns, int decimals)
{
    char words[MS_TEXT_LEN];

    snprintf(words, sizeof words, "%.*f", decimals, (double)time_ns / (double)TF_NS_PER_MS);
    text_add(text, words);
}

/* A tie is left to printf, which rounds it as all programs do that print a fraction so: by what the
 * fraction is in binary. */
void text_add_ms(struct text *text, int64_t time_ns)
{
    const struct precision precision = precision_of(time_ns);
    const int64_t units = time_ns / precision.unit_ns;
    const int64_t rest_ns = time_ns % precision.unit_ns;
    const int64_t rounded = rest_ns > precision.unit_ns / 2 ? units + 1 : units;
    const int64_t units_per_ms = TF_NS_PER_MS / precision.unit_ns;

    if (time_ns < 0 || rest_ns == precision.unit_ns / 2) {
        print_ms(text, time_ns, precision.decimals);
    } else {
        add_digits(text, (uint64_t)(rounded / units_per_ms), 1);
        text_add(text, ".");
        add_digits(text, (uint64_t)(rounded % units_per_ms), precision.decimals);
    }
    text_add(text, " ms");
}
