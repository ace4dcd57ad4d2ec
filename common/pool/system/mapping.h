/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this process has mapped of objects. One that is cut short by who may write to it is SIGBUS for who
 * touches what is gone: zoe_handle_fault(), called by a program's handler, puts zeroes there instead, and what
 * is left of the view or the writer learns from here that its memory is no longer the pool's.
 */
#ifndef ZI_MAPPING_H
#define ZI_MAPPING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* How many mappings were ever found cut short: 0 nearly always, so that to ask costs one load. */
extern atomic_uint zi_mappings_cut;

/* Note a mapping just made. There is room for a thousand; a fault in one more ends the process, as ever. */
void zi_mapping_add(const void *map, size_t bytes, bool writable);

/* Unmap, but for one that was cut short: the thread's robust list may still lead there. NULL is fine. */
void zi_mapping_remove(const void *map, size_t bytes);

/* True when zeroes stand for the mapping that begins here. */
bool zi_mapping_find_cut(const void *map);

static inline bool zi_mapping_is_cut(const void *map)
{
	return atomic_load_explicit(&zi_mappings_cut, memory_order_relaxed) > 0 && zi_mapping_find_cut(map);
}

#endif
