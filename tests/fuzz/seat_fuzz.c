/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writer reads a seat in which anything may stand. A writer, a healthy reader, and a
 * victim over whose seat the fuzzer writes; publishing, housekeeping, claims, deaths and
 * returns in the order that the input says.
 *
 * Nobody else is hurt: the writer always finds a slot and never sleeps, the healthy reader
 * gets each frame whole and the newest at once, and when the victim is dead its seat and
 * its slots come back, for a newcomer to have. Or the writer is destroyed over it.
 *
 * With the atomic mailbox, and with the mutex mailbox on a futex word, every byte of the seat
 * is the fuzzer's; only not while the writer has the mutex, and a victim whose mutex was
 * written over does not use it again. A pthread_cond_t is left alone: signalling one that was
 * written over may hang.
 *
 * The pool stays from input to input: each puts back what it took, or fails.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "fuzz_time.h"
#include "pool/reader/attachment.h"
#include "pool/system/clock.h"
#include "pool/writer/housekeeping.h"
#include "pool/writer/state.h"
#include "support/frame.h"

#define SEATS 2
#define HOLD 1
#define DEPTH 1
#define SLOTS (2 + SEATS * (HOLD + DEPTH))
#define PAGE 4096
#define CENSUS_NS 60000000

/* An input's first byte. */
enum { ATOMIC = 1, COND_PTHREAD = 2, DESTROY = 4, NEWCOMER = 8, LOSSLESS = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One for each kind of mailbox, and of those that may wait. */
struct pool {
	char name[ZOE_NAME_BYTES];
	struct zoe_writer *writer;
	struct zoe_reader *healthy;
	uint64_t published, seen;
};

static struct pool pools[8], *pool;
static struct zi_attachment *victim;
static bool spoilt; /* the victim's mutex was written over */

struct input {
	const uint8_t *at, *end;
};

static uint8_t next(struct input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "not so: %s (%s)\n", what, zoe_error());
	abort();
}

static void keep_house(void)
{
	zi_housekeeping_run(pool->writer);
}

static void publish(struct input *unused)
{
	const struct zoe_frame_info info = gray_frame(64, 64);
	struct zoe_slot slot;

	(void)unused;
	must(zoe_writer_begin(pool->writer, &slot) == 0, "the writer finds a slot");
	memset(slot.data, (int)++pool->published, PAGE);
	int error = zoe_writer_publish(pool->writer, slot.index, &info, 0, ZOE_POLL);
	/* Only who was seated as lossless may make it wait. */
	if (error == -ETIMEDOUT && pool->writer->seat_controls[1].seated &&
		pool->writer->seat_controls[1].policy.lossless) {
		zoe_writer_let_go(pool->writer, slot.index);
		pool->published--;
		return;
	}
	must(error == 0, "it publishes");
}

static void must_be_whole(const struct zoe_frame *frame)
{
	uint8_t expected[PAGE];
	memset(expected, (int)frame->seq, PAGE);
	must(memcmp(frame->data[0], expected, PAGE) == 0, "the frame is whole");
}

/* The newest frame, once, and whole. */
static void look(struct zoe_reader *reader, uint64_t *last)
{
	const struct zoe_frame *frame;
	int error = zoe_reader_acquire(reader, &frame, ZOE_POLL);
	if (*last == pool->published) {
		must(error == -EAGAIN, "a frame comes once");
		return;
	}
	must(error == 0 && frame->seq == pool->published, "a healthy reader has the newest frame");
	*last = frame->seq;
	must_be_whole(frame);
	zoe_reader_release(reader, frame);
}

static void look_healthy(struct input *unused)
{
	(void)unused;
	look(pool->healthy, &pool->seen);
}

static void claim(void)
{
	const struct zi_request request = { .hold = HOLD, .depth = DEPTH, .label = "victim" };
	struct zi_follow follow = { 0 };
	snprintf(follow.name, sizeof(follow.name), "%s", pool->name);
	if (!victim && zi_attachment_claim(&victim, &follow, &request))
		victim = NULL;
}

/* What the kernel leaves of a killed process: the seat as it is, the lock free. */
static void kill_victim(void)
{
	if (!victim)
		return;
	munmap(victim->seat, victim->seat_bytes);
	victim->seat = NULL;
	zi_attachment_close(victim);
	victim = NULL;
	spoilt = false;
}

/* Bytes written over a pthread_cond_t may hang whoever signals it: there the fuzzer leaves all but the queue alone. */
static bool harms(const struct zi_view *view)
{
	return view->mailbox == ZOE_MAILBOX_MUTEX && view->cond == ZOE_COND_PTHREAD;
}

/* The victim's seat, or its mailbox as far as that goes. */
static uint8_t *choose(bool box, size_t *bytes)
{
	struct zi_mailbox *shared = victim->box.shared;
	if (!box) {
		*bytes = sizeof(struct zi_seat);
		return (uint8_t *)victim->seat;
	}
	if (harms(&victim->view)) {
		*bytes = sizeof(shared->mutex.queue);
		return (uint8_t *)&shared->mutex.queue;
	}
	spoilt |= victim->view.mailbox == ZOE_MAILBOX_MUTEX;
	*bytes = sizeof(*shared);
	return (uint8_t *)shared;
}

static void write_over(struct input *input)
{
	unsigned where = next(input) | (unsigned)next(input) << 8, n = next(input) % 64;
	size_t bytes;
	if (!victim)
		return;
	uint8_t *to = choose(where & 0x8000, &bytes);
	size_t offset = (where & 0x7fff) % bytes;
	for (; n > 0 && offset < bytes; n--, offset++)
		to[offset] = next(input);
}

/* One field, to a small number of either sign. */
static void write_word(struct input *input)
{
	uint8_t where = next(input);
	uint32_t value = (uint32_t)(int8_t)next(input);
	size_t bytes;
	if (!victim)
		return;
	uint8_t *to = choose(where & 0x80, &bytes);
	memcpy(to + (where & 0x7f) * sizeof(value) % bytes, &value, sizeof(value));
}

static void let_time_pass(struct input *unused)
{
	(void)unused;
	fuzz_pass(CENSUS_NS);
	keep_house();
}

static void write_bell(struct input *input)
{
	pool->writer->doorbells->doorbell = next(input);
	keep_house();
}

static void come_or_go(struct input *input)
{
	uint8_t what = next(input);
	if (what & 1)
		kill_victim();
	else
		claim();
	if (what & 2)
		keep_house();
}

/* The victim goes on with what it has become. That may fail, and must end. */
static void act_as_victim(struct input *input)
{
	uint8_t what = next(input);
	int64_t deadline_ns = what & 2 ? ZOE_POLL : zoe_now_ns() + ZI_MS;
	uint64_t item;
	if (!victim || spoilt)
		return;
	if (what % 2 == 0 && zi_mailbox_take(&victim->box, &item, deadline_ns) == 0 && what & 4)
		zi_grants_return(victim->box.grants, zi_item_slot(item));
	if (what % 2)
		zi_grants_return(victim->box.grants, what >> 1);
	zi_attachment_ring(victim);
	fuzz_sleeps();
}

static void step(struct input *input)
{
	static void (*const steps[8])(struct input *) = { write_over, write_word, publish, let_time_pass, look_healthy,
		write_bell, come_or_go, act_as_victim };
	fuzz_sleeps();
	steps[next(input) % 8](input);
	must(fuzz_sleeps() == 0, "nobody waits for the victim");
}

static void begin(uint8_t kind)
{
	const struct zoe_writer_options options = {
		.slot_bytes = PAGE,
		.max_slots = SLOTS,
		.max_seats = SEATS,
		.no_thread = true,
		.mailbox = kind & ATOMIC ? ZOE_MAILBOX_ATOMIC : ZOE_MAILBOX_MUTEX,
		.cond = kind & COND_PTHREAD ? ZOE_COND_PTHREAD : ZOE_COND_FUTEX,
		.lossless = kind & LOSSLESS,
	};
	const struct zoe_reader_options request = { .hold = HOLD, .depth = DEPTH };
	const char *suffix = getenv("ZOE_FUZZ_NAME");

	unsigned which = kind % 4U + (kind & LOSSLESS) / 4U;
	pool = &pools[which];
	fuzz_meanwhile = keep_house;
	if (!pool->writer) {
		memset(pool, 0, sizeof(*pool));
		snprintf(pool->name, sizeof(pool->name), "fuzz%s-%d-%u", suffix ? suffix : "", (int)getpid(), which);
		must(zoe_writer_create(&pool->writer, pool->name, &options) == 0, "create");
		publish(NULL);
		must(zoe_reader_attach(&pool->healthy, pool->name, &request, ZOE_POLL) == 0, "attach");
	}
	claim();
	keep_house();
}

/* Who comes at once, before any census, has the victim's seat and the newest frame. */
static void welcome_newcomer(void)
{
	const struct zoe_reader_options request = { .hold = HOLD, .depth = DEPTH };
	struct zoe_reader *newcomer;
	uint64_t last = 0;

	must(zoe_reader_attach(&newcomer, pool->name, &request, ZOE_POLL) == 0, "its seat can be had");
	publish(NULL);
	look(newcomer, &last);
	zoe_reader_detach(&newcomer);
}

/* The victim dies. */
static void end_victim(bool newcomer)
{
	struct zoe_writer_stats stats;

	kill_victim();
	if (newcomer)
		welcome_newcomer();
	let_time_pass(NULL);
	publish(NULL);
	look_healthy(NULL);
	let_time_pass(NULL);
	zoe_writer_get_stats(pool->writer, &stats);
	must(stats.n_readers == 1 && stats.n_held == 0, "a dead one's seat and slots are back");
}

/* The pool ends over the victim, whatever stands in its seat. */
static void end_pool(void)
{
	const struct zoe_frame *frame;

	fuzz_meanwhile = NULL;
	zoe_writer_destroy(&pool->writer);
	if (pool->seen != pool->published) {
		must(zoe_reader_acquire(pool->healthy, &frame, ZOE_POLL) == 0, "the last frame comes");
		must_be_whole(frame);
		zoe_reader_release(pool->healthy, frame);
	}
	must(zoe_reader_acquire(pool->healthy, &frame, ZOE_POLL) == -ENODATA, "then the end");
	zoe_reader_detach(&pool->healthy);
	kill_victim();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, data + size };
	uint8_t kind = next(&input);

	begin(kind);
	int lowest = dup(2);
	close(lowest);
	while (input.at < input.end)
		step(&input);
	if (kind & DESTROY)
		end_pool();
	else
		end_victim(kind & NEWCOMER);
	int left = dup(2);
	close(left);
	must(left <= lowest, "no descriptor is left open");
	return 0;
}
