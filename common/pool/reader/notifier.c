/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reader's descriptor for event loops: an eventfd, and a thread that sleeps on the reel's
 * frame counter, as observers do, and never on the mailbox, which is the reader's own.
 */
#include "pool/reader/state.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/thread.h"

/* What no counter tells (a frame that came late, a death, a pool's return) is noticed so often. */
#define LOOK_UP_NS (50 * ZI_MS)

struct zi_notifier {
	int fd;
	pthread_t thread;
	_Atomic uint32_t stop;            /* a futex word */
	struct zi_wakes wakes;            /* of its thread, */
	struct zi_throttle throttle;      /* this, too */
	int64_t until_ns;                 /* when its last sleep was to end; 0: it began with a frame there */
	pthread_mutex_t mutex;            /* guards: */
	struct zi_attachment *attachment; /* NULL: the reader has no seat just now */
};

static void set(const struct zi_notifier *notifier)
{
	ZI_UNCANCELLED;
	/* Fails only when it is readable as it is. */
	if (eventfd_write(notifier->fd, 1))
		return;
}

/* True when zoe_reader_acquire() would say something else than -EAGAIN. */
static bool has_news(const struct zi_attachment *attachment)
{
	return zi_grants_waiting(attachment->box.grants) > 0 || !zi_attachment_owns_seat(attachment) ||
		zi_attachment_lost_descriptors(attachment) || zi_view_state(&attachment->view, true) != ZI_VIEW_LIVE;
}

/* One look, with a sleep afterwards until there may be something new. */
static void look_and_sleep(struct zi_notifier *notifier)
{
	const _Atomic uint32_t *word = &notifier->stop;
	uint32_t value = 0;
	bool is_waiting = false;
	int64_t now = zoe_now_ns();

	pthread_mutex_lock(&notifier->mutex);
	if (notifier->attachment) {
		word = &notifier->attachment->view.reel->frame_counter;
		value = atomic_load(word);
		is_waiting = zi_grants_any_waiting(notifier->attachment->box.grants);
		if (is_waiting && notifier->until_ns)
			zi_wakes_note(&notifier->wakes, now, notifier->until_ns,
				zi_view_time(&notifier->attachment->view,
					atomic_load(&notifier->attachment->view.reel->published_ns)));
	}
	/* Without a seat the reader must look for the pool itself, in zoe_reader_acquire(). */
	if (!notifier->attachment || has_news(notifier->attachment))
		set(notifier);
	pthread_mutex_unlock(&notifier->mutex);
	/* The reel may be unmapped by now: then this returns at once, or sleeps for its time. */
	int64_t until = zi_wakes_bound(&notifier->wakes, now, now + LOOK_UP_NS);
	notifier->until_ns = is_waiting ? 0 : until;
	zi_futex_wait_blindly(word, value, until);
	zi_throttle(&notifier->throttle, ZOE_FOREVER);
}

static void *attend(void *argument)
{
	struct zi_notifier *notifier = argument;
	while (!atomic_load(&notifier->stop))
		look_and_sleep(notifier);
	return NULL;
}

int zoe_reader_get_fd(struct zoe_reader *reader)
{
	ZI_UNCANCELLED;
	if (zi_descriptors_check(&reader->follow.descriptors, "reader"))
		return -ECHILD;
	if (reader->notifier)
		return reader->notifier->fd;
	struct zi_notifier *notifier = calloc(1, sizeof(*notifier));
	if (!notifier)
		return zi_fail(ENOMEM, "out of memory");
	notifier->fd = zi_descriptors_above_standard(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	if (notifier->fd < 0) {
		int error = -notifier->fd;
		free(notifier);
		return zi_fail(error, "cannot make a descriptor: %s", strerror(error));
	}
	pthread_mutex_init(&notifier->mutex, NULL);
	notifier->attachment = reader->attachment && reader->attachment->seated ? reader->attachment : NULL;
	int error = zi_thread_start(&notifier->thread, attend, notifier);
	if (error) {
		close(notifier->fd);
		pthread_mutex_destroy(&notifier->mutex);
		free(notifier);
		return zi_fail(-error, "cannot start a thread: %s", strerror(-error));
	}
	reader->notifier = notifier;
	return notifier->fd;
}

void zi_notifier_attend(struct zoe_reader *reader, struct zi_attachment *attachment)
{
	struct zi_notifier *notifier = reader->notifier;
	if (!notifier)
		return;
	pthread_mutex_lock(&notifier->mutex);
	notifier->attachment = attachment;
	pthread_mutex_unlock(&notifier->mutex);
}

void zi_notifier_clear(struct zoe_reader *reader)
{
	eventfd_t count;
	if (reader->notifier && eventfd_read(reader->notifier->fd, &count))
		return;
}

void zi_notifier_look(struct zoe_reader *reader)
{
	if (reader->notifier && reader->attachment && zi_grants_any_waiting(reader->attachment->box.grants))
		set(reader->notifier);
}

void zi_notifier_stop(struct zoe_reader *reader)
{
	struct zi_notifier *notifier = reader->notifier;
	reader->notifier = NULL;
	if (!notifier)
		return;
	if (!reader->follow.descriptors.is_copy) {
		zi_notifier_attend(reader, NULL);
		atomic_store(&notifier->stop, 1);
		zi_futex_wake(&notifier->stop);
		pthread_join(notifier->thread, NULL);
	}
	close(notifier->fd);
	pthread_mutex_destroy(&notifier->mutex);
	free(notifier);
}
