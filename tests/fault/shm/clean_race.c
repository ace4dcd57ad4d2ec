/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A capture comes back at the worst moment of a clean-up: after the stale pool was opened,
 * and before it is locked or moved away. The calls in between are wrapped by the linker,
 * so the moment is hit every time. The new pool must be there afterwards, both names.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

enum moment { NEVER, BEFORE_LOCK, BEFORE_MOVE };

/* A process that announces its writer when it is told to, and answers with a byte. */
struct peer {
	pid_t pid;
	int tell, hear;
};

static char name[ZOE_NAME_BYTES];
static struct peer newcomer;
static enum moment moment;
static int bad;

static struct peer start_peer(void)
{
	static const struct zoe_writer_options options = { .slot_bytes = 4096, .max_seats = 2 };
	struct zoe_writer *writer;
	int to[2], from[2];
	char byte = 0;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		exit(1);
	struct peer peer = { .pid = fork(), .tell = to[1], .hear = from[0] };
	if (peer.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (zoe_writer_create(&writer, name, &options) || read(to[0], &byte, 1) != 1)
			_exit(1);
		byte = zoe_writer_announce(writer) == 0;
		if (write(from[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(to[0]);
	close(from[1]);
	return peer;
}

static void announce(const struct peer *peer)
{
	char byte = 1;
	if (write(peer->tell, &byte, 1) != 1 || read(peer->hear, &byte, 1) != 1 || byte != 1) {
		printf("BAD: the new writer could not announce\n");
		bad++;
	}
}

static void kill_peer(const struct peer *peer)
{
	kill(peer->pid, SIGKILL);
	waitpid(peer->pid, NULL, 0);
	close(peer->tell);
	close(peer->hear);
}

static void come(enum moment now)
{
	if (moment != now)
		return;
	moment = NEVER;
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
	if (command == F_OFD_SETLK)
		come(BEFORE_LOCK);
	return __real_fcntl(fd, command, lock);
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
	char reel[160];
	struct zoe_cleaned cleaned;
	struct zoe_reader *reader;
	struct peer dead = start_peer();

	snprintf(reel, sizeof(reel), "/dev/shm/zoe.%s", name);
	announce(&dead);
	kill_peer(&dead);
	if (!has_reel)
		unlink(reel);
	newcomer = start_peer();
	moment = when;
	int error = zoe_pool_clean(name, &cleaned);
	int came = moment == NEVER;
	int attached = zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(20000));
	printf("%s: came=%d clean=%s removed=%u attach=%s\n", what, came, error ? strerrorname_np(-error) : "0",
		cleaned.n_objects, attached ? strerrorname_np(-attached) : "0");
	bad += !came || error != -EBUSY || cleaned.n_objects != 0 || attached;
	zoe_reader_detach(&reader);
	moment = NEVER;
	kill_peer(&newcomer);
	if (zoe_pool_clean(name, &cleaned) || cleaned.n_objects != 2) {
		printf("BAD: cleaned %u objects in the end: %s\n", cleaned.n_objects, zoe_error());
		bad++;
	}
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(name, sizeof(name), "clean-race-%d", (int)getpid());
	alarm(60);
	race("a stale pool, before its lock", BEFORE_LOCK, 1);
	race("seats alone, before their lock", BEFORE_LOCK, 0);
	race("seats alone, before they are moved", BEFORE_MOVE, 0);
	printf("bad=%d\n", bad);
	return bad > 0;
}
