/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Identification of a probe, whose two bytes are path ID and TTL. */
/*
 * The IP dissector knows nothing of them, and a plugin cannot hook into its fields. But where the
 * packet details are to be seen, the item of ip.id is in the tree when the post-dissector runs, and
 * takes children as well as any other. Where they are not to be seen (a filter, a column), only
 * values count, not places: the two fields then stand below our own Identification, and are found
 * all the same. So it is where the IP header is a fragment's, and is shown with another frame.
 */
#include "ident.h"

#include "traceflow/encoding.h"

static int hf_ip_id = -1;

static int hf_traceflow_id = -1;
static int hf_traceflow_id_path = -1;
static int hf_traceflow_id_ttl = -1;
static int hf_traceflow_ipid_path = -1;
static int hf_traceflow_ipid_ttl = -1;

static int ett_traceflow_id = -1;
static int ett_traceflow_ipid = -1;

/* Which field to look for, and what was found. */
struct search {
    tvbuff_t *tvb;
    int offset;
    proto_item *found;
};

static void look_at(proto_node *node, void *data)
{
    struct search *search = data;
    const field_info *field = PNODE_FINFO(node);

    if (search->found != NULL)
        return;
    if (field != NULL && field->hfinfo->id == hf_ip_id && field->ds_tvb == search->tvb &&
        field->start == search->offset)
        search->found = node;
    else
        proto_tree_children_foreach(node, look_at, search);
}

/* The item of ip.id at an offset of the frame; NULL if there is none to be seen. */
static proto_item *find_ip_id(proto_tree *root, const struct bearer *bearer, int offset)
{
    struct search search = { .tvb = bearer->tvb, .offset = offset };

    if (PTREE_DATA(root)->visible)
        proto_tree_children_foreach(root, look_at, &search);
    return search.found;
}

static void append_meaning(proto_item *item, const struct tf_observation *obs)
{
    if (obs->has_ttl && obs->ident == tf_ident(obs->path_id, obs->ttl))
        proto_item_append_text(item, " [path %u, TTL %u]", obs->path_id, obs->ttl);
    else if (obs->has_ttl && obs->ident_fault != TF_IDENT_INTACT)
        proto_item_append_text(item, " [not as it was sent]");
    else if (obs->ident_fault != TF_IDENT_INTACT)
        proto_item_append_text(item, " [of no probe in this capture]");
}

static void add_to_ip(proto_tree *root, proto_item *own, const struct bearer *bearer,
                      const struct tf_observation *obs)
{
    proto_item *ip_id = find_ip_id(root, bearer, bearer->ip + TF_IPV4_IDENT);
    proto_tree *bytes = proto_item_add_subtree(ip_id != NULL ? ip_id : own, ett_traceflow_ipid);

    if (ip_id != NULL)
        append_meaning(ip_id, obs);
    proto_tree_add_item(bytes, hf_traceflow_ipid_path, bearer->tvb, bearer->ip + TF_IPV4_IDENT_PATH,
                        1, ENC_BIG_ENDIAN);
    proto_tree_add_item(bytes, hf_traceflow_ipid_ttl, bearer->tvb, bearer->ip + TF_IPV4_IDENT_TTL,
                        1, ENC_BIG_ENDIAN);
}

void ident_add(proto_tree *root, proto_tree *tree, const struct bearer *bearer,
               const struct tf_observation *obs)
{
    static int *const bits[] = { &hf_traceflow_id_path, &hf_traceflow_id_ttl, NULL };
    proto_item *item = proto_tree_add_bitmask(tree, bearer->tvb,
                                              (guint)(bearer->ip + TF_IPV4_IDENT), hf_traceflow_id,
                                              ett_traceflow_id, bits, ENC_BIG_ENDIAN);

    append_meaning(item, obs);
    add_to_ip(root, item, bearer, obs);
}

void ident_register(int proto)
{
    static hf_register_info hf[] = {
        { &hf_traceflow_id,
          { "Identification", "traceflow.id", FT_UINT16, BASE_HEX, NULL, 0x0,
            "The probe's IPv4 Identification, as captured or as an ICMP error quotes it", HFILL } },
        { &hf_traceflow_id_path,
          { "Path ID", "traceflow.id.path", FT_UINT16, BASE_DEC, NULL, 0xff00,
            "The high byte of the Identification is the low byte of the path ID", HFILL } },
        { &hf_traceflow_id_ttl,
          { "TTL", "traceflow.id.ttl", FT_UINT16, BASE_DEC, NULL, 0x00ff,
            "The low byte of the Identification is the TTL that the probe was sent with", HFILL } },
        { &hf_traceflow_ipid_path,
          { "Path ID", "traceflow.ipid.path", FT_UINT8, BASE_DEC, NULL, 0x0,
            "The high byte of the Identification is the low byte of the path ID", HFILL } },
        { &hf_traceflow_ipid_ttl,
          { "TTL", "traceflow.ipid.ttl", FT_UINT8, BASE_DEC, NULL, 0x0,
            "The low byte of the Identification is the TTL that the probe was sent with", HFILL } },
    };
    static int *ett[] = { &ett_traceflow_id, &ett_traceflow_ipid };

    proto_register_field_array(proto, hf, G_N_ELEMENTS(hf));
    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
}

void ident_handoff(void)
{
    hf_ip_id = proto_registrar_get_id_byname("ip.id");
}
