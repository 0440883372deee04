/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol's registration, as upstream names it. */
#ifndef TRACEFLOW_DISSECTOR_PACKET_TRACEFLOW_H
#define TRACEFLOW_DISSECTOR_PACKET_TRACEFLOW_H

void proto_register_traceflow(void);
void proto_reg_handoff_traceflow(void);

#endif
