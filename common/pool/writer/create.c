/* SPDX-License-Identifier: BSD-2-Clause */
/* The making of a pool: two objects of the right size, filled in, locked, without a name yet. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "pool/system/access.h"
#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/host.h"
#include "pool/system/lock.h"
#include "pool/system/mapping.h"
#include "pool/system/object.h"
#include "pool/system/options.h"
#include "pool/system/thread.h"
#include "pool/writer/housekeeping.h"
#include "pool/writer/state.h"

/* One frame in filling, one published, one being looked at. */
#define MIN_SLOTS 3

#define MIB (1024.0 * 1024.0)

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

/* The sizes of both objects, worked out once. */
struct geometry {
	uint64_t page_bytes, slot_bytes, table_offset, pixels_offset, reel_bytes;
	uint64_t seat_bytes, mailbox_offset, timing_offset, doorbell_offset, seats_offset, seats_bytes, board_bytes;
	uint32_t max_slots, max_seats;
};

static int measure(struct geometry *g, const char *name, const struct zoe_writer_options *options)
{
	uint64_t total, available;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	zi_object_space(&total, &available);
	uint64_t budget = options->max_bytes ? options->max_bytes : available / 2;
	uint64_t most = zi_object_most_bytes();

	if (options->slot_bytes == 0 || options->slot_bytes > UINT64_C(1) << 40)
		return zi_fail(EINVAL, "a slot of %llu bytes is out of range", (unsigned long long)options->slot_bytes);
	if (!zi_mailbox_body(options->mailbox) || (unsigned)options->cond > ZOE_COND_PTHREAD)
		return zi_fail(EINVAL, "there is no such mailbox or condition variable");
	if (options->max_slots > ZOE_MAX_SLOTS || options->max_seats > ZOE_MAX_SEATS)
		return zi_fail(EINVAL, "a pool has at most %d slots and %d seats", ZOE_MAX_SLOTS, ZOE_MAX_SEATS);
	*g = (struct geometry){
		.page_bytes = page,
		.slot_bytes = round_up(options->slot_bytes, page),
		.table_offset = sizeof(struct zi_reel),
		.max_slots = options->max_slots ? options->max_slots : ZOE_MAX_SLOTS,
		.max_seats = options->max_seats ? options->max_seats : ZOE_MAX_SEATS,
		.doorbell_offset = page,
		.seats_offset = 2 * page,
		.mailbox_offset = sizeof(struct zi_seat),
	};
	if (g->max_slots > budget / g->slot_bytes)
		g->max_slots = (uint32_t)(budget / g->slot_bytes);
	if (g->max_slots < MIN_SLOTS && options->max_slots && options->max_slots < MIN_SLOTS)
		return zi_fail(EINVAL, "a pool needs at least %d slots", MIN_SLOTS);
	g->pixels_offset = round_up(g->table_offset + ZOE_MAX_SLOTS * sizeof(struct zi_record), page);
	if (most < g->pixels_offset + MIN_SLOTS * g->slot_bytes)
		return zi_object_fail(name, g->pixels_offset + MIN_SLOTS * g->slot_bytes, EFBIG);
	if (g->max_slots > (most - g->pixels_offset) / g->slot_bytes)
		g->max_slots = (uint32_t)((most - g->pixels_offset) / g->slot_bytes);
	if (g->max_slots < MIN_SLOTS && options->max_bytes)
		return zi_fail(ENOSPC, "pool '%s' needs at least %.1f MiB for %d slots, and is allowed %.1f MiB", name,
			(double)(MIN_SLOTS * g->slot_bytes) / MIB, MIN_SLOTS, (double)budget / MIB);
	if (g->max_slots < MIN_SLOTS && MIN_SLOTS * g->slot_bytes <= available)
		return zi_fail(ENOSPC,
			"pool '%s' needs at least %.1f MiB for %d slots; by default one stream has at most half of what is "
			"free in /dev/shm, %.1f MiB: allow it more (--memory SIZE), or make /dev/shm larger",
			name, (double)(MIN_SLOTS * g->slot_bytes) / MIB, MIN_SLOTS, (double)budget / MIB);
	if (g->max_slots < MIN_SLOTS)
		return zi_object_fail(name, MIN_SLOTS * g->slot_bytes, ENOSPC);
	g->reel_bytes = g->pixels_offset + g->max_slots * g->slot_bytes;
	g->timing_offset = round_up(g->mailbox_offset + sizeof(struct zi_mailbox), page);
	g->seat_bytes = g->timing_offset + round_up(sizeof(struct zi_timing), page);
	g->seats_bytes = g->seats_offset + g->max_seats * g->seat_bytes;
	g->board_bytes = round_up(sizeof(struct zi_board), page);
	return 0;
}

static int make_object(struct zoe_writer *writer, enum zi_object which, unsigned byte, uint64_t bytes)
{
	zi_descriptors_pause();
	int fd = zi_object_create();
	if (fd >= 0)
		zi_descriptors_adopt(&writer->descriptors, (int)which, fd);
	zi_descriptors_resume();
	if (fd < 0)
		return zi_object_fail(writer->name, bytes, -fd);
	int error = zi_lock_take(fd, byte);
	if (error)
		return zi_fail(-error, "cannot lock shared memory for pool '%s': %s", writer->name, strerror(-error));
	error = zi_object_grow(fd, 0, bytes);
	return error ? zi_object_fail(writer->name, bytes, -error) : 0;
}

/*
 * Give the groups their rights: members look, too. The reel is the observers' and the seats are the members', where
 * there are both: that an object has a group shows that its owner is in it, which a list does not (zi_access_is_given).
 */
static int share(struct zoe_writer *writer, const struct zoe_writer_options *options)
{
	const char *const names[] = { options->observers_group, options->members_group };
	gid_t groups[ZI_ACCESS_GROUPS];
	int error = 0, n = 0;

	for (int i = 0; i < ZI_ACCESS_GROUPS && !error; i++)
		if (names[i] && !(error = zi_access_find_group(names[i], &groups[n])))
			n++;
	if (!error && options->members_group)
		error = zi_access_give(zi_writer_seats_fd(writer), &groups[n - 1], 1, true);
	if (n == 2 && groups[0] == groups[1])
		n = 1;
	return error || n == 0 ? error : zi_access_give(zi_writer_reel_fd(writer), groups, n, false);
}

static void fill_in(struct zoe_writer *writer, const struct geometry *g, const struct zoe_writer_options *options)
{
	struct zi_reel *reel = writer->reel;
	struct zi_seats *seats = writer->seats;

	reel->layout_version = ZI_LAYOUT_VERSION;
	reel->page_bytes = (uint32_t)g->page_bytes;
	reel->epoch = writer->epoch;
	reel->slot_bytes = g->slot_bytes;
	reel->table_offset = g->table_offset;
	reel->pixels_offset = g->pixels_offset;
	reel->max_slots = g->max_slots;
	reel->record_bytes = sizeof(struct zi_record);
	reel->max_seats = g->max_seats;
	reel->mailbox = options->mailbox;
	reel->cond = options->cond;
	reel->lossless = options->lossless;
	reel->writer_pid = (uint32_t)getpid();
	reel->writer_release = ZI_RELEASE;
	reel->pid_namespace = zi_host_pid_namespace();
	reel->clock_offset_ns = zi_host_clock_offset_ns();
	reel->created_wall_ns = zi_wall_ns();
	zi_host_libc(reel->libc);
	if (options->stream)
		reel->stream = *options->stream;
	atomic_store(&reel->heartbeat_ns, zoe_now_ns());
	reel->magic = ZI_REEL_MAGIC;

	seats->layout_version = ZI_LAYOUT_VERSION;
	seats->n_seats = g->max_seats;
	seats->epoch = writer->epoch;
	seats->doorbell_offset = g->doorbell_offset;
	seats->seats_offset = g->seats_offset;
	seats->seat_bytes = g->seat_bytes;
	seats->mailbox_offset = g->mailbox_offset;
	seats->timing_offset = g->timing_offset;
	seats->boards_offset = g->seats_bytes;
	seats->board_bytes = g->board_bytes;
	seats->magic = ZI_SEATS_MAGIC;
	writer->header = *seats;
}

static int map_objects(struct zoe_writer *writer, const struct geometry *g)
{
	writer->reel_bytes = g->reel_bytes;
	writer->seats_bytes = g->seats_bytes;
	writer->board_bytes = g->board_bytes;
	writer->reel = zi_object_map(zi_writer_reel_fd(writer), 0, g->reel_bytes, true);
	if (!writer->reel)
		return zi_object_fail_map(writer->name, g->reel_bytes, errno);
	writer->seats = zi_object_map(zi_writer_seats_fd(writer), 0, g->seats_bytes, true);
	if (!writer->seats)
		return zi_object_fail_map(writer->name, g->seats_bytes, errno);
	writer->records = (struct zi_record *)((uint8_t *)writer->reel + g->table_offset);
	writer->pixels = (uint8_t *)writer->reel + g->pixels_offset;
	writer->slot_bytes = g->slot_bytes;
	writer->doorbells = (struct zi_doorbell_page *)((uint8_t *)writer->seats + g->doorbell_offset);
	writer->n_seats = g->max_seats;
	return 0;
}

static int new_epoch(uint64_t *epoch)
{
	do {
		if (getrandom(epoch, sizeof(*epoch), 0) != sizeof(*epoch))
			return zi_fail(EAGAIN, "no random number for the epoch: %s", strerror(errno));
	} while (*epoch == 0);
	return 0;
}

static int make_objects(struct zoe_writer *writer, const struct geometry *g, const struct zoe_writer_options *options)
{
	int error = make_object(writer, ZI_REEL, 0, g->pixels_offset);
	if (!error)
		error = make_object(writer, ZI_SEATS, ZI_WRITER_BYTE, g->seats_bytes);
	return error ? error : share(writer, options);
}

int zoe_writer_create_sized(struct zoe_writer **pointer, const char *name, const struct zoe_writer_options *theirs,
	size_t options_bytes)
{
	ZI_UNCANCELLED;
	struct zoe_writer_options options = { 0 };
	struct geometry g = { 0 };

	*pointer = NULL;
	if (zi_check_name(name))
		return -EINVAL;
	int error = zi_options_read(&options, offsetof(struct zoe_writer_options, reserved), theirs, options_bytes,
		"zoe_writer_options");
	if (!error)
		error = measure(&g, name, &options);
	if (error)
		return error;
	struct zoe_writer *writer = calloc(1, sizeof(*writer));
	if (!writer)
		return zi_fail(ENOMEM, "out of memory");
	snprintf(writer->name, sizeof(writer->name), "%s", name);
	writer->reserved_slots = options.reserved_slots;
	writer->predecessor = options.predecessor;
	zi_slots_init(&writer->slots, g.max_slots);
	error = zi_descriptors_watch(&writer->descriptors);
	if (error) {
		free(writer);
		return error;
	}
	pthread_mutex_init(&writer->mutex, NULL);

	error = new_epoch(&writer->epoch);
	if (!error)
		error = make_objects(writer, &g, &options);
	if (!error)
		error = map_objects(writer, &g);
	if (error)
		goto fail;
	fill_in(writer, &g, &options);
	error = zi_housekeeping_init(writer, &options);
	if (!error && !options.no_thread)
		error = zi_housekeeping_start(writer);
	if (error) {
		zi_fail(-error, "cannot set up the seats of pool '%s': %s", name, strerror(-error));
		goto fail;
	}
	*pointer = writer;
	return 0;

fail:
	if (writer->seats)
		zi_mapping_remove(writer->seats, writer->seats_bytes);
	if (writer->reel)
		zi_mapping_remove(writer->reel, writer->reel_bytes);
	zi_descriptors_close(&writer->descriptors);
	pthread_mutex_destroy(&writer->mutex);
	free(writer);
	return error;
}
