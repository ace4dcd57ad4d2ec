/* SPDX-License-Identifier: BSD-2-Clause */
#include "traffic.h"

#define NS_PER_S INT64_C(1000000000)

void traffic_packet(struct traffic *traffic, int bytes, bool is_key, int64_t now_ns)
{
	int64_t elapsed_ns = now_ns - traffic->begun_ns;

	if (traffic->begun_ns == 0) {
		traffic->begun_ns = now_ns;
	} else if (elapsed_ns >= NS_PER_S) {
		/* This packet ends the second, and belongs to the next. */
		traffic->bits_per_s = (uint64_t)((double)traffic->bytes * 8 * 1e9 / (double)elapsed_ns);
		traffic->begun_ns = now_ns;
		traffic->bytes = 0;
	}
	traffic->bytes += bytes > 0 ? (uint64_t)bytes : 0;
	if (is_key) {
		traffic->key_interval = traffic->since_key;
		traffic->since_key = 1;
	} else if (traffic->since_key) {
		traffic->since_key++;
	}
}
