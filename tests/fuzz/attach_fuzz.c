/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader comes to a pool of whatever content: no crash, no SIGBUS, no end to come, nothing left. */
#include <stdlib.h>
#include <string.h>

#include <zoetrope/zoetrope.h>

#include "image.h"
#include "fuzz_time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	/* attach-fuzz --seeds FOLDER */
	if (*argc == 3 && strcmp((*argv)[1], "--seeds") == 0)
		exit(image_write_seeds((*argv)[2]) ? 1 : 0);
	return 0;
}

static void use(struct zoe_reader *reader, unsigned steps)
{
	const struct zoe_frame *frames[8] = { NULL };
	struct zoe_status status;

	for (unsigned i = 0; i < steps; i++) {
		int64_t deadline_ns = i % 2 ? zoe_deadline_in_ms(1) : ZOE_POLL;
		int error = zoe_reader_acquire(reader, &frames[i], deadline_ns);
		image_check_error(error, "acquire");
		if ((error == 0) != (frames[i] != NULL))
			abort();
		if (frames[i])
			image_look_at(frames[i]);
		zoe_reader_get_status(reader, &status);
		if (i >= 2) {
			zoe_reader_release(reader, frames[i - 2]);
			frames[i - 2] = NULL;
		}
	}
	for (unsigned i = 0; i < steps / 2; i++)
		zoe_reader_release(reader, frames[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_orders orders;
	struct zoe_reader *reader = NULL;

	if (!image_lay(data, size, &orders))
		return -1;
	const struct zoe_reader_options options = {
		.policy = (enum zoe_policy)orders.policy,
		.hold = orders.hold,
		.depth = orders.depth,
		.label = "fuzz",
		.spin = orders.spin,
	};
	image_begin();
	int error = zoe_reader_attach(&reader, image_name, &options, ZOE_POLL);
	image_check_error(error, "attach");
	if ((error == 0) != (reader != NULL))
		abort();
	if (reader)
		use(reader, orders.steps);
	zoe_reader_detach(&reader);
	/* The longest grace is a second, and each sleep takes 20 ms at least. */
	image_end(100);
	return 0;
}
