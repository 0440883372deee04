/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of single option values; every refusal names the option, the value and what was expected.
 */
#ifndef TRACEFLOW_PROBER_VALUES_H
#define TRACEFLOW_PROBER_VALUES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "traceflow/addr.h"

/** An option as it was given; text is NULL where it was not. */
struct given {
    const char *option;
    const char *text;
};

/** Set the error "OPTION TEXT: expected …" (TF_EXIT_USAGE); always false. */
bool value_refuse(const struct given *given, const char *expected, GError **error);

/** A decimal number from low to high; *value stays as it is where the option was not given. */
bool value_number(const struct given *given, uint16_t low, uint16_t high, uint16_t *value,
                  GError **error);
bool value_byte(const struct given *given, uint8_t low, uint8_t high, uint8_t *value,
                GError **error);

/** A real number from low to high, which nan and inf are not; *value stays as it is if not given.
 */
bool value_real(const struct given *given, double low, double high, double *value, GError **error);

/** Whether a text is a number that is zero. */
bool value_is_zero(const char *text);

/** One word of names[n_names], as its index; *index stays as it is if not given. */
struct choice_of {
    const char *const *names;
    size_t n_names;
    const char *expected;
};
bool value_choice(const struct given *given, const struct choice_of *choice, size_t *index,
                  GError **error);

/** A byte of the IP header: 0 to 255, "0x10", a class name of RFC 2474 to 3246 ("cs1", "af41",
 * "ef"), or a word of RFC 1349 ("lowdelay"). */
bool value_tos(const struct given *given, uint8_t *tos, GError **error);

/** A literal IPv4 or IPv6 address. */
bool value_address(const struct given *given, struct tf_addr *addr, GError **error);

#endif
