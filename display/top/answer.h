/* SPDX-License-Identifier: BSD-2-Clause */
/* What is answered to a request over HTTP: the metrics at /metrics, and an error with a line that says why anywhere else. */
#ifndef TOP_ANSWER_H
#define TOP_ANSWER_H

#include <microhttpd.h>

#include "snapshot.h"

#define TOP_METRICS_PATH "/metrics"

struct top_answers {
	const char *name;            /* this pool alone; NULL: all */
	struct top_snapshot *before; /* the last scrape's; NULL: there was none. Who owns the answers destroys it */
};

/*
 * libmicrohttpd's handler of requests, with a struct top_answers as cls. Each scrape takes a snapshot, which
 * waits for nobody. The connection ends with the answer.
 */
enum MHD_Result top_answer(void *cls, struct MHD_Connection *connection, const char *path, const char *method,
	const char *version, const char *upload, size_t *upload_bytes, void **unused);

#endif
