/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening sockets, capture and files, in the order that leaves least behind when one fails. */
#include "handles.h"

#include <string.h>

#include "filter.h"
#include "privileges.h"
#include "traceflow/error.h"

/* How long the name and the origin of a responder may take. */
enum { LOOKUP_MS = 2000 };

static size_t sender_index(uint8_t version)
{
    return version == 6 ? 1 : 0;
}

static bool wants_version(const struct options *options, const struct run *run, uint8_t version)
{
    if (run != NULL)
        return run->dst.version == version;
    return options->version == 0 || options->version == version;
}

static void open_sender(struct handles *handles, const struct options *options,
                        const char *interface, const struct run *run, uint8_t version)
{
    const size_t index = sender_index(version);
    struct sender_options sender = {
        .version = version,
        .interface = g_strcmp0(interface, ROUTE_ANY_INTERFACE) == 0 ? NULL : interface,
        .labels = options->labels,
        .has_gateway_mac = options->has_gateway_mac,
    };

    memcpy(sender.gateway_mac, options->gateway_mac, sizeof sender.gateway_mac);
    if (run != NULL)
        sender.next_hop = run->route.next_hop;
    handles->senders[index] = sender_open(&sender, &handles->sender_errors[index]);
}

/* A machine without one of the two IP versions traces by the other. */
static bool open_senders(struct handles *handles, const struct options *options,
                         const char *interface, const struct run *run, GError **error)
{
    const GError *first = NULL;

    for (uint8_t version = 4; version <= 6; version += 2) {
        if (!wants_version(options, run, version))
            continue;
        open_sender(handles, options, interface, run, version);
        if (first == NULL)
            first = handles->sender_errors[sender_index(version)];
    }
    if (handles->senders[0] != NULL || handles->senders[1] != NULL)
        return true;
    g_propagate_error(error, g_error_copy(first));
    return false;
}

static bool open_capture(struct handles *handles, const struct options *options,
                         const char *interface, const struct run *run, GError **error)
{
    struct filter_scope scope = {
        .ipv4 = handles->senders[0] != NULL,
        .ipv6 = handles->senders[1] != NULL,
        .protocol = options->protocol,
        .src_base = options->src_base,
        .dst_base = options->dst_base,
        .paths = options->paths,
        .labels = options->labels.entries.depth,
        .one_run = run != NULL,
    };

    if (run != NULL) {
        scope.run_id = run->run_id;
        scope.src = run->route.src;
        scope.dst = run->dst;
    }
    g_autofree char *filter = filter_text(&scope);
    const struct capture_options capture = {
        .interface = interface,
        .filter = filter,
        .many = run == NULL,
    };
    handles->capture = capture_open(&capture, error);
    return handles->capture != NULL;
}

static bool open_lookups(struct handles *handles, const struct options *options, GError **error)
{
    const struct lookups_settings settings = {
        .names = !options->numeric,
        .asns = options->asn,
        .asn_server = options->asn_server,
        .asn_zone = options->asn_zone,
        .asn_db = options->asn_db,
        .timeout_ms = LOOKUP_MS,
    };

    if (!settings.names && !settings.asns)
        return true;
    handles->lookups = lookups_new(&settings, error);
    return handles->lookups != NULL;
}

static bool open_files(struct handles *handles, const struct options *options, GError **error)
{
    handles->output = output_open(options, error);
    if (handles->output == NULL)
        return false;
    if (options->write_file == NULL)
        return true;
    handles->record = record_open(options->write_file, error);
    if (handles->record == NULL)
        return false;
    const struct capture_info info = capture_info(handles->capture);
    return record_begin(handles->record, &info, options->command_line, error);
}

bool handles_open(struct handles *handles, const struct options *options, const char *interface,
                  const struct run *run, GError **error)
{
    return privileges_check(error) && open_senders(handles, options, interface, run, error) &&
           open_capture(handles, options, interface, run, error) &&
           open_lookups(handles, options, error) && open_files(handles, options, error) &&
           privileges_drop(error);
}

void handles_close(struct handles *handles)
{
    for (size_t i = 0; i < G_N_ELEMENTS(handles->senders); i++) {
        sender_free(handles->senders[i]);
        g_clear_error(&handles->sender_errors[i]);
    }
    record_close(handles->record, &(struct capture_stats){ 0 }, NULL);
    capture_free(handles->capture);
    lookups_free(handles->lookups);
    output_free(handles->output);
}

struct sender *handles_sender(const struct handles *handles, const struct tf_addr *dst,
                              GError **error)
{
    const size_t index = sender_index(dst->version);
    struct sender *sender = handles->senders[index];

    if (sender == NULL)
        g_propagate_error(error, g_error_copy(handles->sender_errors[index]));
    return sender;
}
