/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/descriptors.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/system/error.h"
#include "pool/system/thread.h"

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int handlers_error;
static struct zi_descriptors *list;
/* Of the thread that has the mutex, before it took it. */
static int cancel_before;

bool zi_descriptors_intact(const struct zi_descriptors *entry, int i)
{
	assert(i == 0 || i == 1);
	struct stat status;
	if (entry->fds[i] < 0)
		return false;
	/* What could not be learned, here or at first, is not held against it. */
	if (fstat(entry->fds[i], &status))
		return errno != EBADF;
	return entry->inode[i] == 0 || (status.st_dev == entry->device[i] && status.st_ino == entry->inode[i]);
}

int zi_descriptors_above_standard(int fd)
{
	if (fd < 0)
		return -errno;
	if (fd > STDERR_FILENO)
		return fd;
	int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int error = higher < 0 ? -errno : higher;
	close(fd);
	return error;
}

static void close_fds(struct zi_descriptors *entry)
{
	for (int i = 0; i < 2; i++) {
		if (zi_descriptors_intact(entry, i))
			close(entry->fds[i]);
		entry->fds[i] = -1;
	}
}

void zi_descriptors_pause(void)
{
	/* Who dies with the mutex keeps everybody from forking for ever. */
	int before = zi_cancel_off();
	pthread_mutex_lock(&list_mutex);
	cancel_before = before;
}

/* The same if no other thread has it. */
static bool try_pause(void)
{
	int before = zi_cancel_off();
	if (pthread_mutex_trylock(&list_mutex)) {
		zi_cancel_back(&before);
		return false;
	}
	cancel_before = before;
	return true;
}

void zi_descriptors_resume(void)
{
	int before = cancel_before;
	pthread_mutex_unlock(&list_mutex);
	zi_cancel_back(&before);
}

static void in_child(void)
{
	for (struct zi_descriptors *entry = list; entry; entry = entry->next) {
		entry->is_copy = true;
		close_fds(entry);
	}
	list = NULL;
	zi_descriptors_resume();
}

void zi_descriptors_adopt(struct zi_descriptors *entry, int i, int fd)
{
	assert((i == 0 || i == 1) && fd >= 0);
	struct stat status;
	/* The kernel gives no number that is open: who had this one before has lost it. */
	for (struct zi_descriptors *other = list; other; other = other->next)
		for (int j = 0; j < 2; j++)
			if (other->fds[j] == fd)
				other->fds[j] = -1;
	entry->fds[i] = fd;
	if (fstat(fd, &status) == 0) {
		entry->device[i] = status.st_dev;
		entry->inode[i] = status.st_ino;
	}
}

static void register_handlers(void)
{
	handlers_error = pthread_atfork(zi_descriptors_pause, zi_descriptors_resume, in_child);
}

int zi_descriptors_watch(struct zi_descriptors *entry)
{
	*entry = (struct zi_descriptors){ .fds = { -1, -1 } };
	/* Not under the list's mutex: a fork just then would copy it locked, with nobody to unlock it. */
	pthread_once(&once, register_handlers);
	zi_descriptors_pause();
	if (handlers_error)
		register_handlers();
	if (handlers_error) {
		zi_descriptors_resume();
		return zi_fail(handlers_error, "cannot watch for forks: %s", strerror(handlers_error));
	}
	entry->next = list;
	if (list)
		list->previous = entry;
	list = entry;
	zi_descriptors_resume();
	return 0;
}

int zi_descriptors_check(const struct zi_descriptors *entry, const char *what)
{
	return entry->is_copy ? zi_fail(ECHILD, "this %s belongs to the parent process", what) : 0;
}

void zi_descriptors_shut(struct zi_descriptors *entry)
{
	zi_descriptors_pause();
	close_fds(entry);
	zi_descriptors_resume();
}

/* With the mutex held. */
static void leave(struct zi_descriptors *entry)
{
	if (entry->previous)
		entry->previous->next = entry->next;
	else if (list == entry)
		list = entry->next;
	if (entry->next)
		entry->next->previous = entry->previous;
	entry->next = entry->previous = NULL;
	close_fds(entry);
	entry->has_left = true;
	zi_descriptors_resume();
}

void zi_descriptors_close(struct zi_descriptors *entry)
{
	if (entry->is_copy || entry->has_left)
		return;
	zi_descriptors_pause();
	leave(entry);
}

bool zi_descriptors_try_close(struct zi_descriptors *entry)
{
	if (!entry->is_copy && !entry->has_left) {
		if (!try_pause())
			return false;
		leave(entry);
	}
	return true;
}
