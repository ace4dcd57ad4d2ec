/* SPDX-License-Identifier: BSD-2-Clause */
/* The two sides of a case, each of which may be the victim. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "liveness.h"
#include "support/frame.h"
#include "support/wait.h"

#define SLOTS 8
#define SIDE 64
#define ATTACH_MS 20000

/* All slots at once, so that there is something to dump. */
static void fill(struct zoe_writer *writer)
{
	struct zoe_slot slot;
	uint32_t index[SLOTS];
	int n = 0;

	while (n < SLOTS && zoe_writer_begin(writer, &slot) == 0)
		index[n++] = slot.index;
	while (n > 0)
		zoe_writer_let_go(writer, index[--n]);
}

static struct zoe_writer *create(const struct liveness_case *test_case)
{
	struct zoe_writer *writer;
	struct zoe_writer_options options = {
		.slot_bytes = test_case->slot_bytes,
		.max_slots = SLOTS,
		.max_bytes = SLOTS * test_case->slot_bytes,
		.max_seats = 2,
	};

	use_pool_options(&options, &test_case->pool);
	if (zoe_writer_create(&writer, test_case->name, &options)) {
		fprintf(stderr, "liveness: %s\n", zoe_error());
		_exit(1);
	}
	if (test_case->place & BIG)
		fill(writer);
	publish_gray(writer, SIDE, SIDE, 0);
	return writer;
}

/* As the witness: a reader is dead when it has neither seat nor slots any more. */
static _Noreturn void watch_reader(const struct liveness_case *test_case, struct zoe_writer *writer)
{
	struct zoe_writer_stats stats;

	for (;;) {
		zoe_writer_get_stats(writer, &stats);
		if (stats.n_readers > 0 && stats.n_held > 0)
			atomic_store(&test_case->shared->ready[WRITER], 1);
		else if (atomic_load(&test_case->shared->ready[WRITER]) && stats.n_readers == 0 && stats.n_held == 0)
			atomic_store(&test_case->shared->dead, 1);
		if (atomic_load(&test_case->shared->frames))
			publish_gray(writer, SIDE, SIDE, 0);
		usleep(2000);
	}
}

/* As the witness: what the library says of the writer. It holds a frame and waits for another. */
static _Noreturn void watch_writer(const struct liveness_case *test_case, struct zoe_reader *reader)
{
	const struct zoe_frame *frame;

	for (;;) {
		int error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(100));
		if (error == -EOWNERDEAD)
			atomic_store(&test_case->shared->dead, 1);
	}
}

static int attach(const struct liveness_case *test_case, struct zoe_reader **reader)
{
	struct zoe_reader_options options = { .label = "liveness" };
	int error = zoe_reader_attach(reader, test_case->name, &options, zoe_deadline_in_ms(ATTACH_MS));

	if (error == -EXDEV)
		atomic_store(&test_case->shared->refused, 1);
	else if (error)
		fprintf(stderr, "liveness: %s\n", zoe_error());
	return error;
}

struct joining {
	struct liveness_case *test_case;
	struct zoe_writer *writer;
	int error;
};

/* Join the pool in a thread of its own, which ends before the action: the process stays. */
static void *join_in(void *argument)
{
	struct joining *joining = argument;
	struct liveness_case *test_case = joining->test_case;

	if (test_case->side == WRITER) {
		joining->writer = create(test_case);
		return NULL;
	}
	joining->error = attach(test_case, &test_case->reader);
	if (!joining->error)
		joining->error = zoe_reader_acquire(test_case->reader, &test_case->held, zoe_deadline_in_ms(ATTACH_MS));
	return NULL;
}

static void be_victim(struct liveness_case *test_case)
{
	struct joining joining = { .test_case = test_case };
	pthread_t thread;

	if (pthread_create(&thread, NULL, join_in, &joining))
		abort();
	pthread_join(thread, NULL);
	if (joining.error)
		return;
	atomic_store(&test_case->shared->ready[test_case->side], 1);
	while (!atomic_load(&test_case->shared->go))
		usleep(500);
	test_case->action(test_case);
}

static void be_witness(struct liveness_case *test_case)
{
	const struct zoe_frame *frame;

	if (test_case->side == READER)
		watch_reader(test_case, create(test_case));
	if (attach(test_case, &test_case->reader))
		return;
	if (zoe_reader_acquire(test_case->reader, &frame, zoe_deadline_in_ms(ATTACH_MS)) == 0) {
		atomic_store(&test_case->shared->ready[READER], 1);
		watch_writer(test_case, test_case->reader);
	}
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		perror(path);
	if (fd >= 0)
		close(fd);
}

/* The victim's own user or PID namespace; in the latter it is PID 1. 0 or an errno. */
static int enter(const struct liveness_case *test_case)
{
	int flags = (test_case->place & IN_USER_NAMESPACE ? CLONE_NEWUSER : 0) |
		(test_case->place & IN_PID_NAMESPACE ? CLONE_NEWPID : 0);
	char map[64];

	snprintf(map, sizeof(map), "0 %u 1", geteuid());
	if (flags && unshare(flags))
		return errno;
	if (test_case->place & IN_USER_NAMESPACE) {
		put("/proc/self/setgroups", "deny");
		put("/proc/self/uid_map", map);
	}
	if (!(test_case->place & IN_PID_NAMESPACE))
		return 0;
	pid_t child = fork();
	if (child == 0) {
		/* Not child_fork(): from inside its namespace it sees no parent. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return 0;
	}
	atomic_store(&test_case->shared->victim_pid, child);
	waitpid(child, NULL, 0);
	_exit(0);
}

void liveness_take_role(struct liveness_case *test_case, enum side side)
{
	if (side == test_case->side) {
		atomic_store(&test_case->shared->victim_pid, getpid());
		int error = enter(test_case);
		if (error)
			atomic_store(&test_case->shared->skipped, (uint32_t)error);
		else
			be_victim(test_case);
	} else {
		be_witness(test_case);
	}
	for (;;)
		pause();
}
