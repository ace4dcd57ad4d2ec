/* SPDX-License-Identifier: BSD-2-Clause */
#include "scribble.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pool/mailbox/mailbox.h"
#include "pool/system/clock.h"
#include "pool/system/object.h"
#include "pool/view/view.h"
#include "support/frame.h"

#define PICTURE 4096
#define SIDE 64
#define SLOTS (2 + 2 * (HOLD + DEPTH))

struct settings settings = { .bytes = 10000000 };
struct shared *shared;
char pool_name[ZOE_NAME_BYTES];
uint64_t life_bytes;

static uint64_t random_state;

void begin_to_roll(uint64_t seed)
{
	random_state = seed | 1;
}

/* xorshift64* */
uint64_t roll(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

static void raise_to(atomic_ulong *most, int64_t ns)
{
	if ((unsigned long)ns > atomic_load(most))
		atomic_store(most, (unsigned long)ns);
}

/* -EBADMSG when the pool is destroyed. */
static int publish(struct zoe_writer *writer)
{
	const struct zoe_frame_info info = gray_frame(SIDE, SIDE);
	struct zoe_slot slot;
	int64_t before = zoe_now_ns();

	int error = zoe_writer_begin(writer, &slot);
	if (error) {
		atomic_fetch_add(&shared->no_slot, error != -EBADMSG);
		return error;
	}
	memset(slot.data, (int)(atomic_load(&shared->published) + 1), PICTURE);
	error = zoe_writer_publish(writer, slot.index, &info, 0, ZOE_POLL);
	if (error)
		atomic_fetch_add(&shared->failed, error != -EBADMSG);
	else
		atomic_fetch_add(&shared->published, 1);
	raise_to(&shared->longest_publish_ns, zoe_now_ns() - before);
	return error;
}

/* Go on in a new pool, as zoe-capture does. 0 or -errno. */
static int replace(struct zoe_writer **writer, struct zoe_writer_options options)
{
	struct zoe_writer *successor;

	options.predecessor = *writer;
	int error = zoe_writer_create(&successor, pool_name, &options);
	if (!error)
		error = publish(successor);
	zoe_writer_destroy(writer);
	*writer = successor;
	atomic_fetch_add(&shared->destroyed, 1);
	return error;
}

int write_frames(void)
{
	const struct zoe_writer_options options = {
		.slot_bytes = PICTURE,
		.max_slots = SLOTS,
		.max_seats = 2,
		.mailbox = settings.mailbox,
	};
	struct zoe_writer_stats stats;
	struct zoe_writer *writer;
	int error = 0;

	if (zoe_writer_create(&writer, pool_name, &options))
		return 1;
	while (!error && !atomic_load(&shared->over)) {
		/* Only who writes over all reaches what makes it so. */
		if (publish(writer) == -EBADMSG)
			error = settings.all ? replace(&writer, options) : -EBADMSG;
		if (error)
			break;
		zoe_writer_get_stats(writer, &stats);
		atomic_store(&shared->n_readers, stats.n_readers);
		atomic_store(&shared->n_held, stats.n_held);
		usleep(1000);
	}
	zoe_writer_destroy(&writer);
	return error ? 1 : 0;
}

static void check(const struct zoe_frame *frame)
{
	for (int i = 0; i < PICTURE; i++) {
		if (frame->data[0][i] == (uint8_t)frame->seq)
			continue;
		atomic_fetch_add(&shared->torn, 1);
		return;
	}
}

/* What others posted is whole or not there; what this reader posted is as it was posted. */
static void read_results(struct zoe_results *results)
{
	const struct zoe_result *result;
	char expected[32];

	while (zoe_results_next(results, &result, ZOE_POLL) == 0) {
		bool sane = result->n_marks <= ZOE_MAX_MARKS && strlen(result->json) < ZOE_MAX_JSON_BYTES &&
			strnlen(result->worker, ZOE_LABEL_BYTES) < ZOE_LABEL_BYTES;
		for (uint32_t i = 0; sane && i < result->n_marks; i++)
			sane = result->marks[i].x >= -1 && result->marks[i].x <= 2 &&
				strnlen(result->marks[i].label, ZOE_LABEL_BYTES) < ZOE_LABEL_BYTES;
		/* The healthy reader was there first. */
		if (result->seat == 0) {
			snprintf(expected, sizeof(expected), "%llu", (unsigned long long)result->seq);
			sane = sane && strcmp(result->json, expected) == 0;
			atomic_fetch_add(&shared->results, 1);
		}
		atomic_fetch_add(&shared->bad_results, !sane && !settings.all);
	}
}

static void post(struct zoe_reader *reader, const struct zoe_frame *frame)
{
	char json[32];
	snprintf(json, sizeof(json), "%llu", (unsigned long long)frame->seq);
	if (zoe_reader_post(reader, frame, NULL, 0, json))
		atomic_fetch_add(&shared->errors, !settings.all && !atomic_load(&shared->over));
}

/* Until the test is over, or something other than the next frame comes. */
static void read_on(struct zoe_reader *reader, struct zoe_results *results)
{
	const struct zoe_frame *frame, *before = NULL;
	uint64_t last_seq = 0;
	int64_t last_ns = zoe_now_ns();

	while (!atomic_load(&shared->over)) {
		int error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(100));
		raise_to(&shared->longest_gap_ns, zoe_now_ns() - last_ns);
		if (error == -EAGAIN)
			continue;
		/* The end of the pool is no error when it is the end of the test. */
		if (error && !atomic_load(&shared->over)) {
			atomic_fetch_add(&shared->errors, 1);
			break;
		}
		if (error)
			break;
		last_ns = zoe_now_ns();
		atomic_fetch_add(&shared->disorder, frame->seq <= last_seq);
		last_seq = frame->seq;
		check(frame);
		post(reader, frame);
		if (results)
			read_results(results);
		atomic_fetch_add(&shared->received, 1);
		/* One is held while the next are waited for. */
		if (before)
			check(before);
		zoe_reader_release(reader, before);
		before = frame;
	}
	zoe_reader_release(reader, before);
}

int read_frames(void)
{
	struct zoe_results *results;
	struct zoe_reader *reader;

	do {
		if (zoe_reader_attach(&reader, pool_name, NULL, zoe_deadline_in_ms(settings.all ? 10 : 10000))) {
			atomic_fetch_add(&shared->errors, !atomic_load(&shared->over));
			usleep(1000);
			continue;
		}
		atomic_fetch_add(&shared->attached, 1);
		zoe_results_open(&results, pool_name, ZOE_POLL);
		read_on(reader, results);
		zoe_results_close(&results);
		zoe_reader_detach(&reader);
	} while (!atomic_load(&shared->over));
	return 0;
}

/* Where a scribbler may write. */
struct target {
	uint8_t *at;
	size_t bytes;
};

static struct target targets[8 * 2 + 2];
static unsigned n_targets;
static uint8_t *map = MAP_FAILED; /* the seats, as they were found last */
static size_t map_bytes;

static void add_target(uint8_t *at, size_t bytes)
{
	targets[n_targets++] = (struct target){ at, bytes };
}

/* A seat's fields, its mailbox as far as that does no harm, and the rest of its pages. */
static void add_seat(uint8_t *seat, const struct zi_view *view)
{
	size_t box = view->layout.mailbox_offset;
	size_t first = view->mailbox == ZOE_MAILBOX_MUTEX ? offsetof(struct zi_mailbox_mutex, cond) : 0;
	add_target(seat, sizeof(struct zi_seat));
	add_target(seat + box + first, sizeof(struct zi_mailbox) - first);
	add_target(seat + box + sizeof(struct zi_mailbox), view->layout.seat_bytes - box - sizeof(struct zi_mailbox));
}

/* A seat's board, if it has one: the heads of its results, and all of it. */
static void add_board(const struct zi_view *view, uint32_t seat)
{
	uint32_t number = atomic_load(&view->seats->board[seat]);
	if (!zi_view_board(view, number - 1))
		return;
	uint8_t *board = map + view->layout.boards_offset + (number - 1) * view->layout.board_bytes;
	for (size_t i = 0; i < ZI_BOARD_POSTS; i++)
		add_target(board + i * sizeof(struct zi_post), 2 * sizeof(struct zoe_mark));
	add_target(board, sizeof(struct zi_board));
}

/* Note what of the seats mapped there is to be written over. */
static void note_targets(const struct zi_view *view)
{
	for (uint32_t i = 0; i < view->layout.n_seats; i++)
		if (settings.all || zi_view_seat(view, i)->pid == (uint32_t)getpid())
			add_seat(map + view->layout.seats_offset + i * view->layout.seat_bytes, view);
	for (uint32_t i = 0; i < view->layout.n_seats; i++)
		if (settings.all || zi_view_seat(view, i)->pid == (uint32_t)getpid())
			add_board(view, i);
	add_target(map + view->layout.doorbell_offset, sizeof(struct zi_doorbell_page));
	if (settings.all)
		add_target(map, sizeof(struct zi_seats));
}

int find_targets(void)
{
	struct zi_view view = { 0 };

	if (map != MAP_FAILED)
		munmap(map, map_bytes);
	map = MAP_FAILED;
	n_targets = 0;
	if (!zi_view_open(&view, pool_name, &(struct zi_owner){ 0 }) && !zi_view_open_seats(&view, pool_name, O_RDWR))
		map = mmap(NULL, map_bytes = view.seats_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			view.descriptors.fds[ZI_SEATS], 0);
	if (map != MAP_FAILED)
		note_targets(&view);
	/* What is mapped stays. */
	zi_view_close(&view);
	return n_targets > 1 ? 0 : -1;
}

static const struct target *choose_target(void)
{
	/* Where most is at stake most often: the fields of a seat, and its mailbox. */
	unsigned i = (unsigned)(roll() % n_targets);
	return &targets[roll() % 4 ? i / 4 * 4 + (i & 1) : i];
}

static void scribble(const struct target *target, unsigned n)
{
	volatile uint8_t *at = target->at;
	size_t offset = roll() % target->bytes;
	uint64_t bits = roll();
	/* Often whole words of few values: a byte at a time seldom makes a state, a count, a mask. */
	bool few = bits & 1;
	for (unsigned i = 0; i < n; i++)
		at[(offset + i) % target->bytes] = few ? (uint8_t)(i % 4 ? 0 : bits >> 8 & 7) : (uint8_t)roll();
	atomic_fetch_add(&shared->scribbled, n);
}

/* Write, and read a frame now and then, until so many bytes are written or the seat is lost. */
static void scribble_on(struct zoe_reader *reader, uint64_t bytes)
{
	const struct zoe_frame *frame;
	bool reads = reader && roll() & 1;

	for (uint64_t done = 0; done < bytes;) {
		unsigned n = 1 + (unsigned)(roll() % (roll() % 8 ? 16 : 4096));
		scribble(choose_target(), n);
		done += n;
		int error = reads && roll() % 4 == 0 ? zoe_reader_acquire(reader, &frame, ZOE_POLL) : -EAGAIN;
		if (error == 0)
			zoe_reader_release(reader, frame);
		/* Having overwritten its incarnation it gave up the seat, which may be another's now. */
		if (error == -ESTALE)
			return;
		if (roll() % 16 == 0)
			usleep((unsigned)(roll() % 300));
	}
}

/* A seat, and a board there. */
static int sit_down(struct zoe_reader **reader)
{
	const struct zoe_frame *frame;
	int error = zoe_reader_attach(reader, pool_name, NULL, zoe_deadline_in_ms(10000));
	if (!error)
		error = zoe_reader_acquire(*reader, &frame, zoe_deadline_in_ms(10000));
	if (!error) {
		error = zoe_reader_post(*reader, frame, NULL, 0, NULL);
		zoe_reader_release(*reader, frame);
	}
	return error;
}

int scribble_a_life(void)
{
	struct zoe_reader *reader = NULL;

	/* A seat that is not back by then is lost. Those who write over all need none. */
	if (!settings.all && (sit_down(&reader) || find_targets())) {
		fprintf(stderr, "a new scribbler: %s\n", zoe_error());
		return SEAT_LOST;
	}
	scribble_on(reader, life_bytes);
	if (roll() & 1)
		zoe_reader_detach(&reader);
	raise(SIGKILL);
	return 0;
}
