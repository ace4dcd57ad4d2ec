/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ZeroMQ over ipc://: PUB and SUB, as its guide has it for one that sends to any number,
 * with ZMQ_CONFLATE on both, since of a live picture only the newest is wanted. The
 * frames are handed over without a copy (zmq_msg_init_data); what remains is the socket.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "peer.h"

#define N_BUFFERS 4

struct buffer {
	uint8_t *data;
	atomic_bool busy; /* ZeroMQ has it */
};

static const char *version(void)
{
	static char text[32];
	int major, minor, patch;

	zmq_version(&major, &minor, &patch);
	snprintf(text, sizeof(text), "%d.%d.%d", major, minor, patch);
	return text;
}

/* A connected (or bound) socket of this kind; NULL, having said why. */
static void *open_socket(void *context, int type, const struct peer_task *task)
{
	char address[256];
	int on = 1, off = 0;
	void *socket = zmq_socket(context, type);

	snprintf(address, sizeof(address), "ipc://%s/zeromq", task->dir);
	if (!socket || zmq_setsockopt(socket, ZMQ_CONFLATE, &on, sizeof(on)) != 0 ||
		zmq_setsockopt(socket, ZMQ_LINGER, &off, sizeof(off)) != 0 ||
		(type == ZMQ_SUB && zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) != 0) ||
		(type == ZMQ_SUB ? zmq_connect(socket, address) : zmq_bind(socket, address)) != 0) {
		peer_complain("%s: %s", address, zmq_strerror(errno));
		if (socket)
			zmq_close(socket);
		return NULL;
	}
	return socket;
}

static void sent(void *data, void *hint)
{
	(void)data;
	atomic_store(&((struct buffer *)hint)->busy, false);
}

static int send_from(struct buffer *buffer, void *socket, uint64_t bytes)
{
	zmq_msg_t message;

	atomic_store(&buffer->busy, true);
	peer_stamp(buffer->data);
	if (zmq_msg_init_data(&message, buffer->data, bytes, sent, buffer) == 0 &&
		zmq_msg_send(&message, socket, 0) >= 0)
		return 0;
	return errno == EINTR ? 0 : peer_complain("%s", zmq_strerror(errno));
}

static int publish(const struct peer_task *task)
{
	struct buffer buffers[N_BUFFERS] = { 0 };
	void *context = zmq_ctx_new(), *socket = open_socket(context, ZMQ_PUB, task);
	int failed = !socket;

	for (int i = 0; !failed && i < N_BUFFERS; i++) {
		buffers[i].data = malloc(task->bytes);
		failed = buffers[i].data ? 0 : peer_complain("no memory for a frame");
		if (!failed)
			memset(buffers[i].data, 128, task->bytes);
	}
	for (unsigned i = 0; !failed && peer_next(); i++)
		if (!atomic_load(&buffers[i % N_BUFFERS].busy))
			failed = send_from(&buffers[i % N_BUFFERS], socket, task->bytes);
	if (socket)
		zmq_close(socket);
	zmq_ctx_term(context);
	for (int i = 0; i < N_BUFFERS; i++)
		free(buffers[i].data);
	return failed;
}

static int receive(const struct peer_task *task)
{
	void *context = zmq_ctx_new(), *socket = open_socket(context, ZMQ_SUB, task);
	zmq_msg_t message;
	int failed = !socket;

	zmq_msg_init(&message);
	for (bool more = true; more && !failed;) {
		if (zmq_msg_recv(&message, socket, 0) == (int)task->bytes)
			more = peer_got(zmq_msg_data(&message));
		else
			failed = peer_complain("receiving: %s", zmq_strerror(errno));
	}
	zmq_msg_close(&message);
	if (socket)
		zmq_close(socket);
	zmq_ctx_term(context);
	return failed;
}

const struct peer peer = { .version = version, .publish = publish, .receive = receive };
