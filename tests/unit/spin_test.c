/* SPDX-License-Identifier: BSD-2-Clause */
/* Who spins before a frame is due is awake when it comes, and is not rung; who sleeps is. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/reader/state.h"
#include "pool/system/clock.h"

static char name[32];
static struct zoe_writer *writer;
static struct zoe_reader *reader;
static atomic_bool is_waiting;

static void begin(enum zoe_mailbox mailbox, bool spin)
{
	const struct zoe_writer_options options = { .slot_bytes = 4096, .mailbox = mailbox };
	const struct zoe_reader_options asked = { .spin = spin };
	snprintf(name, sizeof(name), "spin-%d", (int)getpid());
	cr_assert(zoe_writer_create(&writer, name, &options) == 0, "%s", zoe_error());
	cr_assert(zoe_writer_announce(writer) == 0, "%s", zoe_error());
	cr_assert(zoe_reader_attach(&reader, name, &asked, ZOE_POLL) == 0, "%s", zoe_error());
	/* As if frames came every 100 s, five early or late, and the next were due now: the window is half over. */
	int64_t now = zoe_now_ns();
	reader->pace = (struct zi_pace){
		.period_ns = 100 * ZI_S,
		.last_ns = now - 100 * ZI_S,
		.due_ns = now,
		.jitter_ns = 5 * ZI_S,
		.overslept_ns = ZI_MS,
		.steady = 1000,
	};
}

static void end(void)
{
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&writer);
}

static void *wait_for_a_frame(void *unused)
{
	const struct zoe_frame *frame;
	atomic_store(&is_waiting, true);
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(60000)) == 0, "%s", zoe_error());
	zoe_reader_release(reader, frame);
	return unused;
}

static pthread_t start_to_wait(void)
{
	pthread_t thread;
	atomic_store(&is_waiting, false);
	cr_assert(pthread_create(&thread, NULL, wait_for_a_frame, NULL) == 0);
	while (!atomic_load(&is_waiting))
		usleep(1000);
	return thread;
}

static void publish(void)
{
	const struct zoe_frame_info info = {
		.width_px = 64,
		.height_px = 64,
		.format = "gray",
		.n_planes = 1,
		.planes = { { .stride_bytes = 64, .row_bytes = 64, .rows = 64 } },
	};
	struct zoe_slot slot;
	cr_assert(zoe_writer_begin(writer, &slot) == 0, "%s", zoe_error());
	cr_assert(zoe_writer_publish(writer, slot.index, &info, 0, ZOE_POLL) == 0, "%s", zoe_error());
}

/* The reader's word to sleep on, and whether it says that it sleeps. */
static uint32_t rings(void)
{
	const struct zi_mailbox *box = reader->attachment->box.shared;
	return reader->attachment->view.mailbox == ZOE_MAILBOX_ATOMIC ? box->atomic.word : box->mutex.cond.word;
}

static bool sleeps(void)
{
	const struct zi_mailbox *box = reader->attachment->box.shared;
	return reader->attachment->view.mailbox == ZOE_MAILBOX_ATOMIC ? box->atomic.sleepers : box->mutex.cond.sleepers;
}

static int mailboxes[] = { ZOE_MAILBOX_MUTEX, ZOE_MAILBOX_ATOMIC };

TestSuite(spin, .fini = end, .timeout = 120);

ParameterizedTestParameters(spin, spinner_is_not_rung)
{
	return cr_make_param_array(int, mailboxes, 2);
}

ParameterizedTest(int *mailbox, spin, spinner_is_not_rung)
{
	begin((enum zoe_mailbox) * mailbox, true);
	pthread_t thread = start_to_wait();
	/* Longer than it sleeps at a time, if it does. */
	for (int i = 0; i < 200; i++) {
		cr_assert(!sleeps());
		usleep(1000);
	}
	uint32_t before = rings();
	publish();
	pthread_join(thread, NULL);
	cr_assert(rings() == before);
}

ParameterizedTestParameters(spin, sleeper_is_rung)
{
	return cr_make_param_array(int, mailboxes, 2);
}

ParameterizedTest(int *mailbox, spin, sleeper_is_rung)
{
	begin((enum zoe_mailbox) * mailbox, false);
	uint32_t before = rings();
	/* It looks up now and then: who comes just then finds it awake. */
	for (int i = 0; i < 50 && rings() == before; i++) {
		pthread_t thread = start_to_wait();
		while (!sleeps())
			usleep(1000);
		publish();
		pthread_join(thread, NULL);
	}
	cr_assert(rings() != before);
}
