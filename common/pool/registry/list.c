/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at all pools, whoever's they are. Nothing is mapped, so that no object that is cut
 * short can hurt who looks: what there is to see is read.
 */
#include <zoetrope/list.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/registry/directory.h"
#include "pool/state/grants.h"
#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/host.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"
#include "pool/system/thread.h"
#include "pool/view/view.h"

/* Frames, back from the newest, whose times make the rate. */
#define RATE_FRAMES 8

/* When the newest frame is overwritten while it is read, all is read again, so often. */
#define TRIES 20

struct zoe_list {
	struct zoe_pool_info info;
	struct zi_timing timing[ZOE_MAX_SEATS]; /* of info.readers */
	struct zoe_source source;               /* of info.source */
	struct zi_view_copy copy;
	char (*names)[ZOE_NAME_BYTES];
	uint32_t n, n_allocated, next;
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int append(struct zoe_list *list, const char name[ZOE_NAME_BYTES])
{
	if (list->n == list->n_allocated) {
		uint32_t n = list->n_allocated ? 2 * list->n_allocated : 16;
		void *names = reallocarray(list->names, n, sizeof(list->names[0]));
		if (!names)
			return -ENOMEM;
		list->names = names;
		list->n_allocated = n;
	}
	memcpy(list->names[list->n++], name, ZOE_NAME_BYTES);
	return 0;
}

int zoe_list_open(struct zoe_list **pointer)
{
	ZI_UNCANCELLED;
	struct zi_directory directory;

	*pointer = NULL;
	int error = zi_directory_open(&directory);
	if (error)
		return zi_fail(-error, "cannot look into " ZI_SHM_DIRECTORY ": %s", strerror(-error));
	struct zoe_list *list = calloc(1, sizeof(*list));
	error = list ? 0 : -ENOMEM;
	while (!error && zi_directory_next(&directory, NULL))
		error = append(list, directory.entry.name);
	zi_directory_close(&directory);
	if (error) {
		zoe_list_close(&list);
		return zi_fail(ENOMEM, "out of memory");
	}
	if (list->n > 0)
		qsort(list->names, list->n, sizeof(list->names[0]), compare);
	*pointer = list;
	return 0;
}

static uint64_t allocated(int fd)
{
	struct stat status;
	return fstat(fd, &status) ? 0 : (uint64_t)status.st_blocks * 512;
}

/* The rate of the last few frames, from those that are still in their slots. */
static double measure_rate(const struct zi_view *view, uint32_t n_slots, uint64_t newest, int64_t newest_ns)
{
	uint64_t first = newest;
	int64_t first_ns = newest_ns;
	for (uint32_t i = 0; i < n_slots; i++) {
		uint64_t seq = view->records[i].seq;
		if (seq && seq < first && seq + RATE_FRAMES >= newest) {
			first = seq;
			first_ns = view->records[i].info.published_ns;
		}
	}
	return newest_ns > first_ns ? (double)(newest - first) * 1e9 / ((double)newest_ns - (double)first_ns) : 0;
}

static void describe_frames(struct zoe_pool_info *info, const struct zi_view *view)
{
	uint64_t item = atomic_load(&view->reel->latest);

	info->n_slots = atomic_load(&view->reel->n_slots);
	info->published = zi_item_seq(item);
	info->copied = atomic_load(&view->reel->copied);
	info->stream = view->reel->stream;
	if (item && zi_item_slot(item) < info->n_slots) {
		const struct zi_record *newest = &view->records[zi_item_slot(item)];
		if (newest->seq) {
			info->stream = newest->info;
			info->frames_per_s = measure_rate(view, info->n_slots, newest->seq, newest->info.published_ns);
		}
	}
	info->stream.format[ZOE_FORMAT_BYTES - 1] = '\0';
}

static void describe_pool(struct zoe_pool_info *info, const struct zi_view *view)
{
	const struct zi_reel *reel = view->reel;
	uint64_t namespace = zi_host_pid_namespace();

	info->epoch = reel->epoch;
	info->writer_pid = reel->writer_pid;
	info->same_pids = namespace && namespace == reel->pid_namespace;
	info->created_wall_ns = reel->created_wall_ns;
	memcpy(info->libc, reel->libc, sizeof(info->libc) - 1);
	info->max_slots = view->n_slots;
	info->slot_bytes = view->slot_bytes;
	info->mailbox = (enum zoe_mailbox)view->mailbox;
	info->cond = view->cond;
	info->lossless = reel->lossless != 0;
	info->state = zi_view_status(view, &info->since_ns);
	if (info->state == ZOE_STATE_ENDED)
		info->end = zi_view_end(view);
	/* One that is over waits for nobody, whatever it said when it died. */
	if (info->state != ZOE_STATE_ENDED && info->state != ZOE_STATE_WRITER_GONE)
		zi_view_wait(reel, &info->wait);
	describe_frames(info, view);
	info->wait.since_ns = zi_view_time(view, info->wait.since_ns);
	zi_view_translate(view, &info->stream);
}

static void describe_reader(struct zoe_reader_info *info, const struct zi_seat *seat)
{
	memcpy(info->label, seat->label, sizeof(info->label) - 1);
	info->pid = seat->pid;
	info->policy = seat->policy == ZOE_LOSSLESS ? ZOE_LOSSLESS : ZOE_LATEST;
	info->hold = seat->hold;
	info->depth = seat->depth;
	info->n_waiting = zi_grants_waiting(&seat->grants);
	struct zi_mask granted = zi_grants_collect(&seat->grants);
	uint32_t n = zi_mask_count(&granted);
	info->n_held = n > info->n_waiting ? n - info->n_waiting : 0;
	info->incarnation = atomic_load(&seat->incarnation);
	info->received = atomic_load(&seat->received);
	info->displaced = atomic_load(&seat->displaced);
	uint64_t interval_ns = atomic_load(&seat->interval_ns);
	uint32_t every = atomic_load(&seat->every);
	info->every = every ? every : 1;
	info->max_fps = interval_ns ? 1e9 / (double)interval_ns : 0;
	memcpy(info->group, seat->group, sizeof(info->group) - 1);
	info->withheld = atomic_load(&seat->withheld);
}

/* How many results were posted on the board with this number; 0 for none. */
static uint64_t count_posts(const struct zi_seats *header, int fd, uint32_t number)
{
	uint64_t newest = 0, posted;

	if (number == 0 || number > header->n_seats || header->board_bytes > INT32_MAX ||
		header->boards_offset > INT32_MAX)
		return 0;
	uint64_t at = header->boards_offset + (number - 1) * header->board_bytes;
	for (int i = 0; i < ZI_BOARD_POSTS; i++, at += sizeof(struct zi_post))
		if (pread(fd, &posted, sizeof(posted), (off_t)at) == (ssize_t)sizeof(posted) && posted > newest)
			newest = posted;
	return newest;
}

/* What the reader in the seat at this offset measured. A histogram in a seat is one outside, count for count. */
static int read_timing(struct zoe_reader_info *info, struct zi_timing *timing, int fd, uint64_t at)
{
	if (pread(fd, timing, sizeof(*timing), (off_t)at) != (ssize_t)sizeof(*timing))
		return -EBADMSG;
	info->age = (const struct zoe_histogram *)timing->age;
	info->held = (const struct zoe_histogram *)timing->hold;
	return 0;
}

static int read_seats(struct zoe_pool_info *info, struct zi_timing *timing, int fd)
{
	struct zi_seats header;
	struct zi_seat seat;
	struct zi_mask in_hands = { 0 };

	if (pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header) || header.magic != ZI_SEATS_MAGIC ||
		header.n_seats > ZOE_MAX_SEATS || header.seat_bytes > INT32_MAX || header.seats_offset > INT32_MAX ||
		header.timing_offset > INT32_MAX)
		return -EBADMSG;
	if (header.epoch != info->epoch)
		return -ESTALE;
	info->max_seats = header.n_seats;
	for (uint32_t i = 0; i < header.n_seats; i++) {
		off_t at = (off_t)(header.seats_offset + i * header.seat_bytes);
		if (pread(fd, &seat, sizeof(seat), at) != (ssize_t)sizeof(seat))
			return -EBADMSG;
		if (atomic_load(&seat.state) == ZI_SEAT_FREE)
			continue;
		struct zoe_reader_info *reader = &info->readers[info->n_readers];
		if (read_timing(reader, &timing[info->n_readers], fd, (uint64_t)at + header.timing_offset))
			return -EBADMSG;
		info->n_readers++;
		describe_reader(reader, &seat);
		reader->posted = count_posts(&header, fd, atomic_load(&header.board[i]));
		reader->alive = zi_lock_held(fd, i);
		reader->seat = i;
		for (uint32_t j = 0; j < sizeof(in_hands.word) / sizeof(in_hands.word[0]); j++)
			in_hands.word[j] |= atomic_load(&seat.grants.granted[j]) & atomic_load(&seat.grants.taken[j]);
	}
	info->n_held = zi_mask_count(&in_hands);
	return 0;
}

static void describe_readers(struct zoe_pool_info *info, struct zi_timing *timing)
{
	int fd = zi_object_open(info->name, ZI_SEATS, O_RDONLY);
	info->readers_error = fd < 0 ? fd : read_seats(info, timing, fd);
	if (fd < 0)
		return;
	info->shm_bytes += allocated(fd);
	close(fd);
}

/*
 * Nothing has the reel's name, or nothing that may be looked at. True when there are remains, all of
 * them of the dead, and no object that is no pool has the name.
 */
static bool find_remains(struct zoe_pool_info *info)
{
	struct zi_directory directory;
	bool kept = false;

	zi_directory_open(&directory);
	while (zi_directory_next(&directory, info->name)) {
		int fd = zi_directory_open_object(&directory);
		if (fd >= 0) {
			info->shm_bytes += allocated(fd);
			kept |= !zi_entry_stale(fd, directory.entry.which);
			info->stale = true;
			close(fd);
		} else if (directory.entry.which == ZI_REEL && !directory.entry.is_temp) {
			kept = true;
		}
	}
	zi_directory_close(&directory);
	info->stale &= !kept;
	return info->stale;
}

static bool has_newest(const struct zi_view *view)
{
	uint64_t item = atomic_load(&view->reel->latest);
	uint32_t slot = zi_item_slot(item);

	return !item || slot >= view->n_slots || view->records[slot].seq;
}

/* A view of the pool as it is now, with its newest frame unless that is overwritten again and again. */
static int read_pool(struct zi_view *view, const char *name, struct zi_view_copy *copy)
{
	int error = zi_view_read(view, name, copy);

	for (int i = 1; i < TRIES && !error && !has_newest(view); i++) {
		zi_view_close(view);
		error = zi_view_read(view, name, copy);
	}
	return error;
}

/* False: there is nothing of this name any more, or not yet. */
static bool inspect(struct zoe_list *list, const char *name)
{
	struct zoe_pool_info *info = &list->info;
	struct zi_timing *timing = list->timing;
	struct zi_view view = { 0 };
	uid_t owner = (uid_t)-1;

	memset(info, 0, sizeof(*info));
	memcpy(info->name, name, sizeof(info->name));
	info->error = read_pool(&view, name, &list->copy);
	if (zi_object_owner(name, ZI_REEL, &owner) && zi_object_owner(name, ZI_SEATS, &owner))
		zi_object_owner(name, ZI_LOCK, &owner);
	info->owner = owner;
	if (!info->error) {
		info->owner = view.owner;
		info->stale = zi_entry_stale(view.descriptors.fds[ZI_REEL], ZI_REEL);
		info->shm_bytes = allocated(view.descriptors.fds[ZI_REEL]);
		describe_pool(info, &view);
		if (zi_view_source(&view, &list->source))
			info->source = &list->source;
		describe_readers(info, timing);
	}
	zi_view_close(&view);
	if (!info->error)
		return true;
	info->why = zoe_error();
	if (info->error == -ENOENT)
		info->why = "remains of a pool whose writer died";
	return find_remains(info) || info->error != -ENOENT;
}

int zoe_list_next(struct zoe_list *list, const struct zoe_pool_info **info)
{
	ZI_UNCANCELLED;
	*info = NULL;
	while (list->next < list->n) {
		const char *name = list->names[list->next++];
		if (list->next < list->n && strcmp(name, list->names[list->next]) == 0)
			continue;
		if (inspect(list, name)) {
			*info = &list->info;
			return 0;
		}
	}
	return zi_fail(ENODATA, "there is no other pool");
}

void zoe_list_close(struct zoe_list **pointer)
{
	ZI_UNCANCELLED;
	if (*pointer)
		free((*pointer)->names);
	free(*pointer);
	*pointer = NULL;
}
