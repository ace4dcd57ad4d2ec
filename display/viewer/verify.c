/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the numbers, counting what is wrong with them. */
#include "verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "program/message.h"
#include "program/picture.h"
#include "upload_route.h"

static int64_t read_number(const struct zoe_frame *frame)
{
	struct zi_picture picture = { .width_px = frame->info.width_px, .height_px = frame->info.height_px };

	for (int i = 0; i < 3; i++) {
		/* The picture's reader writes nothing; the mapping would not let it. */
		picture.data[i] = (uint8_t *)(uintptr_t)frame->data[i];
		picture.stride_bytes[i] = frame->info.planes[i].stride_bytes;
	}
	return zi_picture_read(&picture);
}

static int check_shape(const struct zoe_frame_info *info)
{
	if (strcmp(info->format, "yuv420p") != 0 || info->n_planes != 3) {
		zi_message_error(
			"cannot verify frames of the pixel format %s: the test picture is yuv420p; "
			"run zoe-capture test:640x480@30 without --pix-fmt",
			info->format);
		return -EINVAL;
	}
	if (!upload_route_fits(info)) {
		zi_message_error("cannot verify frames whose planes hold no picture of %ux%u", info->width_px,
			info->height_px);
		return -EINVAL;
	}
	if (info->width_px < ZI_PICTURE_MIN_WIDTH || info->height_px < ZI_PICTURE_MIN_HEIGHT) {
		zi_message_error("cannot verify frames of %ux%u: the test picture has at least %dx%d", info->width_px,
			info->height_px, ZI_PICTURE_MIN_WIDTH, ZI_PICTURE_MIN_HEIGHT);
		return -EINVAL;
	}
	return 0;
}

int verify_acquired(struct verify *verify, const struct zoe_frame *frame)
{
	int error = check_shape(&frame->info);

	if (error)
		return error;
	if (frame->epoch != verify->epoch) {
		verify->epoch = frame->epoch;
		verify->number = -1;
	}
	verify->checked++;
	verify->acquired = read_number(frame);
	if (verify->acquired < 0) {
		verify->torn++;
		return 0;
	}
	if (verify->acquired <= verify->number)
		verify->repeated++;
	/* The test picture counts its time in frames. */
	if (verify->acquired != frame->info.pts)
		verify->mislabelled++;
	verify->number = verify->acquired;
	return 0;
}

void verify_released(struct verify *verify, const struct zoe_frame *frame, int64_t acquired)
{
	int64_t number;

	if (acquired < 0)
		return;
	number = read_number(frame);
	if (number < 0)
		verify->torn++;
	else if (number != acquired)
		verify->changed++;
}

void verify_matched(struct verify *verify, const struct zoe_frame *frame, int64_t acquired,
	const struct worker_result *result)
{
	bool has_number = result->n_marks > 0 && result->marks[0].id != 0;

	if (result->epoch != frame->epoch || result->seq != frame->seq ||
		(has_number && result->marks[0].id != acquired))
		verify->mismatched++;
}

int verify_conclude(const struct verify *verify, const char *name)
{
	if (verify->checked == 0) {
		zi_message_error("nothing verified (%s): no frame was shown", name);
		return -EBADMSG;
	}
	if (verify->torn == verify->checked) {
		zi_message_error("verification failed (%s): none of %" PRIu64
				 " frames carries a test picture's number; "
				 "run zoe-capture test:640x480@30",
			name, verify->checked);
		return -EBADMSG;
	}
	if (verify->torn + verify->changed + verify->repeated + verify->mislabelled + verify->mismatched == 0)
		return 0;
	zi_message_error("verification failed (%s): of %" PRIu64 " frames %" PRIu64 " torn, %" PRIu64
			 " changed, %" PRIu64 " repeated, %" PRIu64 " with another number than their time, %" PRIu64
			 " with another frame's result",
		name, verify->checked, verify->torn, verify->changed, verify->repeated, verify->mislabelled,
		verify->mismatched);
	return -EBADMSG;
}
