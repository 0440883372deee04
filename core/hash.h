/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hashing of plain keys, with a seed that a capture's author cannot know. */
#ifndef TRACEFLOW_CORE_HASH_H
#define TRACEFLOW_CORE_HASH_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Hash len bytes of a key whose padding is zero. The seed is drawn once per process, so that no
 * capture can be made whose keys all collide; the order of hash tables, which it changes, must not
 * show in any result. The wide form gives all 64 bits.
 */
guint hash_bytes(const void *key, size_t len);
uint64_t hash_bytes_wide(const void *key, size_t len);

/** The hash and the equality of a struct tf_addr as a key of hash tables. */
guint hash_addr(gconstpointer addr);
gboolean equal_addr(gconstpointer a, gconstpointer b);

#endif
