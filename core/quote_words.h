/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs in quotes, in words. */
#ifndef TRACEFLOW_CORE_QUOTE_WORDS_H
#define TRACEFLOW_CORE_QUOTE_WORDS_H

#include "tally.h"

/** What happened to a field on the way: "source address translated (NAT)". The caller frees it. */
char *quote_change_words(const struct sign *sign);

/** Which of addresses, ports and checksum a router quotes wrongly: sign->value is enum tf_changed.
 */
const char *quote_error_words(const struct sign *sign);

#endif
