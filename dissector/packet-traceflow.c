/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stockholm traceroute (docs/WIRE.md): the protocol, and where it hooks into dissection. */
/*
 * Two hooks share one memory of the file (records.c). The post-dissector sees every frame after all
 * other dissectors and asks Wireshark for nothing but the frame's bytes: no field of another
 * protocol, hence no tree that would have to be built for it. Core tells whether the frame is ours;
 * a frame that is not has cost one header parse.
 *
 * The payload dissector stands at a probe's payload of UDP or ICMP echo, as sent or as quoted. It
 * claims what core has recognised, so that nobody else does and the search through all the
 * heuristics of UDP ends early. It shows next to nothing: the post-dissector fills the item that it
 * leaves at a probe's payload, and adds one of its own to all other frames, at the end of the
 * packet details, whether or not a router quoted the payload.
 */
#include "packet-traceflow.h"

#include "compat.h"

#include <epan/packet.h>
#include <epan/proto_data.h>
#include <epan/tap.h>

#include "columns.h"
#include "experts.h"
#include "onlookers.h"
#include "preferences.h"
#include "records.h"
#include "sighting.h"
#include "tag.h"
#include "tap-end.h"
#include "tree.h"

/* Packet-scope proto data: the item of the probe's payload that was claimed. */
enum { KEY_PAYLOAD };

static int proto_traceflow = -1;
static int traceflow_tap = -1;
static const protocol_t *protocol;

static dissector_handle_t payload_handle;
static dissector_handle_t frame_end_handle;

static int dissect_payload(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    if (!tag_present(tvb))
        return 0;
    records_read(pinfo);
    const struct record *record = records_at(pinfo);
    if (record == NULL || record_has(record, RECORD_FORGED))
        return 0;

    proto_item *item = tree != NULL ? tree_add_payload(tree, tvb, record) : NULL;
    if (item != NULL)
        p_add_proto_data(pinfo->pool, pinfo, proto_traceflow, KEY_PAYLOAD, item);
    return (int)tvb_captured_length(tvb);
}

static tf_bool dissect_payload_heur(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_payload(tvb, pinfo, tree, data) > 0;
}

/* Who saves the frames that are displayed saves the other of a pair, too. Not what else they name:
 * Wireshark follows such links from frame to frame by recursion, and repetitions make long chains.
 */
static void link_frames(packet_info *pinfo, const struct sighting *sighting)
{
    const uint32_t frames[] = {
        sighting->reply_frame,
        sighting->obs.has_probe ? (uint32_t)sighting->obs.probe_frame : 0,
        sighting->first_reply_frame,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(frames); i++)
        if (frames[i] != 0)
            TF_DEPENDS_ON(pinfo, frames[i]);
}

/* What a tap listener gets lives until the packet's dissection is cleaned up. */
static void queue_for_taps(packet_info *pinfo, const struct tf_observation *obs)
{
    if (have_tap_listener(traceflow_tap))
        tap_queue_packet(traceflow_tap, pinfo, wmem_memdup(pinfo->pool, obs, sizeof *obs));
}

/* Where a frame was cut off inside a quote, ICMPv6's dissector did not get around to saying that it
 * has left it: taps would pass the frame over, and its columns could not be written. */
static void leave_quote(packet_info *pinfo)
{
    pinfo->flags.in_error_pkt = 0;
    col_set_writable(pinfo->cinfo, -1, TRUE);
}

static proto_item *payload_item(packet_info *pinfo, proto_tree *tree)
{
    return tree == NULL ? NULL : p_get_proto_data(pinfo->pool, pinfo, proto_traceflow, KEY_PAYLOAD);
}

/* A frame of ours; data is its sighting. */
static int dissect_frame_end(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const struct sighting *sighting = data;

    tree_add(tree, payload_item(pinfo, tree), pinfo, sighting);
    columns_set(pinfo, tree, sighting);
    link_frames(pinfo, sighting);
    if (!sighting->forged)
        queue_for_taps(pinfo, &sighting->obs);
    tap_end_frame(pinfo);
    return (int)tvb_captured_length(tvb);
}

/*
 * Any frame. Before Wireshark calls the dissector of a protocol it adds a layer, and removes it if
 * that one declines, which costs more than to find out that a frame is not ours. So this dissector
 * is of no protocol, and asks for itself whether ours is enabled.
 */
static int dissect_any_frame_end(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                                 void *data _U_)
{
    struct sighting sighting;

    if (!proto_is_protocol_enabled(protocol))
        return 0;
    records_pass(pinfo);
    if (!sighting_find(&sighting, pinfo))
        return 0;

    leave_quote(pinfo);
    /* Layer and protocol are seen in the tree and by expert infos. */
    if (tree == NULL && !onlookers_of_experts(pinfo, NULL))
        return dissect_frame_end(tvb, pinfo, tree, &sighting);
    return call_dissector_only(frame_end_handle, tvb, pinfo, tree, &sighting);
}

void proto_register_traceflow(void)
{
    proto_traceflow = proto_register_protocol("Stockholm Traceroute", "Traceflow", "traceflow");
    tree_register(proto_traceflow);
    experts_register(proto_traceflow);
    preferences_register(proto_traceflow);
    records_register();
    traceflow_tap = register_tap("traceflow");

    /* No description of its own: the preference traceflow.udp.port finds it by the default one. */
    payload_handle = register_dissector("traceflow", dissect_payload, proto_traceflow);
}

void proto_reg_handoff_traceflow(void)
{
    protocol = find_protocol_by_id(proto_traceflow);
    tree_handoff();
    frame_end_handle = create_dissector_handle(dissect_frame_end, proto_traceflow);
    register_postdissector(create_dissector_handle(dissect_any_frame_end, -1));
    heur_dissector_add("udp", dissect_payload_heur, "Traceflow over UDP", "traceflow_udp",
                       proto_traceflow, HEURISTIC_ENABLE);
    heur_dissector_add("icmp", dissect_payload_heur, "Traceflow over ICMP", "traceflow_icmp",
                       proto_traceflow, HEURISTIC_ENABLE);
    heur_dissector_add("icmpv6", dissect_payload_heur, "Traceflow over ICMPv6", "traceflow_icmpv6",
                       proto_traceflow, HEURISTIC_ENABLE);
    dissector_add_for_decode_as_with_preference("udp.port", payload_handle);
}
