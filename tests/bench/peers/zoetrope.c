/* SPDX-License-Identifier: BSD-2-Clause */
/* zoetrope by the same contract as the others. Ways: block, poll. */
#include <errno.h>
#include <string.h>

#include <zoetrope/zoetrope.h>

#include "peer.h"

static int fill_and_publish(struct zoe_writer *writer, const struct zoe_frame_info *info)
{
	struct zoe_slot slot;
	int error = zoe_writer_begin(writer, &slot);

	if (error)
		return error;
	peer_stamp(slot.data);
	return zoe_writer_publish(writer, slot.index, info, 0, ZOE_POLL);
}

static int publish(const struct peer_task *task)
{
	uint32_t width = task->width_px, height = task->height_px;
	uint64_t luma = (uint64_t)width * height;
	struct zoe_writer_options options = { .slot_bytes = task->bytes };
	struct zoe_frame_info info = {
		.width_px = width, .height_px = height, .format = "yuv420p", .n_planes = 3,
		.planes = {
			{ 0, width, width, height, 0 },
			{ luma, width / 2, width / 2, height / 2, 0 },
			{ luma + luma / 4, width / 2, width / 2, height / 2, 0 },
		},
	};
	struct zoe_writer *writer;
	int error = zoe_writer_create(&writer, task->name, &options);

	if (!error)
		error = zoe_writer_announce(writer);
	while (!error && peer_next())
		error = fill_and_publish(writer, &info);
	if (error)
		peer_complain("%s", zoe_error());
	zoe_writer_destroy(&writer);
	return error != 0;
}

static int receive(const struct peer_task *task)
{
	int64_t deadline = strcmp(task->way, "poll") == 0 ? ZOE_POLL : ZOE_FOREVER;
	const struct zoe_frame *frame;
	struct zoe_reader *reader;
	bool more = true;
	int error = zoe_reader_attach(&reader, task->name, NULL, zoe_deadline_in_ms(2000));

	while (!error && more) {
		error = zoe_reader_acquire(reader, &frame, deadline);
		if (!error) {
			more = peer_got(frame->data[0]);
			zoe_reader_release(reader, frame);
		} else if (error == -EAGAIN) {
			error = 0;
		}
	}
	if (error)
		peer_complain("%s", zoe_error());
	zoe_reader_detach(&reader);
	return error != 0;
}

const struct peer peer = { .version = zoe_version, .publish = publish, .receive = receive };
