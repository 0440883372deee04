/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DNS server on 127.0.0.1 that answers TXT questions from a table, well or badly. */
#ifndef TRACEFLOW_TESTS_DNS_SERVER_H
#define TRACEFLOW_TESTS_DNS_SERVER_H

#include <stddef.h>

enum dns_manner {
    DNS_GOOD,
    DNS_SILENT,    /* no answer at all */
    DNS_CUT,       /* the first half of the answer */
    DNS_FORGED_ID, /* a wrong answer with another ID, then the right one */
};

/**
 * What a name is answered; a row without a name is for all. Records are separated by '\n', the
 * strings of a record by '\t'. A name that no row has does not exist.
 */
struct dns_row {
    const char *name;
    const char *records;
    enum dns_manner manner;
};

struct dns_server;

/** Serve n rows, which outlive the server, from a thread; the test fails where that cannot be. */
struct dns_server *dns_server_start(const struct dns_row *rows, size_t n);
void dns_server_stop(struct dns_server *server);

/** "127.0.0.1:PORT" */
const char *dns_server_text(const struct dns_server *server);

/** How many questions came for a row. */
unsigned dns_server_asked(struct dns_server *server, size_t row);

/** How many questions came, of whatever name. */
unsigned dns_server_questions(struct dns_server *server);

#endif
