/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of the open capture file: one for each of our frames, made on the first pass. */
#ifndef TRACEFLOW_DISSECTOR_RECORDS_H
#define TRACEFLOW_DISSECTOR_RECORDS_H

#include "compat.h"

#include <epan/packet.h>

#include "record.h"

/** Keep records for each file that is opened. Call once, at registration. */
void records_register(void);

/**
 * Let the matcher read the frame under dissection.
 *
 * May be called from any layer, and any number of times: it is read once, on the first pass, in the
 * order of the file.
 */
void records_read(const packet_info *pinfo);

/** The frame goes by, after all its layers: it is read, too, unless the user wants only such frames
 * looked at as some layer asked about. */
void records_pass(const packet_info *pinfo);

/** The record of the frame under dissection; NULL if it is not ours, or was not read. */
const struct record *records_at(const packet_info *pinfo);

/** The latest time stamp of the file's frames, others' included, as far as it has been read. */
int64_t records_newest_ns(void);

/** The number of the last of our frames, as far as the file has been read; 0 if there is none. */
uint32_t records_last(void);

#endif
