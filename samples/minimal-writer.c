/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest writer: a moving bar at 25 fps, until Ctrl-C. Usage: minimal-writer POOL */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zoetrope/zoetrope.h>

#define WIDTH 320
#define HEIGHT 240
#define FPS 25

static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE, SIGXCPU };

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	interrupted = number;
}

static void draw(uint8_t *pixels, int64_t number)
{
	for (int row = 0; row < HEIGHT; row++) {
		memset(pixels + row * WIDTH, 16 + row / 2, WIDTH);
		memset(pixels + row * WIDTH + number * 2 % (WIDTH - 16), 235, 16);
	}
}

int main(int argc, char **argv)
{
	const struct zoe_writer_options options = { .slot_bytes = WIDTH * HEIGHT };
	struct zoe_frame_info info = { .width_px = WIDTH,
		.height_px = HEIGHT,
		.format = "gray",
		.n_planes = 1,
		.planes[0] = { .stride_bytes = WIDTH, .row_bytes = WIDTH, .rows = HEIGHT },
		.time_base_num = 1,
		.time_base_den = FPS,
		.duration = 1 };
	struct timespec tick = { .tv_nsec = 1000000000 / FPS };
	struct zoe_writer *writer = NULL;
	struct zoe_slot slot;
	int result = zoe_writer_create(&writer, argc > 1 ? argv[1] : "main", &options);

	/* What ends a program; SIGKILL alone leaves the pool behind, until the next writer of its name. */
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (signal(ends[i], interrupt) == SIG_IGN && ends[i] != SIGINT)
			signal(ends[i], SIG_IGN);
	for (; result == 0 && !interrupted; info.pts++) {
		nanosleep(&tick, NULL);
		result = zoe_writer_begin(writer, &slot);
		if (result == -EAGAIN) { /* readers hold every slot: this frame is dropped */
			result = 0;
			continue;
		}
		if (result == 0) {
			draw(slot.data, info.pts);
			result = zoe_writer_publish(writer, slot.index, &info, 0, ZOE_POLL);
		}
	}
	if (result < 0)
		fprintf(stderr, "minimal-writer: error: %s\n", zoe_error());
	if (writer) { /* readers wait for the next one */
		zoe_writer_set_end(writer, result < 0 ? ZOE_END_FAILED : ZOE_END_STOPPED);
		zoe_writer_end(writer, zoe_deadline_in_ms(1000));
	}
	zoe_writer_destroy(&writer);
	return result < 0;
}
