/* SPDX-License-Identifier: BSD-2-Clause */
/* A result is valid until the next call of the library; a copy as long as it is wanted. */
#include "result.h"

#include <stdlib.h>
#include <string.h>

struct worker_result *worker_result_copy(const struct zoe_result *result)
{
	size_t marks_bytes = result->n_marks * sizeof(result->marks[0]);
	struct worker_result *copy = malloc(sizeof(*copy) + marks_bytes);

	if (!copy)
		return NULL;
	*copy = (struct worker_result){
		.seat = result->seat,
		.epoch = result->epoch,
		.seq = result->seq,
		.posted_ns = result->posted_ns,
		.n_marks = result->n_marks,
	};
	memcpy(copy->worker, result->worker, sizeof(copy->worker));
	if (marks_bytes > 0)
		memcpy(copy->marks, result->marks, marks_bytes);
	return copy;
}
