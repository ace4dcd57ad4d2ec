/* SPDX-License-Identifier: BSD-2-Clause */
/* A snapshot in print: the tables, JSON, Prometheus' format, words. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "pools.h"
#include "top.h"

static struct found found;
static struct top_snapshot *before, *snapshot;
static char *text;
static size_t length;

static void setup(void)
{
	found_init(&found, "cam0");
	found_reader(&found, "mo\"ti\\on\n", 10);
	found_takes(&found, 0, 3, 900, 20 * SECOND);
	found_takes(&found, 0, 5, 3 * MS, 1);
	found_reader(&found, "mo\"ti\\on\n", 10);
	snapshot = top_snapshot_create();
	cr_assert(top_snapshot_add(snapshot, NULL, &found.info, SECOND) == 0);
	before = NULL;
}

static void teardown(void)
{
	top_snapshot_destroy(&snapshot);
	top_snapshot_destroy(&before);
	free(text);
}

static void print_prometheus(void)
{
	FILE *stream = open_memstream(&text, &length);
	top_prometheus(snapshot, stream);
	fclose(stream);
}

static void print_tables(void)
{
	FILE *stream = open_memstream(&text, &length);
	struct top_paper paper = top_paper(stream);
	cr_assert(top_view_tables(snapshot, false, &paper.canvas) == 0);
	fclose(stream);
}

/* The value after this beginning of a line; -1: there is none. */
static double value(const char *series)
{
	char line[256];
	snprintf(line, sizeof(line), "\n%s ", series);
	const char *at = strstr(text, line);
	return at ? atof(at + strlen(line)) : -1;
}

#define READER_NTH(nth) "{pool=\"cam0\",reader=\"mo\\\"ti\\\\on?\",nth=\"" #nth "\""
#define READER READER_NTH(1)

TestSuite(views, .init = setup, .fini = teardown);

/* Durations in ns come out in their own unit, with the two digits that are known. */
Test(views, duration)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0ns" },
		{ 999, "999ns" },
		{ 1000, "1.0us" },
		{ 5939, "5.9us" },
		{ 59390, "59us" },
		{ 99960, "100us" },
		{ 994499, "990us" },
		{ 996000, "1.0ms" },
		{ 33400000, "33ms" },
		{ 2150 * MS, "2.1s" },
		{ 2150 * SECOND, "2150s" },
	};
	char printed[16];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		top_duration(printed, sizeof(printed), cases[i].ns);
		cr_assert(strcmp(printed, cases[i].text) == 0, "%s instead of %s", printed, cases[i].text);
	}
}

static double member(const json_t *object, const char *key, const char *inner)
{
	return json_number_value(json_object_get(json_object_get(object, key), inner));
}

/* Durations stand under the name of what they measure, in microseconds, and unknown ones are null. */
Test(views, json)
{
	FILE *stream = open_memstream(&text, &length);
	cr_assert(top_json(snapshot, stream) == 0);
	fclose(stream);
	json_t *pool = json_loads(text, 0, NULL), *readers = json_object_get(pool, "readers");
	const json_t *one = json_array_get(readers, 0), *other = json_array_get(readers, 1);
	cr_assert(pool && json_array_size(readers) == 2, "%s", text);
	cr_assert(member(one, "age_us", "p50") > 3000 && member(one, "age_us", "p99") < 3100, "%s", text);
	cr_assert(member(one, "hold_us", "p50") == 0.001 && member(one, "hold_us", "p99") > 20e6, "%s", text);
	cr_assert(member(one, "age_us", "count") == 8 && member(other, "age_us", "count") == 0, "%s", text);
	cr_assert(json_is_null(json_object_get(json_object_get(other, "hold_us"), "p99")), "%s", text);
	json_decref(pool);
}

static json_t *print_json(void)
{
	FILE *stream = open_memstream(&text, &length);
	cr_assert(top_json(snapshot, stream) == 0);
	fclose(stream);
	return json_loads(text, 0, NULL);
}

/* The same pool in another state, as its first snapshot. */
static void look_again(enum zoe_state state, double frames_per_s)
{
	top_snapshot_destroy(&snapshot);
	free(text);
	text = NULL;
	found.info.state = state;
	found.info.frames_per_s = frames_per_s;
	snapshot = top_snapshot_create();
	cr_assert(top_snapshot_add(snapshot, NULL, &found.info, SECOND) == 0);
}

/* What is not known is null in JSON and absent in Prometheus' labels, and no 0. */
Test(views, unknown)
{
	static const char *const keys[] = { "fps", "format", "width", "height", "libc", "since_ns", "created_wall_ns" };
	json_t *pool = print_json();

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		cr_assert(json_is_null(json_object_get(pool, keys[i])), "%s: %s", keys[i], text);
	json_decref(pool);
	free(text);
	print_prometheus();
	cr_assert(strstr(text, "zoetrope_pool_info{") && !strstr(text, "width=") && !strstr(text, "format="), "%s",
		text);
}

/* The last few frames say how fast a living source is; one that is lost or silent gives none. */
Test(views, rate_at_first_sight)
{
	static const struct {
		enum zoe_state state;
		double last_few, fps;
	} cases[] = { { ZOE_STATE_LIVE, 25, 25 }, { ZOE_STATE_SOURCE_LOST, 25, 0 }, { ZOE_STATE_STALLED, 25, 0 },
		{ ZOE_STATE_ENDED, 0, 0 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		look_again(cases[i].state, cases[i].last_few);
		json_t *pool = print_json(), *fps = json_object_get(pool, "fps");
		cr_assert(json_is_number(fps) && json_number_value(fps) == cases[i].fps, "%zu: %s", i, text);
		json_decref(pool);
	}
	found.info.stale = true;
	look_again(ZOE_STATE_WRITER_GONE, 25);
	json_t *pool = print_json();
	cr_assert(json_is_null(json_object_get(pool, "fps")), "of the dead: %s", text);
	json_decref(pool);
}

/* A label is whatever its reader wrote: what is not printable is gone, what would end it is escaped. */
Test(views, prometheus_labels)
{
	print_prometheus();
	cr_assert(value("zoetrope_reader_frames_received_total" READER "}") == 8, "%s", text);
}

/* Namesakes have series of their own: twice the same series, and the collector refuses the file. */
Test(views, prometheus_namesakes)
{
	print_prometheus();
	cr_assert(value("zoetrope_reader_frames_received_total" READER_NTH(2) "}") == 0, "%s", text);
}

/* Series outlive readers and captures: no label has what another life of them changes. The time of birth is a value. */
Test(views, prometheus_restart)
{
	static const char *const labels[] = { "pid=", "seat=", "epoch=", "since=" };

	found.info.created_wall_ns = INT64_C(1754650000123456789);
	look_again(ZOE_STATE_LIVE, 25);
	print_prometheus();
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		cr_assert(!strstr(text, labels[i]), "%s in %s", labels[i], text);
	cr_assert(strstr(text, "\nzoetrope_pool_created_timestamp_seconds{pool=\"cam0\"} 1754650000.123457\n"), "%s",
		text);
}

/* What does not differ in print is told apart, too; and the one that is waited for is the one that it is. */
Test(views, prometheus_namesakes_in_print)
{
	snprintf(found.info.readers[1].label, sizeof(found.info.readers[1].label), "mo\"ti\\on\t");
	found.info.wait.since_ns = 1;
	found.info.wait.seat = 1;
	snprintf(found.info.wait.label, sizeof(found.info.wait.label), "mo\"ti\\on\t");
	look_again(ZOE_STATE_LIVE, 25);
	print_prometheus();
	cr_assert(value("zoetrope_reader_frames_received_total" READER_NTH(2) "}") == 0, "%s", text);
	cr_assert(value("zoetrope_pool_waiting_seconds" READER_NTH(2) "}") >= 0, "%s", text);
}

/* Whoever may not read the seats knows the label alone. */
Test(views, prometheus_waits_for_somebody)
{
	found.info.wait.since_ns = 1;
	snprintf(found.info.wait.label, sizeof(found.info.wait.label), "slow");
	look_again(ZOE_STATE_LIVE, 25);
	print_prometheus();
	cr_assert(value("zoetrope_pool_waiting_seconds{pool=\"cam0\",reader=\"slow\"}") >= 0, "%s", text);
}

/* Counts stand at the steps that they belong to; what is beyond the last step is in +Inf alone. */
Test(views, prometheus_histogram)
{
	print_prometheus();
	cr_assert(value("zoetrope_reader_age_seconds_bucket" READER ",le=\"1e-06\"}") == 3);
	cr_assert(value("zoetrope_reader_age_seconds_bucket" READER ",le=\"0.002\"}") == 3);
	cr_assert(value("zoetrope_reader_age_seconds_bucket" READER ",le=\"0.005\"}") == 8);
	cr_assert(value("zoetrope_reader_age_seconds_bucket" READER ",le=\"+Inf\"}") == 8);
	cr_assert(value("zoetrope_reader_age_seconds_count" READER "}") == 8);
	double sum = value("zoetrope_reader_age_seconds_sum" READER "}");
	cr_assert(sum > 0.01477 && sum < 0.01524, "%f", sum);
	cr_assert(value("zoetrope_reader_hold_seconds_bucket" READER ",le=\"1e-06\"}") == 5);
	cr_assert(value("zoetrope_reader_hold_seconds_bucket" READER ",le=\"10\"}") == 5);
	cr_assert(value("zoetrope_reader_hold_seconds_bucket" READER ",le=\"+Inf\"}") == 8);
}

/* Never too low: a duration that may be beyond a step is not counted at it. */
Test(views, prometheus_step)
{
	found_takes(&found, 1, 1, MS, MS + 1);
	top_snapshot_destroy(&snapshot);
	snapshot = top_snapshot_create();
	cr_assert(top_snapshot_add(snapshot, NULL, &found.info, SECOND) == 0);
	print_prometheus();
	cr_assert(value("zoetrope_reader_hold_seconds_bucket" READER_NTH(2) ",le=\"0.001\"}") == 0, "%s", text);
}

/* Counters are since the beginning, whatever was seen in the snapshot before. */
Test(views, prometheus_after_two_looks)
{
	before = snapshot;
	found_takes(&found, 0, 2, MS, MS);
	snapshot = top_snapshot_create();
	cr_assert(top_snapshot_add(snapshot, before, &found.info, 2 * SECOND) == 0);
	print_prometheus();
	cr_assert(value("zoetrope_reader_age_seconds_count" READER "}") == 10);
	cr_assert(value("zoetrope_reader_frames_received_total" READER "}") == 10);
}

/* A pool that cannot be read is there, and has no number that is not known. */
Test(views, prometheus_unknown)
{
	found_init(&found, "damaged");
	found.info.error = -1;
	found.info.why = "because";
	cr_assert(top_snapshot_add(snapshot, NULL, &found.info, SECOND) == 0);
	print_prometheus();
	cr_assert(value("zoetrope_pool_state{pool=\"damaged\",state=\"unknown\"}") == 1);
	cr_assert(value("zoetrope_pool_state{pool=\"damaged\",state=\"live\"}") == 0);
	cr_assert(value("zoetrope_pool_memory_bytes{pool=\"damaged\"}") == 0);
	cr_assert(value("zoetrope_pool_slots{pool=\"damaged\"}") == -1);
	cr_assert(value("zoetrope_pool_readers{pool=\"damaged\"}") == -1);
	cr_assert(!strstr(text, "zoetrope_pool_info{pool=\"damaged\""));
}

/* The file is replaced whole, others may read it; where that fails the old one stays and nothing else. */
Test(views, prometheus_file)
{
	char folder[] = "/tmp/zoe-top-XXXXXX", path[64], temporary[96];
	struct stat status;
	cr_assert(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/a.prom", folder);
	snprintf(temporary, sizeof(temporary), "%s.%d.tmp", path, (int)getpid());
	umask(022);
	cr_assert(top_prometheus_file(snapshot, path) == 0);
	cr_assert(stat(path, &status) == 0 && status.st_size > 1000 && (status.st_mode & 0777) == 0644);
	cr_assert(access(temporary, F_OK) != 0);
	unlink(path);
	cr_assert(mkdir(path, 0700) == 0);
	cr_assert(top_prometheus_file(snapshot, path) == -EISDIR && access(temporary, F_OK) != 0);
	rmdir(path);
	cr_assert(rmdir(folder) == 0);
	cr_assert(top_prometheus_file(snapshot, path) == -ENOENT);
}

/* A pipe or a device is written to: root would lose /dev/full otherwise. */
Test(views, prometheus_pipe)
{
	char folder[] = "/tmp/zoe-top-XXXXXX", path[64], begin[16];
	struct stat status;
	cr_assert(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/pipe", folder);
	cr_assert(mkfifo(path, 0600) == 0);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	cr_assert(top_prometheus_file(snapshot, path) == 0);
	cr_assert(stat(path, &status) == 0 && S_ISFIFO(status.st_mode));
	cr_assert(read(fd, begin, sizeof(begin)) == (ssize_t)sizeof(begin) && begin[0] == '#');
	close(fd);
	unlink(path);
	cr_assert(rmdir(folder) == 0);
}

/* Columns are as wide as what is in them; text of others does not leave its line. */
Test(views, tables)
{
	print_tables();
	cr_assert(strstr(text, "\ncam0  live"), "%s", text);
	cr_assert(strstr(text, "\n\nPOOL  READER     PID  FPS  AGE p50"), "%s", text);
	cr_assert(strstr(text, "\ncam0  mo\"ti\\on?   10    -    3.0ms    3.0ms       1ns       20s "), "%s", text);
}

/* Stopped readers stand out. */
struct alarms {
	struct top_canvas canvas;
	char texts[256];
};

static void note_alarm(struct top_canvas *canvas, enum top_style style, const char *cell)
{
	struct alarms *alarms = (struct alarms *)canvas;
	if (style == TOP_ALARM)
		strncat(alarms->texts, cell, sizeof(alarms->texts) - strlen(alarms->texts) - 1);
}

static void note_nothing(struct top_canvas *canvas)
{
	(void)canvas;
}

Test(views, alarms)
{
	struct alarms alarms = { { note_alarm, note_nothing }, "" };
	before = snapshot;
	found.info.state = ZOE_STATE_STALLED;
	found.info.readers[0].displaced += 5;
	snapshot = top_snapshot_create();
	cr_assert(top_snapshot_add(snapshot, before, &found.info, 2 * SECOND) == 0);
	cr_assert(top_view_tables(snapshot, false, &alarms.canvas) == 0);
	cr_assert(strcmp(alarms.texts, "stalled0.0") == 0, "%s", alarms.texts);
}

/* Of two readers one is seen to live, the other not. */
static void look_at_two(bool stale)
{
	found.info.stale = stale;
	found.info.readers[1].alive = false;
	look_again(stale ? ZOE_STATE_WRITER_GONE : ZOE_STATE_LIVE, 25);
}

/* Who died is told while its seat is not yet free. */
Test(views, one_died)
{
	struct alarms alarms = { { note_alarm, note_nothing }, "" };

	look_at_two(false);
	cr_assert(top_view_tables(snapshot, false, &alarms.canvas) == 0);
	cr_assert(strncmp(alarms.texts, "no ", 3) == 0, "%s", alarms.texts);
	print_prometheus();
	cr_assert(value("zoetrope_reader_alive" READER "}") == 1, "%s", text);
	cr_assert(value("zoetrope_reader_alive" READER_NTH(2) "}") == 0, "%s", text);
}

/* Who left the pool of a dead writer looks like who died: nothing is said of it, and no alarm given. */
Test(views, one_left_a_stale_pool)
{
	struct alarms alarms = { { note_alarm, note_nothing }, "" };

	look_at_two(true);
	cr_assert(top_view_tables(snapshot, false, &alarms.canvas) == 0);
	cr_assert(strcmp(alarms.texts, "stale") == 0, "%s", alarms.texts);
	json_t *pool = print_json(), *readers = json_object_get(pool, "readers");
	cr_assert(json_is_true(json_object_get(json_array_get(readers, 0), "alive")), "%s", text);
	cr_assert(json_is_null(json_object_get(json_array_get(readers, 1), "alive")), "%s", text);
	json_decref(pool);
	free(text);
	print_prometheus();
	cr_assert(value("zoetrope_reader_alive" READER "}") == 1, "%s", text);
	cr_assert(value("zoetrope_reader_alive" READER_NTH(2) "}") == -1, "%s", text);
	cr_assert(value("zoetrope_reader_frames_received_total" READER_NTH(2) "}") == 0, "%s", text);
}

static struct zoe_source source;

/* A camera that is away for 12 s by the time of the snapshot. */
static void lose_source(void)
{
	source = (struct zoe_source){ .decoded = 90, .corrupt = 3, .reconnects = 1, .n_tries = 4, .bits_per_s = 8000 };
	snprintf(source.why, sizeof(source.why), "Connection\nrefused");
	found_init(&found, "cam1");
	found.info.state = ZOE_STATE_SOURCE_LOST;
	found.info.since_ns = SECOND;
	found.info.source = &source;
	cr_assert(top_snapshot_add(snapshot, NULL, &found.info, 13 * SECOND) == 0);
	/* What the list gave is gone by the time that it is printed. */
	memset(&source, 0, sizeof(source));
}

Test(views, source_in_the_tables)
{
	lose_source();
	print_tables();
	cr_assert(strstr(text, "  source: lost for 12 s: Connection?refused, 4 tries, corrupt 3, reconnects 1\n"), "%s",
		text);
}

/* Nothing to say, nothing said. */
Test(views, no_troubles)
{
	source = (struct zoe_source){ .decoded = 90, .bits_per_s = 8000, .lag_ns = 40 * MS };
	found_init(&found, "cam1");
	found.info.source = &source;
	cr_assert(top_snapshot_add(snapshot, NULL, &found.info, 13 * SECOND) == 0);
	print_tables();
	cr_assert(!strstr(text, "source:"), "%s", text);
}

Test(views, source_in_json)
{
	json_t *of_source;

	lose_source();
	FILE *stream = open_memstream(&text, &length);
	cr_assert(top_json(snapshot, stream) == 0);
	fclose(stream);
	json_t *first = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
	cr_assert(
		first && json_is_null(json_object_get(first, "source")) && json_is_null(json_object_get(first, "end")));
	json_decref(first);
	json_t *second = json_loads(strchr(text, '\n'), JSON_DISABLE_EOF_CHECK, NULL);
	cr_assert((of_source = json_object_get(second, "source")) != NULL);
	cr_assert(json_integer_value(json_object_get(of_source, "decoded")) == 90);
	cr_assert(json_integer_value(json_object_get(of_source, "corrupt")) == 3);
	cr_assert(json_integer_value(json_object_get(of_source, "tries")) == 4);
	cr_assert(json_integer_value(json_object_get(of_source, "bits_per_s")) == 8000);
	cr_assert(json_is_null(json_object_get(of_source, "key_interval")));
	cr_assert(strcmp(json_string_value(json_object_get(of_source, "why")), "Connection\nrefused") == 0);
	json_decref(second);
}

Test(views, why_it_ended)
{
	found_init(&found, "cam1");
	found.info.state = ZOE_STATE_ENDED;
	found.info.end = ZOE_END_FAILED;
	cr_assert(top_snapshot_add(snapshot, NULL, &found.info, SECOND) == 0);
	FILE *stream = open_memstream(&text, &length);
	cr_assert(top_json(snapshot, stream) == 0);
	fclose(stream);
	cr_assert(strstr(text, "\"end\":\"failed\""), "%s", text);
}

Test(views, how_long_it_is_lost)
{
	lose_source();
	print_prometheus();
	cr_assert(value("zoetrope_source_lost_seconds{pool=\"cam1\"}") == 12, "%s", text);
	cr_assert(!strstr(text, "zoetrope_source_lost_seconds{pool=\"cam0\"}"), "%s", text);
}

/* Whose writer is dead, too: then it is not the source that is to be mended. */
Test(views, no_source_of_the_dead_is_lost)
{
	found.info.stale = true;
	found.info.since_ns = 1;
	look_again(ZOE_STATE_SOURCE_LOST, 25);
	print_prometheus();
	cr_assert(!strstr(text, "zoetrope_source_lost_seconds{"), "%s", text);
}

Test(views, source_for_prometheus)
{
	lose_source();
	print_prometheus();
	cr_assert(value("zoetrope_source_decoded_total{pool=\"cam1\"}") == 90);
	cr_assert(value("zoetrope_source_corrupt_total{pool=\"cam1\"}") == 3);
	cr_assert(value("zoetrope_source_dropped_total{pool=\"cam1\"}") == 0);
	cr_assert(value("zoetrope_source_tries{pool=\"cam1\"}") == 4);
	cr_assert(value("zoetrope_source_bits_per_second{pool=\"cam1\"}") == 8000);
	/* Not known. */
	cr_assert(value("zoetrope_source_key_interval_frames{pool=\"cam1\"}") == -1);
	/* Nothing is said of the other pool's. */
	cr_assert(value("zoetrope_source_tries{pool=\"cam0\"}") == -1);
	cr_assert(value("zoetrope_source_decoded_total{pool=\"cam0\"}") == -1);
}
