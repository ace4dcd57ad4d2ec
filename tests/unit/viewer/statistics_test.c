/* SPDX-License-Identifier: BSD-2-Clause */
/* What is counted of frames shown, and how it is told. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "statistics.h"

#define MS INT64_C(1000000)

static struct statistics statistics;
static const struct verify verify = { .checked = 9,
	.torn = 1,
	.changed = 2,
	.repeated = 3,
	.mislabelled = 4,
	.mismatched = 5 };

/* A frame that is this old when it is on the screen; half of that it waited. It was decoded for 30 ms. */
static void show(uint64_t epoch, int64_t now_ns, int64_t age_ns)
{
	int64_t published_ns = now_ns - age_ns;
	struct zoe_frame frame = { .epoch = epoch,
		.seq = statistics.seq + 1,
		.info = { .read_ns = published_ns - 32 * MS,
			.decoded_ns = published_ns - 2 * MS,
			.published_ns = published_ns,
			.width_px = 640,
			.height_px = 480,
			.format = "yuv420p" } };
	statistics_frame(&statistics, &frame, false, now_ns - age_ns / 2);
	statistics_presented(&statistics, now_ns);
}

/* Quantiles are at most 1/32 too high. */
static bool is_about(int64_t ns, int64_t wanted_ns)
{
	return ns >= wanted_ns && ns <= wanted_ns + wanted_ns / 32 + 1;
}

TestSuite(statistics);

/* Half of the frames are no older than the median; two old ones in a hundred show in the 99th. */
Test(statistics, age_quantiles)
{
	for (int i = 0; i < 100; i++)
		show(1, 1000 * MS + i * 10 * MS, i < 98 ? 4 * MS : 300 * MS);
	cr_assert(is_about(zoe_histogram_quantile(&statistics.age, 0.5), 4 * MS));
	cr_assert(is_about(zoe_histogram_quantile(&statistics.age, 0.98), 4 * MS));
	cr_assert(is_about(zoe_histogram_quantile(&statistics.age, 0.99), 300 * MS));
}

/* A pause is no time in which frames could have come. */
Test(statistics, resume)
{
	for (int i = 0; i <= 15; i++)
		show(1, 1000 * MS + i * INT64_C(33333334), 2 * MS);
	statistics_resume(&statistics, 5000 * MS);
	for (int i = 16; i <= 30; i++)
		show(1, 6000 * MS + i * INT64_C(33333334), 2 * MS);
	cr_assert(statistics.fps > 29.9 && statistics.fps < 30.1, "%f", statistics.fps);
}

/* The eye gets the figures of the last full second, not of all that was. */
Test(statistics, last_second)
{
	/* 30 frames a second, of which one is old; then 25, all young. */
	for (int i = 0; i <= 30; i++)
		show(1, 1000 * MS + i * INT64_C(33333334), i == 15 ? 90 * MS : 50 * MS);
	cr_assert(statistics.fps > 29.9 && statistics.fps < 30.1, "%f", statistics.fps);
	cr_assert(is_about(statistics.p50_ns, 50 * MS) && is_about(statistics.p99_ns, 90 * MS));
	for (int i = 1; i <= 25; i++)
		show(1, 2001 * MS + i * 40 * MS, 2 * MS);
	cr_assert(statistics.fps > 24.9 && statistics.fps < 25.1, "%f", statistics.fps);
	cr_assert(is_about(statistics.p50_ns, 2 * MS) && statistics.shown == 31 + 25);
	cr_assert(is_about(statistics.second_figures.p50_ns[STAGE_PRESENT], MS));
	cr_assert(is_about(statistics.second_figures.p50_ns[STAGE_ALL], 34 * MS));
}

/* A source that pauses is told as 0 frames a second, though none is presented. */
Test(statistics, describe_in_a_pause)
{
	char lines[512];
	for (int i = 0; i < 40; i++)
		show(1, 1000 * MS + i * 33 * MS, MS);
	statistics_describe(&statistics, 3000 * MS, "cam0", "x11", 7, lines, sizeof(lines));
	cr_assert(strstr(lines, "\nage 1.0") && strstr(lines, " ms, p99 1.0"), "%s", lines);
	statistics_describe(&statistics, 6000 * MS, "cam0", "x11", 7, lines, sizeof(lines));
	statistics_describe(&statistics, 7000 * MS, "cam0", "x11", 7, lines, sizeof(lines));
	cr_assert(statistics.second_figures.p50_ns[STAGE_ALL] == -1, "nothing is known of no frame");
	cr_assert(strstr(lines, "cam0   frame 40\n") && strstr(lines, "640x480   yuv420p\n"), "%s", lines);
	cr_assert(strstr(lines, "0.0 fps   40 shown   7 skipped\n") && strstr(lines, "x11"), "%s", lines);
}

/* Lines that do not fit are cut, and end. */
Test(statistics, describe_in_little_room)
{
	char lines[16];
	memset(lines, 'x', sizeof(lines));
	show(1, 1000 * MS, MS);
	statistics_describe(&statistics, 1010 * MS, "a-rather-long-name", "x11", 0, lines, 10);
	cr_assert(strlen(lines) == 9 && lines[10] == 'x');
}

/* Each new life of the pool is counted once, going back to one that was before included. */
Test(statistics, epochs)
{
	static const uint64_t epochs[] = { 5, 5, 6, 6, 5 };
	for (int i = 0; i < 5; i++)
		show(epochs[i], 1000 * MS + i * MS, MS);
	cr_assert(statistics.epochs == 3 && statistics.shown == 5);
}

/* Frames that went through a conversion are counted, and the window says so. */
Test(statistics, converted)
{
	struct zoe_frame frame = { .epoch = 1, .info = { .format = "pal8" } };
	char lines[512];
	statistics_frame(&statistics, &frame, false, 0);
	statistics_describe(&statistics, 0, "cam0", "x11", 0, lines, sizeof(lines));
	cr_assert(statistics.converted == 0 && strstr(lines, "pal8\n"), "%s", lines);
	statistics_frame(&statistics, &frame, true, 0);
	statistics_describe(&statistics, 0, "cam0", "x11", 0, lines, sizeof(lines));
	cr_assert(statistics.converted == 1 && strstr(lines, "pal8 (converted)\n"), "%s", lines);
}

/* The last line names what happened, and leaves out what did not. */
Test(statistics, say)
{
	static const struct verify none;
	struct statistics_end end = { .pool = "cam0", .state = "ended", .skipped = 7, .verify = &none };
	char said[512];
	stderr = fmemopen(said, sizeof(said), "w");
	setbuf(stderr, NULL);
	show(1, 1000 * MS, 4 * MS);
	statistics_say(&statistics, &end);
	cr_assert(strstr(said, "cam0: 1 shown, 7 skipped, age p50 4."), "%s", said);
	cr_assert(strstr(said, " ms (decode 30") && strstr(said, ", publish 2.0") && strstr(said, ", acquire 2.0") &&
			strstr(said, ", present 2.0") && strstr(said, ", in all 37") && strstr(said, "), ended\n"),
		"%s", said);
	statistics.converted = 6;
	end.verify = &verify;
	statistics_say(&statistics, &end);
	cr_assert(strstr(said, "7 skipped, 6 converted, 9 verified, age p50 4."), "%s", said);
}

/* What the JSON line says, read by a parser. */
static json_t *print(const struct statistics_end *end)
{
	FILE *stream = tmpfile();
	cr_assert(stream != NULL);
	fflush(stdout);
	int saved = dup(STDOUT_FILENO);
	dup2(fileno(stream), STDOUT_FILENO);
	int error = statistics_print_json(&statistics, end);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	cr_assert(error == 0);
	rewind(stream);
	json_t *json = json_loadf(stream, 0, NULL);
	fclose(stream);
	return json;
}

static json_int_t number(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

/* Every count stands under its own name in the last line. */
Test(statistics, print_json)
{
	struct statistics_end end = { .pool = "cam0",
		.state = "ended",
		.display = "x11",
		.skipped = 8,
		.late = 12,
		.verify = &verify,
		.status = 1 };
	show(UINT64_MAX, 1000 * MS, 4 * MS);
	show(UINT64_MAX, 1040 * MS, 4 * MS);
	statistics.converted = 6;
	statistics.matched = 10;
	statistics.unmatched = 11;
	json_t *json = print(&end);
	cr_assert(json != NULL);
	cr_assert(number(json, "matched") == 10 && number(json, "unmatched") == 11);
	cr_assert(number(json, "late") == 12 && number(json, "mismatched") == 5);
	cr_assert(number(json, "shown") == 2 && number(json, "skipped") == 8);
	cr_assert(number(json, "converted") == 6 && number(json, "epochs") == 1);
	cr_assert(number(json, "verified") == 9 && number(json, "torn") == 1 && number(json, "changed") == 2);
	cr_assert(number(json, "repeated") == 3 && number(json, "mislabelled") == 4);
	cr_assert(number(json, "width") == 640 && number(json, "height") == 480);
	cr_assert(number(json, "status") == 1);
	const json_t *age = json_object_get(json, "age_us");
	cr_assert(is_about(number(age, "p50"), 4000) && is_about(number(age, "p99"), 4000));
	cr_assert(strcmp(json_string_value(json_object_get(json, "format")), "yuv420p") == 0);
	cr_assert(strcmp(json_string_value(json_object_get(json, "state")), "ended") == 0);
	json_decref(json);
}

static bool stage_is(const json_t *json, const char *span, json_int_t wanted_us)
{
	const json_t *stage = json_object_get(json_object_get(json, "stages_us"), span);
	return is_about(number(stage, "p50"), wanted_us) && is_about(number(stage, "p99"), wanted_us);
}

/* Each stage has its figures, over the whole run. */
Test(statistics, print_json_stages)
{
	struct statistics_end end = { .pool = "cam0", .state = "ended", .display = "x11", .verify = &verify };
	for (int i = 0; i < 300; i++)
		show(1, 1000 * MS + i * 20 * MS, 8 * MS);
	json_t *json = print(&end);
	cr_assert(stage_is(json, "read_to_decoded", 30000) && stage_is(json, "decoded_to_published", 2000));
	cr_assert(stage_is(json, "published_to_acquired", 4000) && stage_is(json, "acquired_to_presented", 4000));
	cr_assert(stage_is(json, "read_to_presented", 40000));
	cr_assert(json_object_size(json_object_get(json, "stages_us")) == 5);
	json_decref(json);
}

/* A run that showed nothing has an end, too, with zeroes; of stages nothing is known. */
Test(statistics, print_json_of_nothing)
{
	static const struct verify none;
	struct statistics_end end = { .pool = "cam0", .state = "waiting", .display = "x11", .verify = &none };
	json_t *json = print(&end);
	cr_assert(json != NULL && number(json, "shown") == 0);
	cr_assert(number(json_object_get(json, "age_us"), "p99") == 0);
	const json_t *all = json_object_get(json_object_get(json, "stages_us"), "read_to_presented");
	cr_assert(json_is_null(json_object_get(all, "p50")) && json_is_null(json_object_get(all, "p99")));
	json_decref(json);
}

/* A result that cannot be written is an error of the run. */
Test(statistics, print_json_where_nothing_fits)
{
	static const struct verify none;
	struct statistics_end end = { .pool = "cam0", .state = "ended", .display = "x11", .verify = &none };
	char said[512];
	stderr = fmemopen(said, sizeof(said), "w");
	setbuf(stderr, NULL);
	fflush(stdout);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), saved = dup(STDOUT_FILENO);
	dup2(full, STDOUT_FILENO);
	int error = statistics_print_json(&statistics, &end);
	dup2(saved, STDOUT_FILENO);
	cr_assert(error == -ENOSPC && strstr(said, "error: cannot write to stdout"), "%s", said);
	close(full);
	close(saved);
}
