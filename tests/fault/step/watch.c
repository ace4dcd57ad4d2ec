/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A watcher: a healthy reader. It follows the pool's name through everything, looks at
 * each frame when it gets it and again before it returns it, and minds that no call of
 * its comes back later than it should.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pool/mailbox/mailbox.h"
#include "pool/system/clock.h"
#include "pool/system/object.h"
#include "stage.h"

#define GRACE_MS 1000 /* what an attach may take beyond its deadline, once the pool is there */
#define NAP_MS 20

struct watcher {
	struct step_stage *stage;
	struct step_watch *watch;
	int number;
	struct zoe_reader *reader;
	struct zoe_results *results;
	const struct zoe_frame *kept, *last;
};

static bool on_time(struct watcher *watcher, const char *what, int64_t deadline_ns)
{
	int64_t late = zoe_now_ns() - deadline_ns;
	step_most(&watcher->stage->late_ns, late);
	atomic_fetch_add(&watcher->watch->calls, 1);
	return late <= STEP_LATE_MS * ZI_MS ||
		step_fault(watcher->stage, "reader %d: %s came back %lld ms after its deadline", watcher->number, what,
			(long long)(late / ZI_MS));
}

static bool look(struct watcher *watcher, const struct zoe_frame *frame)
{
	return !frame || step_whole(frame) ||
		step_fault(watcher->stage, "reader %d: frame %llu is torn", watcher->number,
			(unsigned long long)frame->seq);
}

/* Until there is a seat or no request for one. Refusals for the time being are not faults. */
static bool attach(struct watcher *watcher)
{
	const struct zoe_reader_options options = { .hold = 2, .depth = 1, .label = "watcher" };
	struct step_stage *stage = watcher->stage;
	int error = -EAGAIN;
	while (error && atomic_load(&watcher->watch->request) != STEP_LEAVE) {
		int64_t deadline_ns = zoe_deadline_in_ms(NAP_MS);
		error = zoe_reader_attach(&watcher->reader, stage->name, &options, deadline_ns);
		if (!on_time(watcher, "attach", deadline_ns + GRACE_MS * ZI_MS))
			return false;
		if (error && error != -ENOENT && error != -ETIMEDOUT && error != -EUSERS && error != -ENOSPC)
			return step_fault(stage, "reader %d: attach: %s (%s)", watcher->number, strerrorname_np(-error),
				zoe_error());
	}
	if (!error)
		atomic_store(&watcher->watch->attached, 1);
	return !error;
}

static bool take(struct watcher *watcher, const struct zoe_frame *frame)
{
	struct step_watch *watch = watcher->watch;
	if (!look(watcher, frame) || !look(watcher, watcher->last) || !look(watcher, watcher->kept))
		return false;
	zoe_reader_release(watcher->reader, watcher->last);
	watcher->last = NULL;
	if (watch->keeps && !watcher->kept)
		watcher->kept = frame;
	else
		watcher->last = frame;
	atomic_store(&watch->gone_ns, 0);
	atomic_store(&watch->seq, frame->seq);
	atomic_store(&watch->epoch, frame->epoch);
	atomic_fetch_add(&watch->frames, 1);
	return true;
}

/* What was posted is whole, whatever became of its poster. */
static bool read_results(struct watcher *watcher)
{
	const struct zoe_result *result;
	char number[24];

	if (!watcher->results)
		zoe_results_open(&watcher->results, watcher->stage->name, ZOE_POLL);
	while (watcher->results && zoe_results_next(watcher->results, &result, ZOE_POLL) == 0) {
		step_number(number, result->seq);
		if (strcmp(result->json, number) || strcmp(result->worker, "victim") || result->n_marks != 1 ||
			result->marks[0].id != (int64_t)result->seq)
			return step_fault(watcher->stage, "reader %d: the result about frame %s is torn",
				watcher->number, number);
		atomic_fetch_add(&watcher->watch->results, 1);
	}
	return true;
}

static bool watch_on(struct watcher *watcher)
{
	const struct zoe_frame *frame;
	struct zoe_status status;

	/* With two held there is no room for a third: what was looked at goes back first. */
	if (watcher->kept && watcher->last) {
		if (!look(watcher, watcher->last))
			return false;
		zoe_reader_release(watcher->reader, watcher->last);
		watcher->last = NULL;
	}
	int64_t deadline_ns = zoe_deadline_in_ms(watcher->stage->patience_ms);
	int error = zoe_reader_acquire(watcher->reader, &frame, deadline_ns);
	if (!on_time(watcher, "acquire", deadline_ns))
		return false;
	if (!read_results(watcher))
		return false;
	if (!error)
		return take(watcher, frame);
	if (error == -EOWNERDEAD || error == -ENODATA)
		atomic_store(&watcher->watch->gone_ns, zoe_now_ns());
	else if (error != -EAGAIN)
		return step_fault(watcher->stage, "reader %d: acquire: %s (%s)", watcher->number,
			strerrorname_np(-error), zoe_error());
	zoe_reader_get_status(watcher->reader, &status);
	return look(watcher, watcher->kept);
}

/* The mutex of our own mailbox, where it has one: the seat is the one with our pid. */
static pthread_mutex_t *own_mutex(const struct step_stage *stage)
{
	if (stage->mailbox != ZOE_MAILBOX_MUTEX)
		return NULL;
	int fd = zi_object_open(stage->name, ZI_SEATS, O_RDWR);
	off_t bytes = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	uint8_t *map = bytes > 0 ? mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
	if (fd >= 0)
		close(fd);
	if (map == MAP_FAILED)
		return NULL;
	const struct zi_seats *seats = (const struct zi_seats *)map;
	for (uint32_t i = 0; i < seats->n_seats; i++) {
		uint8_t *seat = map + seats->seats_offset + i * seats->seat_bytes;
		if (((struct zi_seat *)seat)->pid == (uint32_t)getpid())
			return &((struct zi_mailbox *)(seat + seats->mailbox_offset))->mutex.mutex;
	}
	return NULL;
}

static bool obey(struct watcher *watcher, uint32_t request)
{
	struct step_watch *watch = watcher->watch;
	pthread_mutex_t *mutex = request == STEP_LOCK ? own_mutex(watcher->stage) : NULL;
	if (mutex)
		pthread_mutex_lock(mutex);
	atomic_store(&watch->is, request);
	while ((request == STEP_IDLE || request == STEP_LOCK) && atomic_load(&watch->request) == request)
		zi_futex_wait(&watch->request, request, zoe_deadline_in_ms(NAP_MS));
	if (mutex)
		pthread_mutex_unlock(mutex);
	return look(watcher, watcher->kept) && look(watcher, watcher->last);
}

int step_watch(struct step_stage *stage, int number)
{
	struct watcher watcher = { .stage = stage, .watch = &stage->watch[number], .number = number };
	uint32_t request = STEP_WATCH;
	bool well = attach(&watcher);
	while (well && (request = atomic_load(&watcher.watch->request)) != STEP_LEAVE)
		well = request != atomic_load(&watcher.watch->is) ? obey(&watcher, request) : watch_on(&watcher);
	if (well)
		well = look(&watcher, watcher.kept) && look(&watcher, watcher.last);
	zoe_results_close(&watcher.results);
	zoe_reader_detach(&watcher.reader);
	/* What is wrong stands in the fault; only what could not say so is told by the status. */
	return 0;
}
