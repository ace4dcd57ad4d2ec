/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A writer that breaks promise 1: it keeps each frame that it published and paints over it
 * while the reader holds it. With it a test proves that zoe-framemd5 --hold-check can see that.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <zoetrope/zoetrope.h>

#include "support/frame.h"

#define SIDE 64
#define FRAMES 5

static int publish_and_repaint(struct zoe_writer *writer, const struct zoe_frame_info *info)
{
	struct zoe_slot slot;
	int result = zoe_writer_begin(writer, &slot);

	if (result < 0)
		return result;
	memset(slot.data, 1, SIDE * SIDE);
	result = zoe_writer_publish(writer, slot.index, info, ZOE_PUBLISH_KEEP, zoe_deadline_in_ms(5000));
	if (result < 0)
		return result;
	/* By now the reader has read it once, and holds it. */
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	slot.data[SIDE * SIDE - 1]++;
	zoe_writer_let_go(writer, slot.index);
	return 0;
}

int main(int argc, char **argv)
{
	const struct zoe_writer_options options = { .slot_bytes = SIDE * SIDE, .lossless = true };
	struct zoe_frame_info info = gray_frame(SIDE, SIDE);
	struct zoe_writer *writer = NULL;
	int result = argc == 2 ? zoe_writer_create(&writer, argv[1], &options) : -1;

	info.time_base_num = 1;
	info.time_base_den = 25;
	if (result == 0)
		result = zoe_writer_announce(writer);
	if (result == 0)
		result = zoe_writer_wait_readers(writer, 1, zoe_deadline_in_ms(5000));
	for (info.pts = 0; result == 0 && info.pts < FRAMES; info.pts++)
		result = publish_and_repaint(writer, &info);
	if (result == 0)
		result = zoe_writer_end(writer, zoe_deadline_in_ms(5000));
	if (result < 0)
		fprintf(stderr, "liar: error: %s\n", zoe_error());
	zoe_writer_destroy(&writer);
	return result < 0;
}
