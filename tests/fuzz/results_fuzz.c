/* SPDX-License-Identifier: BSD-2-Clause */
/* Boards of whatever content: who reads results gets what a mark and a text may be, and a reader can post. */
#include <stdlib.h>
#include <string.h>

#include <zoetrope/zoetrope.h>

#include "image.h"
#include "fuzz_time.h"
#include "pool/layout/marks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct zoe_result *result)
{
	if (result->n_marks > ZOE_MAX_MARKS || result->seat >= ZOE_MAX_SEATS || result->number == 0 ||
		strnlen(result->worker, ZOE_LABEL_BYTES) == ZOE_LABEL_BYTES ||
		strlen(result->json) >= ZOE_MAX_JSON_BYTES)
		abort();
	for (uint32_t i = 0; i < result->n_marks; i++)
		if (zi_mark_fault(&result->marks[i]))
			abort();
}

static void read_results(struct zoe_results *results, unsigned steps)
{
	const struct zoe_result *result;
	for (unsigned i = 0; i < steps; i++) {
		int error = zoe_results_next(results, &result, i % 2 ? zoe_deadline_in_ms(1) : ZOE_POLL);
		image_check_error(error, "next");
		if ((error == 0) != (result != NULL))
			abort();
		if (result)
			check(result);
	}
}

static void post(unsigned steps)
{
	const struct zoe_mark mark = { .label = "mark" };
	const struct zoe_frame *frame;
	struct zoe_reader *reader;

	int error = zoe_reader_attach(&reader, image_name, NULL, ZOE_POLL);
	image_check_error(error, "attach");
	if (error)
		return;
	if (zoe_reader_acquire(reader, &frame, ZOE_POLL) == 0)
		for (unsigned i = 0; i < steps; i++)
			image_check_error(zoe_reader_post(reader, frame, &mark, 1, "{}"), "post");
	zoe_reader_detach(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_orders orders;
	struct zoe_results *results;

	image_has_board = true;
	if (!image_lay(data, size, &orders))
		return -1;
	image_begin();
	int error = zoe_results_open(&results, image_name, ZOE_POLL);
	image_check_error(error, "open");
	if ((error == 0) != (results != NULL))
		abort();
	post(orders.steps);
	if (results)
		read_results(results, orders.steps);
	zoe_results_close(&results);
	/* Seven posts that wait a second for a board, and two graces of one; a sleep and the nap after it take 35 ms at least. */
	image_end(260);
	return 0;
}
