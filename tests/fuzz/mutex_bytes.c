/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a wild byte in a pthread object does to the process that uses it. Each bit of a robust
 * process-shared mutex, of the same while it is held, and of either condition variable while
 * somebody sleeps on it, is turned over in turn, and each byte as a whole; then a process of
 * its own does what the writer does: tries the lock and unlocks, signals. Counts who came
 * through, who was refused, who hangs and who is killed.
 *
 * Not a test: it shows why the mutex mailbox is for processes that trust each other, and what
 * exactly they have to trust each other in. The figures are the libc's.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pool/mailbox/cond.h"
#include "pool/mailbox/mailbox.h"
#include "pool/system/clock.h"
#include "support/child.h"

/* Long enough to tell a hang from a slow machine. */
#define PATIENCE_S 1

/* Where glibc keeps a mutex's kind on 64-bit machines, and one more than the greatest it knows. */
#define KIND_AT 16
#define MOST_KINDS 1024

enum { MUTEX, MUTEX_HELD, COND_FUTEX, COND_PTHREAD, N_OBJECTS };
enum { PASSED, REFUSED, HUNG, KILLED, N_OUTCOMES };

static const char *const object_names[] = { "mutex", "mutex, held", "cond futex", "cond pthread" };

static struct zi_mailbox_mutex *box;
static struct zi_grants grants;

static enum zoe_cond cond_of(int object)
{
	return object == COND_PTHREAD ? ZOE_COND_PTHREAD : ZOE_COND_FUTEX;
}

static void *sleep_on(void *object)
{
	const struct timespec end = zi_timespec(INT64_MAX);
	pthread_mutex_lock(&box->mutex);
	atomic_store(&box->cond.sleepers, 1);
	if (*(int *)object == COND_PTHREAD)
		pthread_cond_clockwait(&box->pthread, &box->mutex, CLOCK_MONOTONIC, &end);
	pthread_mutex_unlock(&box->mutex);
	return NULL;
}

/* Somebody sleeps on it: the mutex is given up when it is noted that he does. */
static void put_to_sleep(int object)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, sleep_on, &object))
		_exit(100);
	while (!atomic_load(&box->cond.sleepers))
		sched_yield();
	pthread_mutex_lock(&box->mutex);
	pthread_mutex_unlock(&box->mutex);
}

/* A mailbox as new. */
static void make(int object)
{
	const struct zi_mailbox_view view = {
		.shared = (struct zi_mailbox *)box,
		.grants = &grants,
		.cond = cond_of(object),
	};
	if (zi_mailbox_mutex_body.init(&view))
		_exit(100);
	if (object == MUTEX_HELD)
		pthread_mutex_trylock(&box->mutex);
	else if (object != MUTEX)
		put_to_sleep(object);
}

/* 0 done, 1 refused. */
static int use(int object)
{
	if (object >= COND_FUTEX) {
		zi_cond_signal(&box->cond, object == COND_PTHREAD ? &box->pthread : NULL);
		return 0;
	}
	int error = object == MUTEX ? pthread_mutex_trylock(&box->mutex) : 0;
	if (error == EOWNERDEAD)
		pthread_mutex_consistent(&box->mutex);
	else if (error)
		return 1;
	return pthread_mutex_unlock(&box->mutex) ? 1 : 0;
}

/* With these bits of the four bytes there turned over. */
static int try_bits(int object, size_t offset, uint32_t bits)
{
	uint32_t word;
	pid_t pid = child_fork();
	if (pid == 0) {
		alarm(PATIENCE_S);
		make(object);
		/* An assertion of the libc's may speak. */
		fclose(stderr);
		memcpy(&word, (uint8_t *)box + offset, sizeof(word));
		word ^= bits;
		memcpy((uint8_t *)box + offset, &word, sizeof(word));
		_exit(use(object));
	}
	int status;
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGALRM ? HUNG : KILLED;
	return WEXITSTATUS(status) ? REFUSED : PASSED;
}

static void try_object(int object)
{
	static const size_t begins[] = {
		offsetof(struct zi_mailbox_mutex, mutex),
		offsetof(struct zi_mailbox_mutex, mutex),
		offsetof(struct zi_mailbox_mutex, cond),
		offsetof(struct zi_mailbox_mutex, pthread),
	};
	static const size_t bytes[] = {
		sizeof(pthread_mutex_t),
		sizeof(pthread_mutex_t),
		sizeof(struct zi_cond),
		sizeof(pthread_cond_t),
	};
	unsigned n[N_OUTCOMES] = { 0 };

	for (size_t i = 0; i < bytes[object]; i++) {
		unsigned here[N_OUTCOMES] = { 0 };
		for (unsigned bit = 0; bit < 9; bit++)
			here[try_bits(object, begins[object] + i, bit < 8 ? 1U << bit : 0xff)]++;
		for (int j = 0; j < N_OUTCOMES; j++)
			n[j] += here[j];
		if (here[REFUSED] || here[HUNG] || here[KILLED])
			printf("  %s byte %zu: passed %u, refused %u, hung %u, killed %u\n", object_names[object], i,
				here[PASSED], here[REFUSED], here[HUNG], here[KILLED]);
	}
	printf("%-12s  bytes=%zu  tried=%zu  passed=%u  refused=%u  hung=%u  killed=%u\n", object_names[object],
		bytes[object], bytes[object] * 9, n[PASSED], n[REFUSED], n[HUNG], n[KILLED]);
	fflush(stdout);
}

/* The field that says what kind of mutex it is, to all else that it may say. */
static void try_kinds(void)
{
	unsigned n[N_OUTCOMES] = { 0 };
	for (uint32_t bits = 1; bits < MOST_KINDS; bits++)
		n[try_bits(MUTEX, KIND_AT, bits)]++;
	printf("%-12s  bytes=4  tried=%d  passed=%u  refused=%u  hung=%u  killed=%u\n", "mutex's kind", MOST_KINDS - 1,
		n[PASSED], n[REFUSED], n[HUNG], n[KILLED]);
}

int main(void)
{
	box = mmap(NULL, sizeof(*box), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (box == MAP_FAILED)
		return 1;
	for (int object = 0; object < N_OBJECTS; object++)
		try_object(object);
	try_kinds();
	return 0;
}
