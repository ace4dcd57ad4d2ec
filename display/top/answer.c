/* SPDX-License-Identifier: BSD-2-Clause */
#include "answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "top.h"

struct body {
	char *text; /* allocated */
	size_t bytes;
};

/* The body is libmicrohttpd's to free from here on, which leaves it out by itself where HEAD was asked for. */
static enum MHD_Result send_body(struct MHD_Connection *connection, unsigned status, const char *type, struct body body)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(body.bytes, body.text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (!response) {
		free(body.text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result send_line(struct MHD_Connection *connection, unsigned status, const char *line)
{
	struct body body = { NULL, 0 };
	int n = asprintf(&body.text, "%s\n", line);

	if (n < 0)
		return MHD_NO;
	body.bytes = (size_t)n;
	return send_body(connection, status, "text/plain; charset=utf-8", body);
}

/* 0 or a negative errno. */
static int scrape(struct top_answers *answers, struct body *body)
{
	struct top_snapshot *snapshot;
	FILE *stream;
	int error = top_snapshot_take(&snapshot, answers->before, answers->name);

	if (error)
		return error;
	/* The next one is compared with this one, so that readers keep their numbers. */
	top_snapshot_destroy(&answers->before);
	answers->before = snapshot;
	stream = open_memstream(&body->text, &body->bytes);
	if (!stream)
		return -errno;
	top_prometheus(snapshot, stream);
	error = ferror(stream) ? -ENOMEM : 0;
	if (fclose(stream) && !error)
		error = -errno;
	if (error)
		free(body->text);
	return error;
}

static enum MHD_Result send_metrics(struct MHD_Connection *connection, struct top_answers *answers)
{
	struct body body = { NULL, 0 };
	int error = scrape(answers, &body);

	if (error)
		return send_line(connection, MHD_HTTP_SERVICE_UNAVAILABLE, strerror(-error));
	return send_body(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", body);
}

enum MHD_Result top_answer(void *cls, struct MHD_Connection *connection, const char *path, const char *method,
	const char *version, const char *upload, size_t *upload_bytes, void **unused)
{
	(void)version;
	(void)upload;
	(void)upload_bytes;
	(void)unused;
	if (strcmp(path, TOP_METRICS_PATH) != 0)
		return send_line(connection, MHD_HTTP_NOT_FOUND, "Not here: the metrics are at " TOP_METRICS_PATH ".");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return send_line(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "The metrics can only be read: GET or HEAD.");
	return send_metrics(connection, cls);
}
