/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest reader: one line a frame, through restarts, until the input ends. Usage: minimal-reader POOL */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <zoetrope/zoetrope.h>

static double mean_of(const uint8_t *data, const struct zoe_plane *plane)
{
	uint64_t sum = 0;

	for (size_t row = 0; row < plane->rows; row++)
		for (size_t x = 0; x < plane->row_bytes; x++)
			sum += data[row * plane->stride_bytes + x];
	return (double)sum / plane->rows / plane->row_bytes;
}

int main(int argc, char **argv)
{
	const struct zoe_reader_options options = { .policy = ZOE_LATEST };
	struct zoe_reader *reader = NULL;
	const struct zoe_frame *frame;
	const char *pool = argc > 1 ? argv[1] : "main";
	int result = zoe_reader_attach(&reader, pool, &options, zoe_deadline_in_ms(200));

	if (result == -ENOENT) {
		fprintf(stderr, "minimal-reader: %s: waiting for it\n", zoe_error());
		result = zoe_reader_attach(&reader, pool, &options, ZOE_FOREVER);
	}
	setlinebuf(stdout);
	while ((result == 0 || result == -EOWNERDEAD) && !ferror(stdout)) {
		result = zoe_reader_acquire(reader, &frame, ZOE_FOREVER);
		if (result == -EOWNERDEAD)
			fprintf(stderr, "minimal-reader: %s; waiting for the next one\n", zoe_error());
		if (result < 0)
			continue;
		printf("%" PRIu64 " %ux%u %s pts %" PRId64 " skipped %" PRIu64 " mean %.2f\n", frame->seq,
			frame->info.width_px, frame->info.height_px, frame->info.format, frame->info.pts,
			frame->skipped, mean_of(frame->data[0], &frame->info.planes[0]));
		zoe_reader_release(reader, frame);
	}
	if (result != -ENODATA)
		fprintf(stderr, "minimal-reader: error: %s\n", ferror(stdout) ? "cannot write to stdout" : zoe_error());
	zoe_reader_detach(&reader);
	return result == -ENODATA ? 0 : 1;
}
