/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes at its own pace, and what comes as fast as it is read; by a clock of the test's. */
#include <criterion/criterion.h>

#include "arrival.h"

#define MS INT64_C(1000000)

static struct arrival arrival;
static int64_t now_ns, offset;

/* Packets of so much video and so many bytes, each read in read_ms, until there is a verdict. */
static enum arrival_verdict receive(int64_t media_ms, int64_t bytes, int64_t read_ms, int n)
{
	enum arrival_verdict verdict = ARRIVAL_OPEN;

	for (int i = 0; i < n && verdict == ARRIVAL_OPEN; i++) {
		int64_t begun_ns = now_ns;
		now_ns += read_ms * MS;
		offset += bytes;
		verdict = arrival_note(&arrival, begun_ns, now_ns, offset, media_ms * MS, (size_t)bytes);
	}
	return verdict;
}

static void begin_with(bool has_timestamps, bool is_served)
{
	now_ns = 1000 * MS;
	offset = 5000;
	arrival_init(&arrival, offset, has_timestamps, is_served);
}

static void begin(bool has_timestamps)
{
	begin_with(has_timestamps, false);
}

/* Thirty pictures a second that are taken for 25, and sixty: the rate is a guess. */
Test(arrival, live_at_another_rate)
{
	begin(false);
	cr_assert(receive(40, 10000, 33, 100) == ARRIVAL_LIVE);
	begin(false);
	cr_assert(receive(40, 10000, 17, 100) == ARRIVAL_LIVE);
}

/* With timestamps the clock runs as they do, and an encoder that is faster is none that is live. */
Test(arrival, live_with_timestamps)
{
	begin(true);
	cr_assert(receive(40, 10000, 38, 100) == ARRIVAL_LIVE);
	begin(true);
	cr_assert(receive(40, 10000, 20, 100) == ARRIVAL_FILE);
}

/* What is read without waiting is a file, once it is more than a pipe has in store. */
Test(arrival, file)
{
	begin(true);
	cr_assert(receive(40, 1000, 0, 190) == ARRIVAL_OPEN, "much video, but few bytes");
	cr_assert(receive(40, 1000, 0, 100) == ARRIVAL_FILE);
	begin(false);
	cr_assert(receive(40, 100000, 0, 20) == ARRIVAL_OPEN, "many bytes, but little video");
	cr_assert(receive(40, 100000, 0, 100) == ARRIVAL_FILE);
}

/* A file whose reader waited once, since the machine is busy, is a file all the same. */
Test(arrival, file_that_is_late_once)
{
	begin(false);
	cr_assert(receive(40, 10000, 500, 1) == ARRIVAL_OPEN);
	cr_assert(receive(40, 10000, 1, 100) == ARRIVAL_FILE);
}

/* What was read before, and what was in store, does not make a live source a file. */
Test(arrival, live_after_what_was_buffered)
{
	begin(true);
	cr_assert(receive(40, 0, 0, 200) == ARRIVAL_OPEN, "libavformat's");
	cr_assert(receive(40, 1000, 0, 60) == ARRIVAL_OPEN, "the pipe's");
	cr_assert(receive(40, 1000, 40, 100) == ARRIVAL_LIVE);
	begin(true);
	receive(40, 0, 0, 200);
	cr_assert(receive(40, 15000, 0, 20) == ARRIVAL_OPEN, "the first second of it");
}

/* A server begins with what it has had since its last key picture; what has ten seconds of that is a file. */
Test(arrival, live_after_what_was_served)
{
	begin_with(true, true);
	cr_assert(receive(40, 10000, 0, 100) == ARRIVAL_OPEN, "four seconds at once");
	cr_assert(receive(40, 10000, 40, 100) == ARRIVAL_LIVE);
	begin_with(true, true);
	cr_assert(receive(40, 10000, 40, 1) == ARRIVAL_OPEN);
	cr_assert(receive(40, 10000, 4, 100) == ARRIVAL_OPEN, "four seconds, not quite at once");
	cr_assert(receive(40, 10000, 40, 100) == ARRIVAL_LIVE);
	begin_with(true, true);
	cr_assert(receive(40, 10000, 0, 240) == ARRIVAL_OPEN && receive(40, 10000, 0, 20) == ARRIVAL_FILE);
	begin_with(true, true);
	receive(40, 10000, 40, 1);
	cr_assert(receive(40, 10000, 4, 240) == ARRIVAL_OPEN && receive(40, 10000, 4, 40) == ARRIVAL_FILE);
}

/* A second tells, and so does as much as memory is to be spent on. */
Test(arrival, verdict_in_time)
{
	begin(true);
	receive(1, 1000, 10, 10000);
	cr_assert(now_ns <= 1000 * MS + 1020 * MS);
	begin(true);
	cr_assert(receive(0, 30000000, 0, 3) == ARRIVAL_FILE);
}
