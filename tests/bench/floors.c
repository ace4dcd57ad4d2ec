/* SPDX-License-Identifier: BSD-2-Clause */
#include "floors.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"
#include "processes.h"

#define WARM_UP 20
#define PATIENCE_MS 5000

/* One word in a cache line of its own, and beside it when it was written: as a frame carries its time. */
struct post {
	_Alignas(64) _Atomic uint32_t word;
	int64_t sent_ns;
};

struct duty {
	struct post *post;
	enum floor_kind kind;
	uint32_t last;
};

void floor_wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void floor_sleep(_Atomic uint32_t *word, uint32_t seen)
{
	syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static int watch(struct processes_member *me, void *argument)
{
	const struct duty *duty = argument;
	struct post *post = duty->post;
	uint32_t seen = 0;
	processes_ready(me);
	while (seen != duty->last) {
		uint32_t word = atomic_load_explicit(&post->word, memory_order_acquire);
		if (word == seen) {
			if (duty->kind == FLOOR_FUTEX)
				floor_sleep(&post->word, seen);
			continue;
		}
		int64_t now_ns = zoe_now_ns();
		if (word == seen + 1 && word > WARM_UP)
			processes_count(me, post->sent_ns, now_ns);
		seen = word;
	}
	processes_conclude(me);
	return 0;
}

static int send_all(const struct duty *duty, uint32_t fps)
{
	struct post *post = duty->post;
	int64_t next_ns = zoe_now_ns();
	for (uint32_t i = 1; i <= duty->last && !bench_stopped(); i++) {
		next_ns += INT64_C(1000000000) / fps;
		bench_sleep_until(next_ns);
		post->sent_ns = zoe_now_ns();
		atomic_store_explicit(&post->word, i, memory_order_release);
		if (duty->kind == FLOOR_FUTEX)
			floor_wake(&post->word);
	}
	return bench_stopped() ? -EINTR : 0;
}

int floor_measure(enum floor_kind kind, uint32_t n, uint32_t fps, struct zoe_histogram *latency)
{
	struct processes processes;
	struct duty duty = { .kind = kind, .last = n + WARM_UP };
	duty.post = mmap(NULL, sizeof(*duty.post), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (duty.post == MAP_FAILED)
		return -ENOMEM;
	int error = processes_init(&processes);
	if (error)
		goto unmap;
	error = processes_fork(&processes, watch, &duty);
	if (error >= 0)
		error = processes_await_ready(&processes, 1, zoe_deadline_in_ms(PATIENCE_MS));
	if (!error)
		error = send_all(&duty, fps);
	if (!error)
		error = processes_wait(&processes, PROCESSES_ALL, zoe_deadline_in_ms(PATIENCE_MS));
	*latency = processes.members[0].latency;
	processes_finish(&processes);
unmap:
	munmap(duty.post, sizeof(*duty.post));
	return error;
}
