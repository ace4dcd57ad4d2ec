/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames through the kernel, copied in and out, each after its length. Ways: pipe, socket (a Unix stream socket). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "peer.h"

static int ends[2]; /* to read from, to write to */

static const char *version(void)
{
	static struct utsname system;

	return uname(&system) == 0 ? system.release : "?";
}

static int prepare(const struct peer_task *task)
{
	int failed = strcmp(task->way, "pipe") == 0 ? pipe(ends) : socketpair(AF_UNIX, SOCK_STREAM, 0, ends);

	return failed ? peer_complain("%s: %s", task->way, strerror(errno)) : 0;
}

/* 1 sent; 0 the receiver has gone; -1 failed */
static int send_frame(uint8_t *frame, uint64_t length)
{
	uint64_t header = length, sent = 0, all = sizeof(header) + length;

	peer_stamp(frame);
	while (sent < all) {
		uint64_t head = sent < sizeof(header) ? sizeof(header) - sent : 0;
		uint64_t body = sent < sizeof(header) ? 0 : sent - sizeof(header);
		struct iovec parts[] = {
			{ (uint8_t *)&header + sizeof(header) - head, head },
			{ frame + body, length - body },
		};
		ssize_t n = writev(ends[1], parts, 2);
		if (n < 0 && errno != EINTR)
			return errno == EPIPE || errno == ECONNRESET ? 0 : -1;
		if (n < 0)
			return 0;
		sent += (uint64_t)n;
	}
	return 1;
}

static int publish(const struct peer_task *task)
{
	uint8_t *frame = malloc(task->bytes);
	int sent = 1;

	close(ends[0]);
	if (!frame)
		return peer_complain("no memory for a frame");
	memset(frame, 128, task->bytes);
	while (sent > 0 && peer_next())
		sent = send_frame(frame, task->bytes);
	if (sent < 0)
		peer_complain("%s: %s", task->way, strerror(errno));
	free(frame);
	return sent < 0;
}

static bool read_all(void *into, uint64_t length)
{
	for (uint64_t done = 0; done < length;) {
		ssize_t n = read(ends[0], (uint8_t *)into + done, length - done);
		if (n <= 0)
			return false;
		done += (uint64_t)n;
	}
	return true;
}

static int receive(const struct peer_task *task)
{
	uint8_t *frame = malloc(task->bytes);
	uint64_t length;
	bool more = true;

	close(ends[1]);
	if (!frame)
		return peer_complain("no memory for a frame");
	while (more && read_all(&length, sizeof(length)) && length == task->bytes && read_all(frame, length))
		more = peer_got(frame);
	free(frame);
	return 0;
}

const struct peer peer = { .version = version, .prepare = prepare, .publish = publish, .receive = receive };
