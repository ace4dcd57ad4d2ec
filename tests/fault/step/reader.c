/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenario of a reader that is killed or stopped: attach, take what waits, sleep for a
 * frame, hold two, post a result (sleeping until there is a board) and another, release, take at
 * once, sleep in vain, detach with a frame in hand.
 *
 * Capture has two seats: the victim's and a healthy watcher's. Afterwards a newcomer can
 * only have the victim's.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "pool/layout/layout.h"
#include "pool/system/clock.h"
#include "scenario.h"

#define TIMEOUT_MS 15
#define LONG_MS 2000
#define ATTACH_MS 10000 /* on a busy machine it is stopped for longer than LONG_MS, which would be its own fault */

enum { ATTACH, FIRST, WAIT, FULL, POST, POST_AGAIN, RELEASE, READY, TIMEOUT, STATUS, DETACH, END };

struct reading {
	struct step_stage *stage;
	struct zoe_reader *reader;
	const struct zoe_frame *held[2];
};

/* Undisturbed, all goes as written; else a call may have come too late or too early for that. */
static void expect(struct reading *reading, int error, int wanted)
{
	bool fine = reading->stage->strict ? error == wanted : error == 0 || error == -EAGAIN || error == -EBUSY;
	if (!fine)
		step_fault(reading->stage, "the victim got %s (%s), not %s", strerrorname_np(-error), zoe_error(),
			wanted ? strerrorname_np(-wanted) : "a frame");
}

static void take(struct reading *reading, int64_t deadline_ns, int wanted)
{
	const struct zoe_frame *frame;
	int error = zoe_reader_acquire(reading->reader, &frame, deadline_ns);
	expect(reading, error, wanted);
	if (frame)
		reading->held[reading->held[0] != NULL] = frame;
}

static void post(struct reading *reading)
{
	const struct zoe_frame *frame = reading->held[0];
	struct zoe_mark mark = { .kind = ZOE_MARK_BOX };
	char json[24];

	if (!frame)
		return;
	mark.id = (int64_t)frame->seq;
	step_number(json, frame->seq);
	int error = zoe_reader_post(reading->reader, frame, &mark, 1, json);
	if (error && (reading->stage->strict || (error != -ESTALE && error != -ETIMEDOUT)))
		step_fault(reading->stage, "the victim could not post: %s (%s)", strerrorname_np(-error), zoe_error());
}

static void give(struct reading *reading)
{
	if (reading->held[0] && !step_whole(reading->held[0]))
		step_fault(reading->stage, "the victim's frame is torn");
	zoe_reader_release(reading->reader, reading->held[0]);
	reading->held[0] = reading->held[1];
	reading->held[1] = NULL;
}

static int cycle(void *argument)
{
	const struct zoe_reader_options options = { .hold = 2, .depth = 1, .label = "victim" };
	struct reading reading = { .stage = argument };
	struct zoe_status status;

	step_mark(ATTACH);
	int error = zoe_reader_attach(&reading.reader, reading.stage->name, &options, zoe_deadline_in_ms(ATTACH_MS));
	step_mark(FIRST);
	if (error) {
		step_fault(reading.stage, "attach: %s (%s)", strerrorname_np(-error), zoe_error());
		return 1;
	}
	take(&reading, ZOE_POLL, 0);
	step_mark(WAIT);
	take(&reading, zoe_deadline_in_ms(LONG_MS), 0);
	step_mark(FULL);
	take(&reading, ZOE_POLL, -EBUSY);
	step_mark(POST);
	post(&reading);
	step_mark(POST_AGAIN);
	post(&reading);
	step_mark(RELEASE);
	give(&reading);
	step_mark(READY);
	take(&reading, zoe_deadline_in_ms(LONG_MS), 0);
	give(&reading);
	step_mark(TIMEOUT);
	take(&reading, zoe_deadline_in_ms(TIMEOUT_MS), -EAGAIN);
	step_mark(STATUS);
	zoe_reader_get_status(reading.reader, &status);
	step_mark(DETACH);
	zoe_reader_detach(&reading.reader);
	step_mark(END);
	return 0;
}

static void at_mark(struct step_stage *stage, int mark)
{
	if (mark == ATTACH || mark == POST)
		step_send(stage, STEP_SEAT_ASLEEP);
	else if (mark == WAIT)
		step_send(stage, STEP_PUBLISH_ASLEEP);
	else if (mark == READY)
		step_ask(stage, STEP_PUBLISH);
	else
		step_settled(stage);
}

static bool has_begun(struct step_stage *stage, void *unused)
{
	(void)unused;
	return atomic_load(&stage->epoch) || atomic_load(&stage->faulty);
}

static bool open_stage(struct step_stage *stage)
{
	stage->watch[0].keeps = true;
	stage->capture = step_enter(stage, step_capture, 8);
	if (!step_until(stage, has_begun, NULL, STEP_PATIENCE_MS))
		return step_fault(stage, "capture does not begin");
	if (!step_watcher_comes(stage, 0) || !step_until(stage, step_is_attached, &(int){ 0 }, STEP_PATIENCE_MS))
		return step_fault(stage, "the healthy reader gets no seat");
	return !atomic_load(&stage->faulty);
}

/* Whatever became of the victim: capture goes on, and so does the healthy reader. */
static bool go_on(struct step_stage *stage, struct step_most *most)
{
	if (!step_settled(stage))
		return false;
	atomic_store(&stage->longest_ns, 0);
	stage->n_lapped = 1;
	if (!step_ask(stage, STEP_LAP))
		return false;
	step_most(&most->publish_ns, atomic_load(&stage->longest_ns));
	return true;
}

static bool stopped(struct step_stage *stage, struct step_most *most, uint32_t k)
{
	(void)k;
	return go_on(stage, most);
}

/* Only the victim's seat can be the newcomer's. */
static bool seat_is_back(struct step_stage *stage)
{
	if (step_until(stage, step_is_attached, &(int){ 1 }, STEP_BACK_MS))
		return true;
	return step_fault(stage, "the victim's seat is not back after 1 s (free %u, claimed %u, seated %u, leaving %u)",
		step_count_seats(stage, ZI_SEAT_FREE), step_count_seats(stage, ZI_SEAT_CLAIMED),
		step_count_seats(stage, ZI_SEAT_SEATED), step_count_seats(stage, ZI_SEAT_LEAVING));
}

static bool killed(struct step_stage *stage, struct step_most *most, uint32_t k)
{
	int64_t begin = zoe_now_ns();
	(void)k;
	if (!step_watcher_comes(stage, 1) || !go_on(stage, most))
		return false;
	if (!seat_is_back(stage))
		return false;
	step_most(&most->back_ns, zoe_now_ns() - begin);
	return true;
}

static bool close_stage(struct step_stage *stage, struct step_most *most)
{
	(void)most;
	if (!stage->watch[1].pid && !step_watcher_comes(stage, 1))
		return false;
	if (!seat_is_back(stage))
		return false;
	stage->n_lapped = 2;
	return step_ask(stage, STEP_LAP) && step_all_leave(stage);
}

const struct step_scenario step_reader_scenario = {
	.name = "reader",
	.cycle = cycle,
	.patience_ms = { 500, 500 },
	.max_seats = 2,
	.open = open_stage,
	.at_mark = at_mark,
	.killed = killed,
	.stopped = stopped,
	.close = close_stage,
};
