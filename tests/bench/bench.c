/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"
#include "program/signals.h"
#include "support/name.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool line_open;

void bench_catch_signals(void)
{
	/* Without a descriptor for it, a signal ends the bench as it ends any program. */
	if (zi_signals_catch(0))
		return;
}

bool bench_stopped(void)
{
	return zi_signals_stopped();
}

void bench_sleep_until(int64_t ns)
{
	struct timespec at = { ns / 1000000000, ns % 1000000000 };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0 && !zi_signals_stopped())
		;
}

int64_t bench_cpu_ns(void)
{
	struct timespec used;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * INT64_C(1000000000) + used.tv_nsec;
}

int bench_fail(const char *format, ...)
{
	va_list arguments;
	bench_progress_end();
	fputs("zoe-bench: error: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return 1;
}

void bench_progress(const char *format, ...)
{
	va_list arguments;
	bool terminal = isatty(STDERR_FILENO);
	fputs(terminal ? "\r\033[K" : "", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	if (!terminal)
		fputc('\n', stderr);
	fflush(stderr);
	line_open = terminal;
}

void bench_progress_end(void)
{
	if (line_open)
		fputs("\r\033[K", stderr);
	line_open = false;
}

void bench_pool_name(char name[ZOE_NAME_BYTES])
{
	own_pool_name(name, "bench");
}

struct zoe_frame_info bench_picture(uint32_t width_px, uint32_t height_px)
{
	uint64_t luma_bytes = (uint64_t)width_px * height_px;
	uint32_t half_width = (width_px + 1) / 2, half_height = (height_px + 1) / 2;
	return (struct zoe_frame_info){
		.width_px = width_px, .height_px = height_px, .format = "yuv420p", .n_planes = 3,
		.planes = {
			{ 0, width_px, width_px, height_px, 0 },
			{ luma_bytes, half_width, half_width, half_height, 0 },
			{ luma_bytes + (uint64_t)half_width * half_height, half_width, half_width, half_height, 0 },
		},
	};
}

uint64_t bench_picture_bytes(uint32_t width_px, uint32_t height_px)
{
	struct zoe_frame_info info = bench_picture(width_px, height_px);
	return info.planes[2].offset_bytes + (uint64_t)info.planes[2].row_bytes * info.planes[2].rows;
}
