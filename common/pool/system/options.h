/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of a caller that was built with this release, an older or a newer one. */
#ifndef ZI_OPTIONS_H
#define ZI_OPTIONS_H

#include <stddef.h>

/*
 * Copy the caller's options, `bytes` long and NULL for none, to `own`, which is zeroed. The
 * library knows the first known_bytes: of a shorter struct the rest stays zero, and of a
 * longer one the rest has to be. 0, or -E2BIG and why in zoe_error(). `type` is the struct's name.
 */
int zi_options_read(void *own, size_t known_bytes, const void *options, size_t bytes, const char *type);

#endif
