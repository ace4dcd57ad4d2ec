/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/reader/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pool/system/error.h"

#define DEFAULT_HOLD 2
#define DEFAULT_GROUP_HOLD 1
#define DEFAULT_DEPTH 1
#define LEAST_FPS 0.001
#define MOST_FPS 1000

static int check_group(const struct zoe_reader_options *options)
{
	if (!zoe_name_valid(options->group) || strlen(options->group) >= ZOE_LABEL_BYTES)
		return zi_fail(EINVAL, "'%.80s' is no name for a group: 1 to %d letters, digits, '_' or '-'",
			options->group, ZOE_LABEL_BYTES - 1);
	if (options->policy == ZOE_LOSSLESS && (options->every > 1 || options->max_fps != 0))
		return zi_fail(EINVAL, "a lossless group shares every frame: it cannot be given fewer");
	return 0;
}

static int check_options(const struct zoe_reader_options *options)
{
	if ((unsigned)options->policy > ZOE_LOSSLESS)
		return zi_fail(EINVAL, "there is no such policy");
	if ((unsigned)options->follow > ZOE_FOLLOW_NEVER)
		return zi_fail(EINVAL, "there is no such way to follow");
	if (options->hold > ZOE_MAX_HOLD || options->depth > ZOE_MAX_DEPTH)
		return zi_fail(EINVAL, "a reader holds 1 to %d frames and has 1 to %d waiting", ZOE_MAX_HOLD,
			ZOE_MAX_DEPTH);
	if (options->max_fps != 0 && !(options->max_fps >= LEAST_FPS && options->max_fps <= MOST_FPS))
		return zi_fail(EINVAL, "a reader may ask for at most %g to %d frames a second", LEAST_FPS, MOST_FPS);
	return options->group ? check_group(options) : 0;
}

int zi_request_fill(struct zi_request *request, const struct zoe_reader_options *options)
{
	int error = check_options(options);
	if (error)
		return error;
	uint32_t hold = options->group ? DEFAULT_GROUP_HOLD : DEFAULT_HOLD;
	*request = (struct zi_request){
		.policy = options->policy,
		.hold = options->hold ? options->hold : hold,
		.depth = options->depth ? options->depth : DEFAULT_DEPTH,
		.every = options->every,
		.interval_ns = options->max_fps != 0 ? (uint64_t)(1e9 / options->max_fps) : 0,
	};
	snprintf(request->group, sizeof(request->group), "%s", options->group ? options->group : "");
	snprintf(request->label, sizeof(request->label), "%s",
		options->label ? options->label : program_invocation_short_name);
	return 0;
}
