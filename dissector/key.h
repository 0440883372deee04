/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key: the number in a probe's headers that ties it to its run, path and attempt. */
#ifndef TRACEFLOW_DISSECTOR_KEY_H
#define TRACEFLOW_DISSECTOR_KEY_H

#include "bearer.h"

void key_register(int proto);

/** Add the key, and whether it is the right one, if the frame holds a key as the probe had it. */
void key_add(proto_tree *tree, const struct bearer *bearer, const struct tf_observation *obs);

#endif
