/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pcap file as libpcap should see it. */
#ifndef TRACEFLOW_PROBER_PCAP_STREAM_H
#define TRACEFLOW_PROBER_PCAP_STREAM_H

#include <stdio.h>

/**
 * A stream of the bytes of another, but for the snap length in the pcap file's header, which is 0:
 * not known. libpcap cuts frames to it, Wireshark does not, and there are files whose frames are
 * longer.
 *
 * Takes the file, which is at its beginning: closing the stream closes it. NULL, and errno set, if
 * there is none; then the file is still the caller's.
 */
FILE *pcap_stream_new(FILE *file);

#endif
