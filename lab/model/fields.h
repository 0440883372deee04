/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of plain values into fields (struct key.read). */
#ifndef TRACEFLOW_LAB_FIELDS_H
#define TRACEFLOW_LAB_FIELDS_H

#include "keys.h"

/** Refuse a value: "expected …, not 'TEXT'". Returns false. */
bool refuse_value(const struct reading *reading, const struct key *key, const char *expected,
                  const char *text);

/** What each reads, hence what field points to, is in its comment. */
typedef bool field_reader(const struct reading *reading, const struct key *key, const char *text,
                          void *field);

field_reader read_u8;          /* uint8_t, from key->low to key->high */
field_reader read_u16;         /* uint16_t */
field_reader read_u16_or_none; /* uint16_t; none: 0 */
field_reader read_u32;         /* uint32_t */
field_reader read_u64;         /* uint64_t */
field_reader read_duration;    /* int64_t, nanoseconds */
field_reader read_percent;     /* uint32_t, parts per million */
field_reader read_rate;        /* int64_t, nanoseconds for one; none: 0 */
field_reader read_flag;        /* bool: the value of one of key->words */
field_reader read_choice;      /* an enum: the value of one of key->words */
field_reader read_choices;     /* unsigned: several of key->words; one of value 0 stands alone */
field_reader read_text;        /* char * */
field_reader read_name;        /* char *, a DNS name */

#endif
