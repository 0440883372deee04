/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that differs between Wireshark 4.0 and 4.6, in one place; include it before any Wireshark
 * header. */
#ifndef TRACEFLOW_DISSECTOR_COMPAT_H
#define TRACEFLOW_DISSECTOR_COMPAT_H

#include <wireshark.h>

#include <ws_version.h>

#define TF_WIRESHARK_AT_LEAST(major, minor)                                                        \
    (WIRESHARK_VERSION_MAJOR > (major) ||                                                          \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* 4.3 turned gboolean into bool: in preferences, and in what dissectors by heuristics, conversation
 * filters and callbacks of memory return. */
#if TF_WIRESHARK_AT_LEAST(4, 3)
typedef bool tf_bool;
#else
typedef gboolean tf_bool;
#endif

/* 4.3 made fields of the columns. */
#define TF_COLUMNS_ARE_FIELDS TF_WIRESHARK_AT_LEAST(4, 3)

/* 4.3 asks plugins what they are. */
#if TF_WIRESHARK_AT_LEAST(4, 3)
#include <wsutil/plugins.h>
#endif

/* 4.3 moved the list of frames that a frame needs when displayed packets are saved. */
#if TF_WIRESHARK_AT_LEAST(4, 3)
#define TF_DEPENDS_ON(pinfo, frame) mark_frame_as_depended_upon((pinfo)->fd, frame)
#else
#define TF_DEPENDS_ON(pinfo, frame) mark_frame_as_depended_upon(pinfo, frame)
#endif

/* 4.3 gives conversation filters data of their own. */
#if TF_WIRESHARK_AT_LEAST(4, 3)
#define TF_CONVERSATION_ARGUMENTS packet_info *pinfo, void *data _U_
#define TF_REGISTER_CONVERSATION_FILTER(protocol, title, is_valid, build)                          \
    register_conversation_filter(protocol, title, is_valid, build, NULL)
#else
#define TF_CONVERSATION_ARGUMENTS       packet_info *pinfo
#define TF_REGISTER_CONVERSATION_FILTER register_conversation_filter
#endif

/* 4.5 lets a statistic refuse its arguments. */
#if TF_WIRESHARK_AT_LEAST(4, 5)
#define TF_STAT_INIT_RESULT         bool
#define TF_STAT_INIT_RETURN(result) return result
#else
#define TF_STAT_INIT_RESULT void
#define TF_STAT_INIT_RETURN(result)                                                                \
    do {                                                                                           \
        if (!(result))                                                                             \
            exit(EXIT_FAILURE); /* as upstream's own statistics do */                              \
    } while (0)
#endif

#endif
