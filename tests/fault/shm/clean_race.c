/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A capture comes back at the worst moment of a clean-up: after the stale pool was opened,
 * and before it is asked whether it lives, its name is locked, or it is moved away; or after its seats
 * were opened, when somebody removes the reel by hand. The calls in between are wrapped by the linker,
 * so the moment is hit every time. The new pool must be there afterwards, both names.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "support/actors.h"
#include "support/name.h"

/* What the seats object begins with (LAYOUT.md). */
#define SEATS_MAGIC "ZOE-SEAT"

enum moment { NEVER, BEFORE_ASK, BEFORE_LOCK, SEATS_OPENED, BEFORE_MOVE };

static char name[ZOE_NAME_BYTES], reel[160];
static struct actor newcomer;
static enum moment moment;
static int bad;

/* A process with a writer that announces it when it is told to. */
static struct actor start_writer(void)
{
	struct actor actor = actor_start();

	ask(&actor, "create %s seats=2", name);
	return actor;
}

static void announce(struct actor *actor)
{
	ask(actor, "announce");
	if (!is_ok(actor)) {
		printf("BAD: the new writer could not announce: %s\n", actor->answer);
		bad++;
	}
}

static void come(enum moment now)
{
	if (moment != now)
		return;
	moment = NEVER;
	if (now == SEATS_OPENED)
		unlink(reel);
	announce(&newcomer);
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
	va_list arguments;
	va_start(arguments, command);
	struct flock *lock = va_arg(arguments, struct flock *);
	va_end(arguments);
	if (command == F_OFD_GETLK)
		come(BEFORE_ASK);
	if (command == F_OFD_SETLK)
		come(BEFORE_LOCK);
	return __real_fcntl(fd, command, lock);
}

ssize_t __real_pread(int fd, void *to, size_t bytes, off_t at);
ssize_t __wrap_pread(int fd, void *to, size_t bytes, off_t at);
ssize_t __wrap_pread(int fd, void *to, size_t bytes, off_t at)
{
	ssize_t n = __real_pread(fd, to, bytes, at);
	if (n == (ssize_t)strlen(SEATS_MAGIC) && memcmp(to, SEATS_MAGIC, strlen(SEATS_MAGIC)) == 0)
		come(SEATS_OPENED);
	return n;
}

int __real_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	come(BEFORE_MOVE);
	return __real_renameat2(from_fd, from, to_fd, to, flags);
}

/* Clean while a writer comes back at that moment; the stale pool has a reel, or seats alone. */
static void race(const char *what, enum moment when, int has_reel)
{
	struct zoe_cleaned cleaned;
	struct zoe_reader *reader;
	struct actor dead = start_writer();

	snprintf(reel, sizeof(reel), "/dev/shm/zoe.%s", name);
	announce(&dead);
	actor_kill(&dead);
	if (!has_reel)
		unlink(reel);
	newcomer = start_writer();
	moment = when;
	int error = zoe_pool_clean(name, &cleaned);
	int came = moment == NEVER;
	int attached = zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(20000));
	printf("%s: came=%d clean=%s removed=%u attach=%s\n", what, came, error ? strerrorname_np(-error) : "0",
		cleaned.n_objects, attached ? strerrorname_np(-attached) : "0");
	bad += !came || error != -EBUSY || cleaned.n_objects != 0 || attached;
	zoe_reader_detach(&reader);
	moment = NEVER;
	actor_kill(&newcomer);
	if (zoe_pool_clean(name, &cleaned) || cleaned.n_objects != 2) {
		printf("BAD: cleaned %u objects in the end: %s\n", cleaned.n_objects, zoe_error());
		bad++;
	}
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	own_pool_name(name, "clean-race");
	alarm(60);
	race("a stale pool, before it is asked", BEFORE_ASK, 1);
	race("a stale pool, before the lock of its name", BEFORE_LOCK, 1);
	race("a stale pool, after its seats were opened", SEATS_OPENED, 1);
	race("seats alone, before they are asked", BEFORE_ASK, 0);
	race("seats alone, before they are moved", BEFORE_MOVE, 0);
	printf("bad=%d\n", bad);
	return bad > 0;
}
