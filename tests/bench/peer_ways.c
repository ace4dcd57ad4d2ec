/* SPDX-License-Identifier: BSD-2-Clause */
#include "peer_ways.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "figures.h"

#define VERSION_LIMIT_NS INT64_C(30000000000) /* GStreamer's first time in a home looks at all its plugins */
#define SERVER_LIMIT_NS INT64_C(10000000000)
#define SETTLE_US 3000000

const struct way ways[N_WAYS] = {
	[WAY_ZOETROPE] = { "zoetrope", "zoetrope", "block", false, 0, "a reader that sleeps until a frame comes" },
	[WAY_ZOETROPE_POLL] = { "zoetrope-poll", "zoetrope", "poll", true, 0, "one that asks again and again" },
	{ "iceoryx", "iceoryx", "waitset", false, 0, "iceoryx, a subscriber in a WaitSet" },
	{ "iceoryx-poll", "iceoryx", "poll", true, 0, "a subscriber that is asked again and again" },
	{ "gstreamer", "gstreamer", "copy", false, 0, "shmsink and shmsrc, frames of the application's own" },
	{ "gstreamer-in-place", "gstreamer", "in-place", false, 0, "the same, frames made in shmsink's memory" },
	{ "zeromq", "zeromq", "pub", false, 0, "ZeroMQ, PUB and SUB over ipc, the newest frame only" },
	{ "socket", "kernel", "socket", false, 0, "a Unix stream socket" },
	{ "pipe", "kernel", "pipe", false, 0, "a pipe" },
	{ "python", "python", "semaphore", false, 0, "Python: multiprocessing.shared_memory and a semaphore" },
	[WAY_FUTEX_FLOOR] = { "futex-floor", NULL, NULL, false, FLOOR_FUTEX, "nothing but a futex sleep and wake" },
	[WAY_SPIN_FLOOR] = { "spin-floor", NULL, NULL, true, FLOOR_SPIN, "nothing but a word that is looked at" },
};

static const struct {
	const char *name, *package;
	bool serves;
} programs[N_PROGRAMS] = {
	{ "zoetrope", NULL, false },
	{ "iceoryx", "libiceoryx-posh-dev", true },
	{ "gstreamer", "libgstreamer-plugins-base1.0-dev", false },
	{ "zeromq", "libzmq3-dev", false },
	{ "kernel", NULL, false },
	{ "python", NULL, false },
};

static size_t program_of(const struct way *way)
{
	size_t i = 0;
	while (strcmp(programs[i].name, way->program) != 0)
		i++;
	return i;
}

bool ways_available(const struct ways_session *session, const struct way *way)
{
	return !way->program || session->programs[program_of(way)].available;
}

const char *ways_line(const struct ways_session *session, const struct way *way)
{
	return way->program ? session->programs[program_of(way)].line : "";
}

/* Its version; what it says instead goes to the same line. */
static int ask_version(struct ways_session *session, size_t program)
{
	static const char *const arguments[] = { "version", NULL };
	char *line = session->programs[program].line;
	struct peer_run run;
	int error = peer_start(&run, session->programs[program].path, arguments);

	if (!error)
		error = peer_wait(&run, NULL, VERSION_LIMIT_NS);
	peer_first_line(&run, line);
	if (error && line[0] == '\0')
		memcpy(line, run.line, PEER_LINE_BYTES);
	peer_finish(&run);
	session->programs[program].available = !error;
	return error == -EINTR ? error : 0;
}

static int serve(struct ways_session *session, size_t program)
{
	char size[32];
	const char *const arguments[] = { "serve", "DIR", size, NULL };
	struct peer_run *server = &session->programs[program].server;

	snprintf(size, sizeof(size), "%ux%u", session->width_px, session->height_px);
	int error = peer_start(server, session->programs[program].path, arguments);
	if (!error)
		error = peer_wait(server, "ready", SERVER_LIMIT_NS);
	if (!error && !server->ended)
		return 0;
	session->programs[program].available = false;
	memcpy(session->programs[program].line, server->line, PEER_LINE_BYTES);
	return error == -EINTR ? error : 0;
}

static int open_program(struct ways_session *session, size_t i)
{
	bench_progress("zoe-bench: looking for %s", programs[i].name);
	int error = 0;
	if (peer_find(session->place, programs[i].name, session->programs[i].path))
		error = ask_version(session, i);
	else if (programs[i].package)
		snprintf(session->programs[i].line, PEER_LINE_BYTES, "%s was not there at build time",
			programs[i].package);
	else
		snprintf(session->programs[i].line, PEER_LINE_BYTES, "its program peer-%s is not there",
			programs[i].name);
	if (!error && session->programs[i].available && programs[i].serves)
		error = serve(session, i);
	return error;
}

int ways_open(struct ways_session *session, const bool wanted[N_WAYS])
{
	int error = 0;

	for (size_t i = 0; i < N_WAYS; i++)
		if (wanted[i] && ways[i].program)
			session->programs[program_of(&ways[i])].wanted = true;
	for (size_t i = 0; i < N_PROGRAMS && !error; i++)
		if (session->programs[i].wanted)
			error = open_program(session, i);
	return error;
}

void ways_close(struct ways_session *session)
{
	for (size_t i = 0; i < N_PROGRAMS; i++) {
		/* RouDi that is stopped before it has seen that a client died aborts, and leaves its memory behind. */
		if (session->programs[i].unsettled && programs[i].serves)
			usleep(SETTLE_US);
		peer_finish(&session->programs[i].server);
	}
}

/* What the receiver printed: a line of ns for each frame, and "missed N". False: that is not all. */
static bool read_output(const struct peer_run *run, uint32_t frames, struct zoe_histogram *latency, uint64_t *missed)
{
	char path[128], line[64];
	uint64_t number, n = 0;
	bool complete = false;

	snprintf(path, sizeof(path), "%s/out", run->dir);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "missed %" SCNu64, &number) == 1) {
			*missed += number;
			complete = n == frames;
		} else if (strspn(line, "0123456789") == strlen(line) - 1) {
			zoe_histogram_add(latency, strtoll(line, NULL, 10));
			n++;
		}
	}
	if (file)
		fclose(file);
	return complete;
}

/* One run of a peer's program. 0; -EINTR; 1, with the line in why. */
static int run_peer(struct way_turn *way_turn, struct zoe_histogram *latency)
{
	struct ways_session *session = way_turn->session;
	const struct way *way = way_turn->way;
	char size[32], frames[16], interval[24];
	const char *const arguments[] = { "run", way->argument, "DIR", size, frames, interval, NULL };
	int64_t interval_ns = INT64_C(1000000000) / session->fps;
	struct peer_run run;

	snprintf(size, sizeof(size), "%ux%u", way_turn->width_px, way_turn->height_px);
	snprintf(frames, sizeof(frames), "%u", session->frames);
	snprintf(interval, sizeof(interval), "%" PRId64, interval_ns);
	int error = peer_start(&run, session->programs[program_of(way)].path, arguments);
	if (!error)
		error = peer_wait(&run, NULL, session->limit_ns + 2 * session->frames * interval_ns);
	if (!error && !read_output(&run, session->frames, latency, &way_turn->missed)) {
		snprintf(run.line, sizeof(run.line), "it did not say how long each frame took");
		error = 1;
	}
	memcpy(way_turn->why, run.line, PEER_LINE_BYTES);
	peer_finish(&run);
	session->programs[program_of(way)].unsettled |= run.killed || (error && error != -EINTR);
	return error;
}

static int run_floor(struct way_turn *way_turn, struct zoe_histogram *latency)
{
	const struct ways_session *session = way_turn->session;
	int error = floor_measure(way_turn->way->floor, session->frames, session->fps, latency);
	snprintf(way_turn->why, sizeof(way_turn->why), "%s", strerror(-error));
	return error;
}

static int measure(struct turn *turn, double figures[TURNS_FIGURES])
{
	/* turns.h has the context const; that it failed is noted in it all the same. */
	struct way_turn *way_turn = (struct way_turn *)(uintptr_t)turn->what;
	struct zoe_histogram latency = { 0 };

	if (way_turn->failed)
		return 0;
	int error = way_turn->way->program ? run_peer(way_turn, &latency) : run_floor(way_turn, &latency);
	if (error == -EINTR)
		return error;
	way_turn->failed = error != 0;
	if (error)
		return 0;
	figures_latency(&latency, figures);
	figures[FIGURE_RECEIVED] = (double)zoe_histogram_total(&latency);
	return 0;
}

void ways_turn(struct turn *turn, struct way_turn *way_turn)
{
	turn->measure = measure;
	turn->what = way_turn;
	if (way_turn->way->program)
		snprintf(turn->name, sizeof(turn->name), "%ux%u %s", way_turn->width_px, way_turn->height_px,
			way_turn->way->name);
	else
		snprintf(turn->name, sizeof(turn->name), "%s", way_turn->way->name);
}
