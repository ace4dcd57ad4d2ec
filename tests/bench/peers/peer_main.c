/* SPDX-License-Identifier: BSD-2-Clause */
/* What all peers share: the command line, the two processes, the pace, the clock. */
#include "peer.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Frames received before it counts: pages get mapped, threads find their feet. */
#define WARM_UP 20

/* What a frame begins with. */
struct stamp {
	int64_t sent_ns;
	uint64_t index;
};

/* Told to stop, the receiver does at its next frame; the publisher goes on until then, but not for long. */
#define STOP_NS INT64_C(1000000000)

static volatile sig_atomic_t stopped;
static int64_t interval_ns, next_ns, stop_ns;
static uint64_t n_sent;
static pid_t receiver;

static int64_t *latencies;
static uint32_t n_frames, n_got;
static uint64_t first_index, last_index;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

int peer_complain(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s: error: ", program_invocation_short_name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return 1;
}

bool peer_next(void)
{
	int64_t now = now_ns();
	siginfo_t child = { 0 };

	/* Late, because sending takes longer than the interval: no burst to catch up. */
	next_ns = next_ns + interval_ns < now ? now : next_ns + interval_ns;
	struct timespec at = { next_ns / 1000000000, next_ns % 1000000000 };
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
	if (stopped && stop_ns == 0)
		stop_ns = now + STOP_NS;
	return (stop_ns == 0 || now < stop_ns) &&
		waitid(P_PID, (id_t)receiver, &child, WEXITED | WNOHANG | WNOWAIT) == 0 && child.si_pid == 0;
}

void peer_stamp(void *frame)
{
	struct stamp stamp = { .index = n_sent++ };

	stamp.sent_ns = now_ns();
	memcpy(frame, &stamp, sizeof(stamp));
}

bool peer_got(const void *frame)
{
	struct stamp stamp;
	int64_t now = now_ns();

	memcpy(&stamp, frame, sizeof(stamp));
	if (stopped)
		return false;
	if (n_got++ < WARM_UP)
		return true;
	if (n_got == WARM_UP + 1)
		first_index = stamp.index;
	last_index = stamp.index;
	latencies[n_got - WARM_UP - 1] = now - stamp.sent_ns;
	return n_got < WARM_UP + n_frames;
}

static int receive(const struct peer_task *task, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return 1;
	latencies = calloc(n_frames, sizeof(*latencies));
	if (!latencies)
		return peer_complain("no memory for %u figures", n_frames);
	int failed = peer.receive(task);
	if (!failed && n_got < WARM_UP + n_frames)
		failed = peer_complain("the stream ended after %u of %u frames", n_got, WARM_UP + n_frames);
	for (uint32_t i = 0; !failed && i < n_frames; i++)
		printf("%lld\n", (long long)latencies[i]);
	if (!failed)
		printf("missed %llu\n", (unsigned long long)(last_index - first_index + 1 - n_frames));
	free(latencies);
	return fflush(stdout) != 0 || failed;
}

static int run(const struct peer_task *task)
{
	struct sigaction action = { .sa_handler = stop };
	pid_t parent = getpid();
	int status;

	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (peer.prepare && peer.prepare(task))
		return 1;
	receiver = fork();
	if (receiver < 0)
		return peer_complain("fork: %s", strerror(errno));
	if (receiver == 0)
		exit(receive(task, parent));
	next_ns = now_ns();
	int failed = peer.publish(task);
	/* A receiver that is done ends by itself. */
	if (failed || stopped)
		kill(receiver, SIGKILL);
	if (waitpid(receiver, &status, 0) != receiver || status != 0)
		failed = 1;
	return failed;
}

static bool parse_size(const char *text, struct peer_task *task)
{
	char end;

	if (sscanf(text, "%ux%u%c", &task->width_px, &task->height_px, &end) != 2)
		return false;
	task->bytes = (uint64_t)task->width_px * task->height_px * 3 / 2;
	return task->bytes >= sizeof(struct stamp);
}

static void set_dir(const char *dir, struct peer_task *task)
{
	const char *slash = strrchr(dir, '/');

	task->dir = dir;
	task->name = slash ? slash + 1 : dir;
}

int main(int argc, char **argv)
{
	struct peer_task task = { 0 };

	if (argc == 2 && strcmp(argv[1], "version") == 0) {
		const char *version = peer.version();
		return version ? puts(version) < 0 : 1;
	}
	if (argc == 4 && peer.serve && strcmp(argv[1], "serve") == 0 && parse_size(argv[3], &task)) {
		set_dir(argv[2], &task);
		return peer.serve(&task);
	}
	if (argc == 7 && strcmp(argv[1], "run") == 0 && parse_size(argv[4], &task)) {
		task.way = argv[2];
		set_dir(argv[3], &task);
		n_frames = (uint32_t)strtoul(argv[5], NULL, 10);
		interval_ns = strtoll(argv[6], NULL, 10);
		if (n_frames > 0 && interval_ns > 0) {
			task.fps = interval_ns < 1000000000 ? (uint32_t)(1000000000 / interval_ns) : 1;
			return run(&task);
		}
	}
	fprintf(stderr, "Usage: %s version | %srun WAY DIR WIDTHxHEIGHT FRAMES INTERVAL_NS\n",
		program_invocation_short_name, peer.serve ? "serve DIR WIDTHxHEIGHT | " : "");
	return 2;
}
