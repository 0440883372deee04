/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reverse look-ups through GResolver, which knows all that the system's name services know. */
#include "reverse.h"

#include <string.h>

/* One question under way. */
struct question {
    struct tf_addr addr;
    reverse_done done;
    void *data;
};

void reverse_clean(char *name)
{
    for (char *c = name; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && strchr("-_.", *c) == NULL)
            *c = '?';
}

static void take_name(GObject *resolver, GAsyncResult *result, gpointer data)
{
    g_autofree struct question *question = data;
    char *name = g_resolver_lookup_by_address_finish(G_RESOLVER(resolver), result, NULL);

    if (name != NULL)
        reverse_clean(name);
    if (name != NULL && name[0] == '\0')
        g_clear_pointer(&name, g_free);
    question->done(&question->addr, name, question->data);
}

void reverse_ask(const struct tf_addr *addr, GCancellable *cancellable, reverse_done done,
                 void *data)
{
    g_autoptr(GResolver) resolver = g_resolver_get_default();
    g_autoptr(GInetAddress) address = g_inet_address_new_from_bytes(
        addr->bytes, addr->version == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
    struct question *question = g_new(struct question, 1);

    *question = (struct question){ *addr, done, data };
    g_resolver_lookup_by_address_async(resolver, address, cancellable, take_name, question);
}
