/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program of some release: abi.sh builds it with the headers of one and runs it with the library of
 * another. Takes a seat in a pool of its own, asks for what NEWEST says (a member that a later release
 * gave to zoe_reader_options), and looks at one frame.
 */
#include <stdio.h>
#include <string.h>

#include <zoetrope/zoetrope.h>

static int look(const char *name, const struct zoe_reader_options *options)
{
	struct zoe_reader *reader;
	const struct zoe_frame *frame;
	struct zoe_status status;

	memset(&status, 0xff, sizeof(status));
	if (zoe_reader_attach(&reader, name, options, zoe_deadline_in_ms(2000)))
		return -1;
	if (zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(2000)))
		return -1;
	zoe_reader_get_status(reader, &status);
	printf("%s frame %llu held %u reserved %llu %llu\n", zoe_version(), (unsigned long long)frame->seq,
		status.n_held, (unsigned long long)frame->reserved[3], (unsigned long long)status.reserved[2]);
	zoe_reader_detach(&reader);
	return 0;
}

static int publish(struct zoe_writer *writer, uint32_t slot)
{
	static const struct zoe_frame_info gray = {
		.width_px = 64,
		.height_px = 64,
		.format = "gray",
		.n_planes = 1,
		.planes = { { .stride_bytes = 64, .row_bytes = 64, .rows = 64 } },
	};

	return zoe_writer_publish(writer, slot, &gray, 0, ZOE_POLL);
}

int main(int argc, char **argv)
{
	struct zoe_writer_options writing = { .slot_bytes = 4096 };
	struct zoe_reader_options reading = { .hold = 3, .label = "tester" };
	struct zoe_writer *writer;
	struct zoe_slot slot;

	if (argc != 2)
		return 2;
#ifdef NEWEST
	reading.newest = NEWEST;
#endif
	int error = zoe_writer_create(&writer, argv[1], &writing);
	if (!error)
		error = zoe_writer_begin(writer, &slot);
	if (!error)
		error = publish(writer, slot.index);
	if (!error)
		error = look(argv[1], &reading);
	if (error)
		printf("%s\n", zoe_error());
	zoe_writer_destroy(&writer);
	return error ? 1 : 0;
}
