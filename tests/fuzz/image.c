/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An input is: 8 bytes of orders, then edits of the real pool's bytes, each of them two bytes
 * for where (in steps of four, within the pieces below in turn), one for how many bytes and
 * when, and those bytes. So an input without edits is an exact copy, and a small one is a
 * pool in which a few fields are wrong.
 *
 * A pthread mutex and condition variable in shared memory are known to be able to harm
 * whoever locks them (see Trust in common/DESIGN.md), so where the reel says that the
 * mailbox is of that kind, theirs are in one of the states that a death can leave them in.
 * An atomic mailbox is the fuzzer's to its last byte.
 */
/* The clock here is the machine's. */
#define FUZZ_TIME_ITSELF
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz_time.h"
#include "pool/layout/layout.h"
#include "pool/mailbox/mailbox.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"
#include "support/frame.h"

#define PAGE 4096
#define SLOTS 3
#define SEATS 2
#define REEL_BYTES (100 * 1024 + SLOTS * PAGE + PAGE)
#define SEAT_BYTES (3 * PAGE) /* seat and mailbox, and two of what the reader measured */
#define SEATS_BYTES (2 * PAGE + SEATS * SEAT_BYTES)
#define OBJECT_BYTES (SEATS_BYTES + sizeof(struct zi_board)) /* the larger of the two */
#define ORDERS 8
#define EPOCH UINT64_C(0x5a6f6574726f7065)

/* In an edit's third byte: how many bytes more than one, and whether they come later. */
#define EDIT_LENGTH 0x0f
#define EDIT_LATE 0x80
#define EDIT_BYTES (EDIT_LENGTH + 1)
#define MOST_LATE 16

struct piece {
	enum zi_object which;
	size_t offset, bytes;
};

/* So many bytes to be written somewhere. */
struct edit {
	enum zi_object which;
	size_t offset, n;
	uint8_t bytes[EDIT_BYTES];
};

#define SEAT(i) (2 * PAGE + (i)*SEAT_BYTES)
#define BOX(i) (SEAT(i) + sizeof(struct zi_seat))
#define POST(i) (SEATS_BYTES + (i) * sizeof(struct zi_post))

static const struct piece pieces[] = {
	{ ZI_REEL, 0, sizeof(struct zi_reel) },
	{ ZI_SEATS, 0, sizeof(struct zi_seats) },
	{ ZI_SEATS, SEAT(0), sizeof(struct zi_seat) },
	{ ZI_SEATS, BOX(0), sizeof(struct zi_mailbox) },
	{ ZI_REEL, sizeof(struct zi_reel), SLOTS * sizeof(struct zi_record) },
	{ ZI_SEATS, SEAT(1), sizeof(struct zi_seat) },
	{ ZI_SEATS, BOX(1), sizeof(struct zi_mailbox) },
	{ ZI_SEATS, PAGE, sizeof(struct zi_doorbell_page) },
	{ ZI_SEATS, POST(0), 3 * sizeof(struct zoe_mark) },
	{ ZI_SEATS, POST(1), 3 * sizeof(struct zoe_mark) },
	{ ZI_SEATS, POST(2), 3 * sizeof(struct zoe_mark) },
};
#define N_PIECES (sizeof(pieces) / sizeof(pieces[0]))

char image_name[ZOE_NAME_BYTES];

/* Of the real pool, for each of its mailboxes; and what is laid out now. */
static _Alignas(PAGE) uint8_t model[2][2][OBJECT_BYTES];
static _Alignas(PAGE) uint8_t now[2][OBJECT_BYTES];
static size_t model_bytes[2];
static struct edit late[MOST_LATE];
static unsigned n_late, late_done;
static int fds[2] = { -1, -1 };
static int lowest_fd; /* that is free before the library opens any */

static void give_up(const char *what)
{
	fprintf(stderr, "%s: %s (%s)\n", what, strerror(errno), zoe_error());
	abort();
}

static void read_object(const char *name, enum zi_object which, uint8_t *to, size_t *bytes)
{
	int fd = zi_object_open(name, which, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, to, OBJECT_BYTES);
	if (n <= 0)
		give_up("no real pool to copy");
	*bytes = (size_t)n;
	close(fd);
}

bool image_has_board;

/* The first seat's board, with two results of a former reader. */
static void add_board(struct zi_seats *seats)
{
	struct zi_board *board = (struct zi_board *)((uint8_t *)seats + SEATS_BYTES);
	if (!image_has_board)
		return;
	model_bytes[ZI_SEATS] += sizeof(*board);
	seats->n_boards = 1;
	seats->board[0] = 1;
	for (uint64_t n = 1; n <= 2; n++) {
		struct zi_post *post = &board->post[n % ZI_BOARD_POSTS];
		post->number = n;
		post->seq = n;
		post->posted_ns = (int64_t)n;
		post->n_marks = (uint32_t)n;
		post->json_bytes = 2;
		memcpy(post->worker, "worker", 6);
		memcpy(post->json, "{}", 2);
	}
}

/* A pool in which frames are out, one of them already waiting in the mailbox of the first seat. */
static void copy_real_pool(enum zoe_mailbox mailbox)
{
	struct zoe_writer_options options = {
		.slot_bytes = PAGE,
		.max_slots = SLOTS,
		.max_seats = SEATS,
		.mailbox = mailbox,
		.no_thread = true,
	};
	struct zoe_writer *writer;

	if (zoe_writer_create(&writer, image_name, &options))
		give_up("create");
	for (int i = 0; i < SLOTS; i++)
		if (publish_gray(writer, 64, 64, 0))
			give_up("publish");
	read_object(image_name, ZI_REEL, model[mailbox][ZI_REEL], &model_bytes[ZI_REEL]);
	read_object(image_name, ZI_SEATS, model[mailbox][ZI_SEATS], &model_bytes[ZI_SEATS]);
	zoe_writer_destroy(&writer);

	/* The same bytes on every machine, as far as they are ours. */
	((struct zi_reel *)model[mailbox][ZI_REEL])->epoch = EPOCH;
	((struct zi_seats *)model[mailbox][ZI_SEATS])->epoch = EPOCH;
	add_board((struct zi_seats *)model[mailbox][ZI_SEATS]);
	/* What the writer will have granted when it answers: the newest frame waits. */
	struct zi_seat *seat = (struct zi_seat *)(model[mailbox][ZI_SEATS] + SEAT(0));
	struct zi_mailbox *box = (struct zi_mailbox *)((uint8_t *)seat + sizeof(*seat));
	uint64_t item = ((const struct zi_reel *)model[mailbox][ZI_REEL])->latest;
	seat->grants.granted[0] = UINT64_C(1) << zi_item_slot(item);
	if (mailbox == ZOE_MAILBOX_ATOMIC) {
		box->atomic.cell[0] = item;
	} else {
		box->mutex.queue.item[0] = item;
		box->mutex.queue.count = 1;
	}
}

static void remove_objects(void)
{
	for (int which = 0; which < 2; which++)
		zi_object_unlink(fds[which], image_name, (enum zi_object)which);
}

static void make_objects(void)
{
	const char *suffix = getenv("ZOE_FUZZ_NAME");
	snprintf(image_name, sizeof(image_name), "fuzz%s-%d", suffix ? suffix : "", (int)getpid());
	copy_real_pool(ZOE_MAILBOX_MUTEX);
	copy_real_pool(ZOE_MAILBOX_ATOMIC);
	for (int which = 0; which < 2; which++) {
		char path[ZI_PATH_BYTES];
		zi_object_path(path, image_name, (enum zi_object)which);
		fds[which] = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fds[which] < 0)
			give_up(path);
	}
	atexit(remove_objects);
}

/* The states of a robust mutex: free; held by somebody who lives; left by the dead; beyond repair; free again. */
static const int32_t words[] = { 0, 1, 0x40000001, 0x40000000 };

static void sane_mutex(struct zi_mailbox_mutex *box, uint32_t cond, uint8_t order)
{
	struct zi_mailbox_mutex fresh;
	struct zi_grants unused;
	struct zi_mailbox_view view = {
		.shared = (struct zi_mailbox *)&fresh,
		.grants = &unused,
		.cond = (enum zoe_cond)cond,
	};
	if (zi_mailbox_mutex_body.init(&view))
		give_up("mutex");
	/* The lock's word is the first, in glibc; its owner the third. */
	int32_t *word = (int32_t *)(void *)&fresh.mutex;
	word[0] = words[order % 4];
	word[2] = order % 8 == 7 ? INT32_MAX - 1 : word[0] & 1;
	memcpy(&box->mutex, &fresh.mutex, sizeof(box->mutex));
	memcpy(&box->cond, &fresh.cond, sizeof(box->cond));
	memcpy(&box->pthread, &fresh.pthread, sizeof(box->pthread));
}

/* Wherever a reader would look for a mutex. */
static void place_mutexes(uint8_t order)
{
	const struct zi_seats *seats = (const struct zi_seats *)now[ZI_SEATS];
	const struct zi_reel *reel = (const struct zi_reel *)now[ZI_REEL];
	if (reel->mailbox != ZOE_MAILBOX_MUTEX)
		return;
	for (uint64_t i = 0; i < seats->n_seats && i < ZOE_MAX_SEATS; i++) {
		uint64_t at = seats->seats_offset + i * seats->seat_bytes + seats->mailbox_offset;
		if (at % 64 == 0 && at <= SEATS_BYTES - PAGE)
			sane_mutex((struct zi_mailbox_mutex *)(now[ZI_SEATS] + at), reel->cond, order);
	}
}

static void put_object(enum zi_object which, uint8_t cut)
{
	size_t bytes = model_bytes[which];
	if (cut & 0x80)
		bytes = (size_t)(cut & 0x7f) * 64;
	else if (cut)
		bytes -= bytes > cut * UINT64_C(512) ? cut * UINT64_C(512) : bytes;
	if (ftruncate(fds[which], (off_t)bytes) || pwrite(fds[which], now[which], bytes, 0) != (ssize_t)bytes)
		give_up("write");
}

/* Take the next edit from an input. False: there is none. */
static bool next_edit(const uint8_t **at, const uint8_t *end, struct edit *edit, bool *is_late)
{
	if (end - *at < 4)
		return false;
	size_t where = ((*at)[0] | (size_t)(*at)[1] << 8) * 4, n = ((*at)[2] & EDIT_LENGTH) + 1;
	*is_late = (*at)[2] & EDIT_LATE;
	*at += 3;
	if (n > (size_t)(end - *at))
		n = (size_t)(end - *at);
	size_t i = 0;
	for (; where >= pieces[i].bytes; i = (i + 1) % N_PIECES)
		where -= pieces[i].bytes;
	if (n > pieces[i].bytes - where)
		n = pieces[i].bytes - where;
	*edit = (struct edit){ .which = pieces[i].which, .offset = pieces[i].offset + where, .n = n };
	memcpy(edit->bytes, *at, n);
	*at += n;
	return true;
}

static void apply_edits(const uint8_t *at, const uint8_t *end)
{
	struct edit edit;
	bool is_late;

	n_late = late_done = 0;
	while (next_edit(&at, end, &edit, &is_late)) {
		if (!is_late)
			memcpy(now[edit.which] + edit.offset, edit.bytes, edit.n);
		else if (n_late < MOST_LATE)
			late[n_late++] = edit;
	}
}

int image_lay(const uint8_t *data, size_t size, struct image_orders *orders)
{
	if (fds[0] < 0)
		make_objects();
	if (size < ORDERS)
		return 0;
	*orders = (struct image_orders){
		.reel_cut = data[0],
		.seats_cut = data[1],
		.mutex = data[2],
		.hold = data[3] % (ZOE_MAX_HOLD + 1),
		.depth = data[4] % (ZOE_MAX_DEPTH + 1),
		.policy = data[5] & 1,
		.spin = data[5] & 4,
		.steps = data[6] & 7,
		.writer = data[7],
	};
	enum zoe_mailbox kind = data[5] & 2 ? ZOE_MAILBOX_ATOMIC : ZOE_MAILBOX_MUTEX;
	memcpy(now[ZI_REEL], model[kind][ZI_REEL], model_bytes[ZI_REEL]);
	memcpy(now[ZI_SEATS], model[kind][ZI_SEATS], model_bytes[ZI_SEATS]);
	apply_edits(data + ORDERS, data + size);
	place_mutexes(orders->mutex);
	put_object(ZI_REEL, orders->reel_cut);
	put_object(ZI_SEATS, orders->seats_cut);
	/* Where a mutex is, must not become something else while it is locked. */
	if (((const struct zi_reel *)now[ZI_REEL])->mailbox == ZOE_MAILBOX_MUTEX)
		n_late = 0;
	if (orders->writer && zi_lock_take(fds[ZI_REEL], 0))
		give_up("lock");
	if (!orders->writer)
		zi_lock_drop(fds[ZI_REEL], 0);
	lowest_fd = dup(fds[0]);
	close(lowest_fd);
	return 1;
}

void image_change(void)
{
	if (late_done == n_late)
		return;
	const struct edit *edit = &late[late_done++];
	off_t end = lseek(fds[edit->which], 0, SEEK_END);
	if ((off_t)(edit->offset + edit->n) <= end &&
		pwrite(fds[edit->which], edit->bytes, edit->n, (off_t)edit->offset) != (ssize_t)edit->n)
		give_up("write");
}

/* The writer's answer to a claim, if there is a claim. */
static void answer(off_t at)
{
	uint32_t claim[2]; /* state, verdict */
	if (pread(fds[ZI_SEATS], claim, sizeof(claim), at) != sizeof(claim) || claim[0] != ZI_SEAT_CLAIMED ||
		claim[1] != ZI_VERDICT_PENDING)
		return;
	claim[0] = ZI_SEAT_SEATED;
	claim[1] = ZI_VERDICT_WELCOME;
	if (pwrite(fds[ZI_SEATS], claim, sizeof(claim), at) != sizeof(claim))
		give_up("answer");
}

void image_live(void)
{
	image_change();
	for (off_t i = 0; i < SEATS; i++)
		answer(SEAT(i));
}

void image_look_at(const struct zoe_frame *frame)
{
	unsigned sum = 0;
	if (strlen(frame->info.format) >= ZOE_FORMAT_BYTES)
		give_up("a format without an end");
	for (uint32_t i = 0; i < frame->info.n_planes; i++) {
		const struct zoe_plane *plane = &frame->info.planes[i];
		const uint8_t *last = frame->data[i] + (plane->rows - UINT64_C(1)) * plane->stride_bytes;
		sum += frame->data[i][0];
		sum += last[plane->row_bytes - 1];
	}
	__asm__ volatile("" : : "r"(sum));
}

void image_check_error(int error, const char *where)
{
	static const int named[] = { 0, EINVAL, ENOENT, EBADMSG, EPROTONOSUPPORT, EXDEV, EOPNOTSUPP, ENOSPC, EUSERS,
		ETIMEDOUT, EACCES, EMFILE, ENFILE, ENOMEM, EAGAIN, ENODATA, EOWNERDEAD, EBUSY, ESTALE };
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (error == -named[i])
			return;
	fprintf(stderr, "%s: an error that no header names: %d (%s)\n", where, error, zoe_error());
	abort();
}

static void check_left(void)
{
	static unsigned calls;
	int fd = dup(fds[0]);
	close(fd);
	if (fd != lowest_fd)
		give_up("a descriptor was left open");
	/* Looked at now and then: it takes longer than all the rest. */
	if (++calls % 256)
		return;
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "re");
	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, image_name))
			give_up("a mapping was left");
	if (maps)
		fclose(maps);
}

void image_begin(void)
{
	fuzz_sleeps();
	fuzz_meanwhile = image_live;
	fuzz_at_lock = image_change;
	fuzz_only = image_name;
}

void image_end(unsigned most_sleeps)
{
	fuzz_meanwhile = fuzz_at_lock = NULL;
	if (fuzz_sleeps() > most_sleeps)
		give_up("it slept too often");
	check_left();
}

int image_write_seeds(const char *folder)
{
	/* Without any edit: a living writer and a dead one, a mutex that is free, held, and left by the dead. */
	static const uint8_t seeds[][ORDERS] = {
		{ 0, 0, 0, 2, 1, 0, 3, 1 },
		{ 0, 0, 0, 2, 1, 0, 3, 0 },
		{ 0, 0, 1, 2, 1, 0, 3, 1 },
		{ 0, 0, 2, 3, 4, 0, 3, 1 },
		{ 0, 0, 0, 2, 1, 2, 3, 1 },
		{ 0, 0, 0, 2, 1, 2, 3, 0 },
	};
	char path[4096];
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		snprintf(path, sizeof(path), "%s/seed-%zu", folder, i);
		FILE *file = fopen(path, "we");
		if (!file)
			return -errno;
		fwrite(seeds[i], 1, ORDERS, file);
		if (fclose(file))
			return -errno;
	}
	return 0;
}
