/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an ICMP error says, in words. */
#ifndef TRACEFLOW_ICMP_WORDS_H
#define TRACEFLOW_ICMP_WORDS_H

#include "traceflow/observation.h"

/**
 * The meaning of a reply's ICMP type and code, in the words of RFC 792, RFC 1122 section 3.2.2.1
 * and RFC 1812 section 5.2.7.1, or RFC 4443 section 3; NULL for those that have none there.
 */
const char *tf_icmp_words(const struct tf_observation *reply);

#endif
