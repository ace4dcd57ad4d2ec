/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/fork.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_error;
static struct zi_fork *list;

static void close_fds(struct zi_fork *entry)
{
	for (int i = 0; i < 2; i++) {
		if (entry->fds[i] >= 0)
			close(entry->fds[i]);
		entry->fds[i] = -1;
	}
}

void zi_fork_pause(void)
{
	pthread_mutex_lock(&list_mutex);
}

void zi_fork_resume(void)
{
	pthread_mutex_unlock(&list_mutex);
}

static void in_child(void)
{
	for (struct zi_fork *entry = list; entry; entry = entry->next) {
		entry->is_copy = true;
		close_fds(entry);
	}
	list = NULL;
	pthread_mutex_unlock(&list_mutex);
}

static void register_handlers(void)
{
	once_error = pthread_atfork(zi_fork_pause, zi_fork_resume, in_child);
}

int zi_fork_watch(struct zi_fork *entry)
{
	pthread_once(&once, register_handlers);
	if (once_error)
		return -once_error;
	*entry = (struct zi_fork){ .fds = { -1, -1 } };
	pthread_mutex_lock(&list_mutex);
	entry->next = list;
	if (list)
		list->previous = entry;
	list = entry;
	pthread_mutex_unlock(&list_mutex);
	return 0;
}

void zi_fork_close(struct zi_fork *entry)
{
	if (entry->is_copy)
		return;
	pthread_mutex_lock(&list_mutex);
	if (entry->previous)
		entry->previous->next = entry->next;
	else if (list == entry)
		list = entry->next;
	if (entry->next)
		entry->next->previous = entry->previous;
	close_fds(entry);
	pthread_mutex_unlock(&list_mutex);
	entry->next = entry->previous = NULL;
}
