/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In words: by what a frame was recognised. */
#ifndef TRACEFLOW_DISSECTOR_EVIDENCE_H
#define TRACEFLOW_DISSECTOR_EVIDENCE_H

#include <stdbool.h>

#include "traceflow/observation.h"

/** Why the frame is ours; holds_tag: a whole tag is in it, or in what it quotes. */
const char *evidence_words(const struct tf_observation *obs, bool holds_tag);

#endif
