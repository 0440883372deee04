/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of what routers and hosts do that is more than a number or a word. */
#ifndef TRACEFLOW_LAB_FIELDS_TRAITS_H
#define TRACEFLOW_LAB_FIELDS_TRAITS_H

#include "fields.h"

field_reader read_next;            /* struct next_hops; none: no next hop */
field_reader read_balance;         /* struct traits */
field_reader read_labels;          /* struct tf_mpls_stack; none */
field_reader read_interface;       /* struct interface_info; none */
field_reader read_nat_source;      /* struct source_nat; none */
field_reader read_nat_destination; /* struct destination_nat; none */
field_reader read_dscp;            /* struct traits; none */
field_reader read_ranges; /* struct port_ranges: ports of protocol key->low, or of any if 0 */

#endif
