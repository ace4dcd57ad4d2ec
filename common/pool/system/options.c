/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/options.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <zoetrope/pool.h>

#include "pool/system/error.h"

/* No release has larger ones; more is a mistake, and is not looked through. */
#define MOST_BYTES 4096

int zi_options_read(void *own, size_t known_bytes, const void *options, size_t bytes, const char *type)
{
	const uint8_t *byte = options;

	if (!options)
		return 0;
	if (bytes > MOST_BYTES)
		return zi_fail(E2BIG, "%s of %zu bytes: there are at most %d", type, bytes, MOST_BYTES);
	for (size_t i = known_bytes; i < bytes; i++) {
		if (byte[i])
			return zi_fail(E2BIG,
				"%s of %zu bytes sets byte %zu, and libzoetrope %s knows the first %zu: use the library of "
				"the program's own release, and leave zero what is reserved",
				type, bytes, i, zoe_version(), known_bytes);
	}
	memcpy(own, options, bytes < known_bytes ? bytes : known_bytes);
	return 0;
}
