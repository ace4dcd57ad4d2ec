/* SPDX-License-Identifier: BSD-2-Clause */
/* An observer, and a list of pools, look at a pool of whatever content. */
#include <stdlib.h>
#include <string.h>

#include <zoetrope/zoetrope.h>

#include "image.h"
#include "fuzz_time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct zoe_observer *observer, unsigned steps)
{
	const struct zoe_frame *frame;
	for (unsigned i = 0; i < steps; i++) {
		int error = zoe_observer_next(observer, &frame, i % 2 ? zoe_deadline_in_ms(1) : ZOE_POLL);
		image_check_error(error, "next");
		if ((error == 0) != (frame != NULL))
			abort();
		if (frame)
			image_look_at(frame);
		image_check_error(zoe_observer_check(observer), "check");
	}
}

/* What zoe-top does with every pool that there is. */
static void list(void)
{
	struct zoe_list *pools;
	const struct zoe_pool_info *info;

	image_check_error(zoe_list_open(&pools), "list");
	while (pools && zoe_list_next(pools, &info) == 0)
		if (info->n_readers > ZOE_MAX_SEATS ||
			strnlen(info->stream.format, ZOE_FORMAT_BYTES) == ZOE_FORMAT_BYTES)
			abort();
	zoe_list_close(&pools);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_orders orders;
	struct zoe_observer *observer;

	if (!image_lay(data, size, &orders))
		return -1;
	fuzz_sleeps();
	fuzz_meanwhile = image_live;
	fuzz_at_lock = image_change;
	fuzz_only = image_name;
	int error = zoe_observer_open(&observer, image_name, ZOE_POLL);
	image_check_error(error, "open");
	if ((error == 0) != (observer != NULL))
		abort();
	if (observer)
		use(observer, orders.steps);
	zoe_observer_close(&observer);
	list();
	image_end(100);
	return 0;
}
