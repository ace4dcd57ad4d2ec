/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reader asks for when it claims a seat: its options, checked. */
#ifndef ZI_REQUEST_H
#define ZI_REQUEST_H

#include <stdint.h>

#include <zoetrope/reader.h>

/* The defaults are filled in. */
struct zi_request {
	enum zoe_policy policy;
	uint32_t hold;
	uint32_t depth;
	uint32_t every;
	uint64_t interval_ns;
	char group[ZOE_LABEL_BYTES];
	char label[ZOE_LABEL_BYTES];
};

/* From the options. 0, or -EINVAL and why in zoe_error(). */
int zi_request_fill(struct zi_request *request, const struct zoe_reader_options *options);

#endif
