/* SPDX-License-Identifier: BSD-2-Clause */
/* What the countdown's scenarios have in common: pools to fail with. */
#include "countdown.h"
#include "support/child.h"
#include "support/frame.h"

#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIDE 64

char pool[ZOE_NAME_BYTES];
enum pool_kind pool_kind;
char trying[256];

void must(int error, const char *what)
{
	if (!error)
		return;
	printf("BAD: %s: cannot %s: %s: %s\n", trying, what, strerrorname_np(-error), zoe_error());
	exit(1);
}

struct zoe_writer_options kind_options(void)
{
	return (struct zoe_writer_options){
		.slot_bytes = SIDE * SIDE,
		.max_slots = 12,
		.max_seats = 2,
		.mailbox = pool_kind == KIND_ATOMIC ? ZOE_MAILBOX_ATOMIC : ZOE_MAILBOX_MUTEX,
		.cond = pool_kind == KIND_PTHREAD ? ZOE_COND_PTHREAD : ZOE_COND_FUTEX,
	};
}

struct zoe_writer *make_writer(unsigned flags, struct zoe_writer *predecessor)
{
	struct zoe_writer *writer;
	struct zoe_writer_options options = kind_options();
	options.lossless = flags & LOSSLESS;
	options.no_thread = !(flags & WITH_THREAD);
	options.predecessor = predecessor;
	must(zoe_writer_create(&writer, pool, &options), "create");
	if (flags & NAMED)
		must(zoe_writer_announce(writer), "announce");
	return writer;
}

uint32_t fill_slot(struct zoe_writer *writer)
{
	struct zoe_slot slot;
	must(zoe_writer_begin(writer, &slot), "begin");
	memset(slot.data, 1, slot.size_bytes);
	return slot.index;
}

int publish_slot(struct zoe_writer *writer, uint32_t slot)
{
	const struct zoe_frame_info info = gray_frame(SIDE, SIDE);
	return zoe_writer_publish(writer, slot, &info, 0, zoe_deadline_in_ms(500));
}

void publish_frame(struct zoe_writer *writer)
{
	must(publish_slot(writer, fill_slot(writer)), "publish");
}

struct attaching {
	const struct zoe_reader_options *options;
	struct zoe_reader *reader;
	atomic_bool done;
};

static void *attach(void *argument)
{
	struct attaching *a = argument;
	must(zoe_reader_attach(&a->reader, pool, a->options, zoe_deadline_in_ms(2000)), "attach");
	atomic_store(&a->done, true);
	return NULL;
}

struct zoe_reader *attach_to(struct zoe_writer *writer, const struct zoe_reader_options *options)
{
	struct attaching a = { .options = options };
	pthread_t thread;
	must(-pthread_create(&thread, NULL, attach, &a), "start a thread");
	/* Waiting for more readers than there will be is keeping house. */
	while (!atomic_load(&a.done))
		zoe_writer_wait_readers(writer, ZOE_MAX_SEATS, zoe_deadline_in_ms(1));
	pthread_join(thread, NULL);
	return a.reader;
}

int start_writer_process(void)
{
	int ready[2];
	char byte = 0;
	if (pipe(ready))
		must(-1, "make a pipe");
	pid_t pid = child_fork();
	if (pid == 0) {
		publish_frame(make_writer(WITH_THREAD, NULL));
		if (write(ready[1], &byte, 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	close(ready[1]);
	if (pid < 0 || read(ready[0], &byte, 1) != 1)
		must(-1, "start a writer");
	close(ready[0]);
	return pid;
}

void kill_writer_process(int pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void clean_name(void)
{
	struct zoe_writer *writer = make_writer(NAMED, NULL);
	zoe_writer_destroy(&writer);
}
