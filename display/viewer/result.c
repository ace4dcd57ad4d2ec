/* SPDX-License-Identifier: BSD-2-Clause */
/* Copying a result out of the library's hands. */
#include "result.h"

#include <stdlib.h>
#include <string.h>

struct seen *seen_copy(const struct zoe_result *result)
{
	size_t marks_bytes = result->n_marks * sizeof(result->marks[0]);
	struct seen *seen = malloc(sizeof(*seen) + marks_bytes);

	if (!seen)
		return NULL;
	*seen = (struct seen){
		.seat = result->seat,
		.epoch = result->epoch,
		.seq = result->seq,
		.posted_ns = result->posted_ns,
		.n_marks = result->n_marks,
	};
	memcpy(seen->worker, result->worker, sizeof(seen->worker));
	if (marks_bytes > 0)
		memcpy(seen->marks, result->marks, marks_bytes);
	return seen;
}
