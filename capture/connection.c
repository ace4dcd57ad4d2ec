/* SPDX-License-Identifier: BSD-2-Clause */
#include "connection.h"

#include <errno.h>
#include <string.h>

#include <zoetrope/zoetrope.h>

#include "ffmpeg_log.h"
#include "left_behind.h"
#include "program/signals.h"

/* How long a farewell may take that the other side need not hear. */
#define CLOSE_NS 500000000

/* So many packets in a row that are older than one before are none that were late: libavformat would wait for 32768. */
#define RENUMBERED 100

/* libavformat calls this while it waits; 1 makes it give up. */
static int on_interrupt(void *argument)
{
	struct connection *connection = argument;

	if (zoe_now_ns() >= connection->deadline_ns)
		connection->was_late = true;
	if (!connection->is_closing && ffmpeg_log_count(FFMPEG_LOG_OLD_PACKET) - connection->n_old >= RENUMBERED)
		connection->is_renumbered = connection->was_late = true;
	return (zi_signals_stopped() && !connection->is_closing) || connection->was_late;
}

struct connection *connection_create(char *url, const AVInputFormat *demuxer)
{
	struct connection *connection = av_mallocz(sizeof(*connection));

	if (connection)
		connection->format = avformat_alloc_context();
	if (!connection || !connection->format || !url) {
		av_free(connection);
		av_free(url);
		return NULL;
	}
	connection->format->interrupt_callback = (AVIOInterruptCB){ .callback = on_interrupt, .opaque = connection };
	connection->demuxer = demuxer;
	connection->url = url;
	connection->deadline_ns = INT64_MAX;
	return connection;
}

bool connection_is_text(const struct connection *connection)
{
	return !connection->demuxer && strcmp(connection->format->iformat->name, "tty") == 0;
}

static void open_it(void *subject)
{
	struct connection *connection = subject;
	AVFormatContext **format = &connection->format;

	connection->error = avformat_open_input(format, connection->url, connection->demuxer, &connection->options);
	if (connection->error < 0)
		return;
	connection->colours = container_colours(*format);
	connection->n_colours = (*format)->nb_streams;
	if (!connection->colours)
		connection->error = AVERROR(ENOMEM);
	else if (!connection_is_text(connection))
		connection->error = avformat_find_stream_info(*format, NULL);
}

static void close_it(void *subject)
{
	struct connection *connection = subject;

	avformat_close_input(&connection->format);
}

static void destroy(void *subject)
{
	struct connection *connection = subject;

	avformat_close_input(&connection->format);
	av_dict_free(&connection->options);
	av_free(connection->colours);
	av_free(connection->url);
	av_free(connection);
}

static int run(struct connection *connection, const struct left_behind_call *call)
{
	if (connection->may_hang)
		return left_behind_run(call, connection, connection->deadline_ns);
	call->run(connection);
	return 0;
}

int connection_open(struct connection **connection)
{
	static const struct left_behind_call call = { .run = open_it, .destroy = destroy };
	int error = run(*connection, &call);

	if (error == -EINPROGRESS)
		*connection = NULL;
	/* RTSP can go on where the look at its streams was cut short. */
	else
		(*connection)->was_late = false;
	return error;
}

bool connection_close(struct connection **pointer)
{
	static const struct left_behind_call call = { .run = close_it, .destroy = destroy };
	struct connection *connection = *pointer;

	*pointer = NULL;
	if (!connection)
		return true;
	connection->is_closing = true;
	connection->was_late = false;
	connection->deadline_ns = zoe_now_ns() + CLOSE_NS;
	int error = connection->format ? run(connection, &call) : 0;
	if (error == -EINPROGRESS)
		return false;
	destroy(connection);
	return true;
}
