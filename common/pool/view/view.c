/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/view/view.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/layout/planes.h"
#include "pool/mailbox/mailbox.h"
#include "pool/state/grants.h"
#include "pool/system/access.h"
#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/host.h"
#include "pool/system/lock.h"
#include "pool/system/mapping.h"
#include "pool/system/object.h"

/* Housekeeping runs 20 times a second; silent for this long it does not run at all. */
#define STALLED_NS (500 * ZI_MS)
/* What is said of the source is read again when it was written meanwhile, so often. */
#define TRIES 20

/* True when the sizes in this header make sense for an object of this length. */
static bool reel_is_sane(const struct zi_reel *reel, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t table_end = reel->table_offset + reel->max_slots * sizeof(struct zi_record);

	return reel->page_bytes == page && reel->record_bytes == sizeof(struct zi_record) && reel->max_slots >= 1 &&
		reel->max_slots <= ZOE_MAX_SLOTS && reel->mailbox <= ZOE_MAILBOX_ATOMIC &&
		reel->cond <= ZOE_COND_PTHREAD && reel->max_seats >= 1 && reel->max_seats <= ZOE_MAX_SEATS &&
		reel->slot_bytes >= page && reel->slot_bytes % page == 0 && reel->slot_bytes <= UINT64_C(1) << 40 &&
		reel->table_offset >= sizeof(*reel) && reel->table_offset <= page &&
		reel->table_offset % _Alignof(struct zi_record) == 0 && reel->pixels_offset >= table_end &&
		reel->pixels_offset <= UINT64_C(1) << 20 && reel->pixels_offset % page == 0 &&
		reel->n_slots <= reel->max_slots && reel->pixels_offset + reel->n_slots * reel->slot_bytes <= bytes;
}

static bool seats_are_sane(const struct zi_seats *seats, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return seats->n_seats >= 1 && seats->n_seats <= ZOE_MAX_SEATS && seats->doorbell_offset >= sizeof(*seats) &&
		seats->doorbell_offset <= UINT64_C(1) << 20 && seats->seats_offset >= seats->doorbell_offset + page &&
		seats->seats_offset <= UINT64_C(1) << 20 && seats->seat_bytes <= UINT64_C(1) << 30 &&
		seats->mailbox_offset <= seats->seat_bytes && seats->mailbox_offset >= sizeof(struct zi_seat) &&
		seats->timing_offset >= seats->mailbox_offset + sizeof(struct zi_mailbox) &&
		seats->timing_offset <= seats->seat_bytes &&
		seats->seat_bytes - seats->timing_offset >= sizeof(struct zi_timing) &&
		seats->seats_offset + seats->n_seats * seats->seat_bytes == seats->boards_offset &&
		seats->boards_offset <= bytes && seats->board_bytes >= sizeof(struct zi_board) &&
		seats->board_bytes <= UINT64_C(1) << 30 && seats->mailbox_offset % _Alignof(struct zi_seat) == 0 &&
		((seats->doorbell_offset | seats->seats_offset | seats->seat_bytes | seats->timing_offset |
			 seats->board_bytes) %
			page) == 0;
}

/* Of a header in another layout only what stands in the same place in all of them is believed. */
static int fail_layout(const struct zi_reel *reel, const char *name)
{
	uint32_t release = reel->writer_release;
	char writer[48] = "a libzoetrope before 0.2.0";

	if (release)
		snprintf(writer, sizeof(writer), "libzoetrope %u.%u.%u", release >> 16, release >> 8 & 255,
			release & 255);
	return zi_fail(EPROTONOSUPPORT,
		"pool '%s' was made by %s (layout version %u), this is libzoetrope %s (layout version %d): "
		"use the same release on both sides",
		name, writer, reel->layout_version, zoe_version(), ZI_LAYOUT_VERSION);
}

static int check_reel(const struct zi_reel *reel, uint64_t bytes, const char *name)
{
	if (reel->magic != ZI_REEL_MAGIC)
		return zi_fail(EBADMSG, "/dev/shm/zoe.%s is no pool", name);
	if (reel->layout_version != ZI_LAYOUT_VERSION)
		return fail_layout(reel, name);
	if (!reel_is_sane(reel, bytes))
		return zi_fail(EBADMSG, "pool '%s' is damaged: restart its capture", name);
	return 0;
}

static int check_object(int fd, const char *name, const char *suffix, size_t least, struct stat *status)
{
	if (fstat(fd, status))
		return zi_fail(errno, "cannot look at pool '%s': %s", name, strerror(errno));
	if (!S_ISREG(status->st_mode) || status->st_size < (off_t)least)
		return zi_fail(EBADMSG, "/dev/shm/zoe.%s%s is no pool, or cut short", name, suffix);
	return 0;
}

static int fail_access(const char *name, enum zi_object which, int flags)
{
	char owner[ZI_USER_BYTES];
	uid_t user;

	if (zi_object_owner(name, which, &user))
		return zi_fail(EACCES, "pool '%s' may not be opened by this user", name);
	zi_owner_name(owner, user);
	return zi_fail(EACCES,
		"pool '%s' is user %s's and may not be %s by this user: its writer can admit a group (%s)", name, owner,
		flags == O_RDWR ? "joined" : "read", which == ZI_SEATS ? "--members" : "--observers");
}

static int open_object(struct zi_view *view, const char *name, enum zi_object which, int flags)
{
	zi_descriptors_pause();
	int fd = zi_object_open(name, which, flags);
	if (fd >= 0)
		zi_descriptors_adopt(&view->descriptors, (int)which, fd);
	zi_descriptors_resume();
	if (fd >= 0)
		return 0;
	if (fd == -ENOENT)
		return zi_fail(ENOENT, "there is no pool '%s'", name);
	if (fd == -EACCES)
		return fail_access(name, which, flags);
	if (fd == -ELOOP || fd == -EISDIR || fd == -ENXIO)
		return zi_fail(EBADMSG, "/dev/shm/zoe.%s is no pool", name);
	return zi_fail(-fd, "cannot open pool '%s': %s", name, strerror(-fd));
}

/* Read the header and check it. */
/* As unsigned: what stands in the reel may be any number. */
static int64_t clock_difference(const struct zi_reel *reel)
{
	return (int64_t)((uint64_t)zi_host_clock_offset_ns() - (uint64_t)reel->clock_offset_ns);
}

/* It has not run for a while. `clock_ns` as in a view. */
static bool is_silent(const struct zi_reel *reel, int64_t clock_ns)
{
	uint64_t heartbeat = (uint64_t)atomic_load(&reel->heartbeat_ns) + (uint64_t)clock_ns;
	return (int64_t)((uint64_t)zoe_now_ns() - heartbeat) > STALLED_NS;
}

static bool is_orphaned(const struct zi_reel *reel, int64_t clock_ns)
{
	return is_silent(reel, clock_ns) && zi_host_process_gone(reel->writer_pid, reel->pid_namespace);
}

bool zi_view_orphaned(const struct zi_reel *reel)
{
	return is_orphaned(reel, clock_difference(reel));
}

static int read_header(struct zi_view *view, const char *name, struct zi_reel *header)
{
	int fd = view->descriptors.fds[ZI_REEL];
	struct stat status;

	/* The header before the size: a pool that grows meanwhile is larger than its header says, never smaller. */
	if (pread(fd, header, sizeof(*header), 0) != (ssize_t)sizeof(*header))
		return zi_fail(EBADMSG, "/dev/shm/zoe.%s is no pool, or cut short", name);
	int error = check_object(fd, name, "", sizeof(*header), &status);
	if (!error)
		error = check_reel(header, (uint64_t)status.st_size, name);
	if (error)
		return error;
	view->page_bytes = header->page_bytes;
	view->slot_bytes = header->slot_bytes;
	view->n_slots = header->max_slots;
	view->mailbox = header->mailbox;
	view->cond = (enum zoe_cond)header->cond;
	view->clock_ns = clock_difference(header);
	return 0;
}

static int map_reel(struct zi_view *view, const char *name)
{
	struct zi_reel header;
	int error = read_header(view, name, &header);

	if (error)
		return error;
	view->reel_bytes = header.pixels_offset + header.max_slots * header.slot_bytes;
	view->reel = zi_object_map(view->descriptors.fds[ZI_REEL], 0, view->reel_bytes, false);
	if (!view->reel)
		return zi_object_fail_map(name, view->reel_bytes, errno);
	/* From the header that was checked: what stands in the mapping may be another by now. */
	view->records = (const struct zi_record *)((const uint8_t *)view->reel + header.table_offset);
	view->pixels = (const uint8_t *)view->reel + header.pixels_offset;
	return 0;
}

/* Who shares a group with this user and gave that the reel, or the seats, which are then of the same owner. */
static bool is_given(const char *name, const struct stat *reel)
{
	char path[ZI_PATH_BYTES];
	struct stat seats;

	if (zi_access_is_given(reel))
		return true;
	zi_object_path(path, name, ZI_SEATS);
	return lstat(path, &seats) == 0 && seats.st_uid == reel->st_uid && S_ISREG(seats.st_mode) &&
		zi_access_is_given(&seats);
}

/* Before a byte of it is believed, or mapped, which its owner may cut short at any time. */
static int check_owner(struct zi_view *view, const char *name, const struct zi_owner *trusted)
{
	struct stat status;
	if (fstat(view->descriptors.fds[ZI_REEL], &status))
		return zi_fail(errno, "cannot look at pool '%s': %s", name, strerror(errno));
	view->owner = status.st_uid;
	if (zi_owner_is_trusted(trusted, view->owner) || (!trusted->has_user && is_given(name, &status)))
		return 0;
	return zi_owner_fail(name, view->owner);
}

static int open_reel(struct zi_view *view, const char *name, const struct zi_owner *trusted)
{
	int error = zi_descriptors_watch(&view->descriptors);
	if (!error)
		error = open_object(view, name, ZI_REEL, O_RDONLY);
	return error ? error : check_owner(view, name, trusted);
}

int zi_view_open(struct zi_view *view, const char *name, const struct zi_owner *trusted)
{
	int error = open_reel(view, name, trusted);
	return error ? error : map_reel(view, name);
}

/* Some of the table, from the file. False: it is shorter. */
static bool read_records(const struct zi_view *view, struct zi_record *records, const struct zi_reel *header)
{
	size_t bytes = header->n_slots * sizeof(*records);
	ssize_t n = pread(view->descriptors.fds[ZI_REEL], records, bytes, (off_t)header->table_offset);

	/* Each look comes after the one before. */
	atomic_thread_fence(memory_order_seq_cst);
	return n == (ssize_t)bytes;
}

int zi_view_read(struct zi_view *view, const char *name, struct zi_view_copy *copy)
{
	const struct zi_owner anybody = { .any = true };
	uint64_t before[ZOE_MAX_SLOTS];

	int error = open_reel(view, name, &anybody);
	if (!error)
		error = read_header(view, name, &copy->reel);
	if (error)
		return error;
	view->reel = &copy->reel;
	view->records = copy->records;
	memset(copy->records, 0, sizeof(copy->records));
	/* A record is whole if its number was the same before it was read and after. */
	bool whole = read_records(view, copy->again, &copy->reel);
	for (uint32_t i = 0; i < copy->reel.n_slots; i++)
		before[i] = copy->again[i].seq;
	if (!whole || !read_records(view, copy->records, &copy->reel) || !read_records(view, copy->again, &copy->reel))
		return zi_fail(EBADMSG, "/dev/shm/zoe.%s is no pool, or cut short", name);
	for (uint32_t i = 0; i < copy->reel.n_slots; i++)
		copy->records[i].seq = before[i] == copy->again[i].seq ? before[i] : 0;
	return 0;
}

/* Reel and seats are one writer's: what is somebody else's was put there by another. */
static int check_seats_owner(const struct zi_view *view, const char *name, uid_t user)
{
	char reel_owner[ZI_USER_BYTES], seats_owner[ZI_USER_BYTES];

	if (user == view->owner)
		return 0;
	zi_owner_name(reel_owner, view->owner);
	zi_owner_name(seats_owner, user);
	return zi_fail(EPERM,
		"pool '%s' is user %s's and its seats are user %s's: remove both, and start its capture again", name,
		reel_owner, seats_owner);
}

int zi_view_open_seats(struct zi_view *view, const char *name, int flags)
{
	struct stat status;
	int error = open_object(view, name, ZI_SEATS, flags);
	if (error)
		return error;
	int fd = view->descriptors.fds[ZI_SEATS];
	error = check_object(fd, name, ".seats", 0, &status);
	if (!error)
		error = check_seats_owner(view, name, status.st_uid);
	if (error)
		return error;
	/* A copy is checked, and used from here on: what stands in the mapping may be another at any time. */
	if (pread(fd, &view->layout, sizeof(view->layout), 0) != (ssize_t)sizeof(view->layout) ||
		view->layout.magic != ZI_SEATS_MAGIC || view->layout.layout_version != ZI_LAYOUT_VERSION ||
		!seats_are_sane(&view->layout, (uint64_t)status.st_size))
		return zi_fail(EUCLEAN, "/dev/shm/zoe.%s.seats is damaged or cut short: restart its capture", name);
	if (view->layout.epoch != view->reel->epoch)
		return zi_fail(ESTALE, "pool '%s' is just being replaced", name);
	view->seats_bytes = view->layout.boards_offset + view->layout.n_seats * view->layout.board_bytes;
	view->seats = zi_object_map(fd, 0, view->seats_bytes, false);
	if (!view->seats)
		return zi_object_fail_map(name, view->seats_bytes, errno);
	return 0;
}

bool zi_view_is_damaged(const struct zi_view *view)
{
	return zi_mapping_is_cut(view->reel) ||
		(view->seats && (zi_mapping_is_cut(view->seats) || view->seats->magic != ZI_SEATS_MAGIC));
}

const struct zi_seat *zi_view_seat(const struct zi_view *view, uint32_t i)
{
	assert(i < view->layout.n_seats);
	return (const struct zi_seat *)((const uint8_t *)view->seats + view->layout.seats_offset +
		i * view->layout.seat_bytes);
}

const struct zi_board *zi_view_board(const struct zi_view *view, uint32_t i)
{
	uint64_t at = view->layout.boards_offset + i * view->layout.board_bytes;
	struct stat status;

	/* The number of boards is only believed as far as the object reaches: touching more would be SIGBUS. */
	if (i >= view->layout.n_seats || i >= atomic_load(&view->seats->n_boards) ||
		!zi_descriptors_intact(&view->descriptors, ZI_SEATS) ||
		fstat(view->descriptors.fds[ZI_SEATS], &status) ||
		(uint64_t)status.st_size < at + view->layout.board_bytes)
		return NULL;
	return (const struct zi_board *)((const uint8_t *)view->seats + at);
}

enum zi_view_state zi_view_state(const struct zi_view *view, bool ask)
{
	/* The lock before the state: a writer that ends says so before it drops its lock. */
	bool alive = !ask || !zi_descriptors_intact(&view->descriptors, ZI_REEL) ||
		(zi_lock_held(view->descriptors.fds[ZI_REEL], 0) && !is_orphaned(view->reel, view->clock_ns));
	uint32_t state = atomic_load(&view->reel->state);
	if (state == ZI_POOL_RETIRED || zi_view_is_damaged(view))
		return ZI_VIEW_RETIRED;
	if (state != ZI_POOL_LIVE)
		return ZI_VIEW_ENDED;
	return alive ? ZI_VIEW_LIVE : ZI_VIEW_WRITER_GONE;
}

enum zoe_state zi_view_status(const struct zi_view *view, int64_t *since_ns)
{
	enum zi_view_state state = zi_view_state(view, true);
	int64_t heartbeat = zi_view_time(view, atomic_load(&view->reel->heartbeat_ns));
	int64_t lost = zi_view_time(view, atomic_load(&view->reel->source_lost_ns));

	if (state == ZI_VIEW_ENDED) {
		*since_ns = zi_view_time(view, atomic_load(&view->reel->state_since_ns));
		return ZOE_STATE_ENDED;
	}
	if (state == ZI_VIEW_WRITER_GONE) {
		*since_ns = heartbeat;
		return ZOE_STATE_WRITER_GONE;
	}
	/* A retired writer does its housekeeping for as long as its last readers need: its successor's frames come. */
	if (state == ZI_VIEW_LIVE && heartbeat < zoe_now_ns() - STALLED_NS) {
		*since_ns = heartbeat;
		return ZOE_STATE_STALLED;
	}
	if (state == ZI_VIEW_LIVE && lost) {
		*since_ns = lost;
		return ZOE_STATE_SOURCE_LOST;
	}
	*since_ns = zi_view_time(view, atomic_load(&view->reel->published_ns));
	return ZOE_STATE_LIVE;
}

void zi_view_wait(const struct zi_reel *reel, struct zoe_wait *wait)
{
	int64_t since_ns = atomic_load(&reel->waits_since_ns);

	memset(wait, 0, sizeof(*wait));
	if (!since_ns)
		return;
	struct zoe_wait copy = { .since_ns = since_ns, .pid = reel->waits_for_pid, .seat = reel->waits_for_seat };
	memcpy(copy.label, reel->waits_for, sizeof(copy.label) - 1);
	/* The same before and after: it was not another in between. Pairs with the fence in lossless.c. */
	atomic_thread_fence(memory_order_acquire);
	if (atomic_load(&reel->waits_since_ns) == since_ns)
		*wait = copy;
}

enum zoe_end zi_view_end(const struct zi_view *view)
{
	uint32_t end = view->reel->end;

	return end <= ZOE_END_FAILED ? (enum zoe_end)end : ZOE_END_INPUT;
}

static bool read_at(const struct zi_view *view, void *to, size_t bytes, size_t at)
{
	bool is_read = pread(view->descriptors.fds[ZI_REEL], to, bytes, (off_t)at) == (ssize_t)bytes;
	/* In this order. */
	atomic_thread_fence(memory_order_seq_cst);
	return is_read;
}

bool zi_view_source(const struct zi_view *view, struct zoe_source *source)
{
	const size_t at = offsetof(struct zi_reel, source_number);
	uint64_t before, after;

	for (int i = 0; i < TRIES && zi_descriptors_intact(&view->descriptors, ZI_REEL); i++) {
		if (!read_at(view, &before, sizeof(before), at) || before == 0)
			return false;
		if (!read_at(view, source, sizeof(*source), offsetof(struct zi_reel, source)) ||
			!read_at(view, &after, sizeof(after), at))
			return false;
		source->why[sizeof(source->why) - 1] = '\0';
		if (before == after && before % 2 == 0)
			return true;
	}
	return false;
}

int zi_view_fail_end(const char *name, enum zoe_end end, uint32_t writer_pid)
{
	switch (end) {
	case ZOE_END_STOPPED:
		return zi_fail(ECANCELED, "the writer of pool '%s' (pid %u) was stopped", name, writer_pid);
	case ZOE_END_FAILED:
		return zi_fail(ECONNABORTED, "the writer of pool '%s' (pid %u) failed", name, writer_pid);
	case ZOE_END_INPUT:
		break;
	}
	return zi_fail(ENODATA, "pool '%s' has ended", name);
}

int zi_view_fail_over(const struct zi_view *view, const char *name, enum zi_view_state state)
{
	if (state == ZI_VIEW_WRITER_GONE)
		return zi_fail(EOWNERDEAD, "the writer of pool '%s' (pid %u) died", name, view->reel->writer_pid);
	return state == ZI_VIEW_ENDED ? zi_view_fail_end(name, zi_view_end(view), view->reel->writer_pid) : 0;
}

int zi_view_check_live(const struct zi_view *view, const char *name)
{
	enum zi_view_state state = zi_view_state(view, true);
	if (state == ZI_VIEW_RETIRED)
		return zi_fail(ESTALE, "pool '%s' is just being replaced", name);
	return zi_view_fail_over(view, name, state);
}

void zi_view_translate(const struct zi_view *view, struct zoe_frame_info *info)
{
	info->read_ns = zi_view_time(view, info->read_ns);
	info->decoded_ns = zi_view_time(view, info->decoded_ns);
	info->published_ns = zi_view_time(view, info->published_ns);
}

bool zi_view_describe(const struct zi_view *view, uint64_t item, struct zoe_frame *frame)
{
	uint32_t slot = zi_item_slot(item);

	if (slot >= view->n_slots || slot >= atomic_load(&view->reel->n_slots))
		return false;
	frame->seq = zi_item_seq(item);
	frame->epoch = view->reel->epoch;
	frame->skipped = 0;
	memset(frame->data, 0, sizeof(frame->data));
	frame->info = view->records[slot].info;
	if (!zi_planes_fit(&frame->info, view->slot_bytes))
		return false;
	if (view->clock_ns)
		zi_view_translate(view, &frame->info);
	frame->info.format[ZOE_FORMAT_BYTES - 1] = '\0';
	for (uint32_t i = 0; i < frame->info.n_planes; i++)
		frame->data[i] = view->pixels + slot * view->slot_bytes + frame->info.planes[i].offset_bytes;
	return true;
}

void zi_view_close(struct zi_view *view)
{
	if (view->descriptors.is_copy)
		return;
	if (view->seats)
		zi_mapping_remove(view->seats, view->seats_bytes);
	if (view->reel && view->reel_bytes)
		zi_mapping_remove(view->reel, view->reel_bytes);
	zi_descriptors_close(&view->descriptors);
}
