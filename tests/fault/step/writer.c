/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenario of a writer that is killed or stopped: create, take the name, publish, seat
 * newcomers, publish to sleepers, displace, reap a dead reader, miss a busy one and
 * deliver later, keep and withdraw a slot, go on in a successor, end.
 *
 * It has no thread of the library's: the housekeeping is done by single steps of it, so
 * that the instructions are the same each time. Watcher 0 holds the first frame it got all
 * along, watcher 1 stands still now and then, watcher 2 dies.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "pool/system/clock.h"
#include "pool/writer/housekeeping.h"
#include "pool/writer/state.h"
#include "scenario.h"
#include "support/child.h"

#define SIDE 8
#define NEXT_SIDE 16
#define RESTART_SIDE 24
#define MAX_SLOTS 14
#define MEET_MS 1000        /* for the others to do what they have to, */
#define DISTURBED_MEET_MS 5 /* and to come where the scenario wants them after a disturbance: they need not */
#define LEAVE_EVERY 3       /* one of the readers leaves while the writer is stopped */
#define ATTACH_EVERY 31     /* waiting for an attach that nobody answers takes a second: not at each point */

enum {
	CREATE,
	NAME,
	FIRST,
	SEAT,
	PUBLISH,
	DISPLACE,
	REAP,
	BUSY,
	REDELIVER,
	KEEP,
	WITHDRAW,
	LET_GO,
	SUCCESSOR,
	RETIRE,
	FOLLOW,
	LATE,
	LEAVE_OLD,
	OVER,
	DESTROY,
	DONE,
};

struct writing {
	struct step_stage *stage;
	struct zoe_writer *writer, *old;
	uint32_t side, kept;
	int error;
};

static void expect(struct writing *writing, int error, const char *what)
{
	if (error && !writing->error)
		step_fault(writing->stage, "the victim's %s: %s (%s)", what, strerrorname_np(-error), zoe_error());
	writing->error |= error;
}

static void create(struct writing *writing, uint32_t side)
{
	const struct zoe_writer_options options = {
		.slot_bytes = side * side,
		.max_slots = MAX_SLOTS,
		.reserved_slots = 2,
		.max_seats = STEP_WATCHERS,
		.mailbox = writing->stage->mailbox,
		.cond = writing->stage->cond,
		.predecessor = writing->writer,
		.no_thread = true,
	};
	writing->old = writing->writer;
	writing->side = side;
	expect(writing, zoe_writer_create(&writing->writer, writing->stage->name, &options), "create");
}

static uint32_t commit_frame(struct writing *writing, unsigned flags)
{
	const struct zoe_frame_info info = step_info(writing->side);
	struct zoe_slot slot = { 0 };
	expect(writing, zoe_writer_begin(writing->writer, &slot), "begin");
	if (writing->error)
		return 0;
	step_draw(&slot, writing->side, writing->writer->epoch, writing->writer->slots.seq + 1);
	expect(writing, zoe_writer_publish(writing->writer, slot.index, &info, flags, ZOE_POLL), "publish");
	return slot.index;
}

static void begin(struct writing *writing)
{
	create(writing, SIDE);
}

static void announce(struct writing *writing)
{
	expect(writing, zoe_writer_announce(writing->writer), "announce");
}

static void publish(struct writing *writing)
{
	commit_frame(writing, 0);
}

static void keep_house(struct writing *writing)
{
	zi_housekeeping_run(writing->writer);
}

static void keep_slot(struct writing *writing)
{
	writing->kept = commit_frame(writing, ZOE_PUBLISH_KEEP);
}

static void withdraw_in_vain(struct writing *writing)
{
	/* It is the latest. */
	int error = zoe_writer_withdraw(writing->writer, writing->kept);
	expect(writing, error == -EBUSY || !writing->stage->strict ? 0 : -EINVAL, "withdraw");
	commit_frame(writing, 0);
}

static void withdraw(struct writing *writing)
{
	int error = zoe_writer_withdraw(writing->writer, writing->kept);
	expect(writing, writing->stage->strict ? error : 0, "withdraw");
	zoe_writer_let_go(writing->writer, writing->kept);
}

static void succeed(struct writing *writing)
{
	create(writing, NEXT_SIDE);
}

static void leave_old(struct writing *writing)
{
	zoe_writer_destroy(&writing->old);
}

static void end(struct writing *writing)
{
	expect(writing, zoe_writer_end(writing->writer, zoe_deadline_in_ms(MEET_MS)), "end");
}

static void destroy(struct writing *writing)
{
	zoe_writer_destroy(&writing->writer);
}

/* What comes after each mark. */
static void (*const acts[])(struct writing *) = {
	[CREATE] = begin,
	[NAME] = announce,
	[FIRST] = publish,
	[SEAT] = keep_house,
	[PUBLISH] = publish,
	[DISPLACE] = publish,
	[REAP] = keep_house,
	[BUSY] = publish,
	[REDELIVER] = keep_house,
	[KEEP] = keep_slot,
	[WITHDRAW] = withdraw_in_vain,
	[LET_GO] = withdraw,
	[SUCCESSOR] = succeed,
	[RETIRE] = announce,
	[FOLLOW] = publish,
	[LATE] = keep_house,
	[LEAVE_OLD] = leave_old,
	[OVER] = end,
	[DESTROY] = destroy,
};

static int cycle(void *argument)
{
	struct writing writing = { .stage = argument };
	for (int mark = CREATE; mark < DONE && !writing.error; mark++) {
		/* Twenty times a second all seats are asked who lives. Here once: when somebody is dead. */
		if (writing.writer)
			writing.writer->census_ns = mark == REAP ? 0 : INT64_MAX / 2;
		step_mark(mark);
		acts[mark](&writing);
	}
	step_mark(DONE);
	return writing.error != 0;
}

/* What the director waits for at a mark. */
struct meeting {
	uint32_t claimed; /* so many seats asked for, */
	uint64_t seq;     /* or: everybody who watches has this frame of `epoch` and sleeps again, */
	int is;           /* and watcher 1 is at this */
};

static bool sleeps_with(struct step_stage *stage, int i, uint64_t seq)
{
	const struct step_watch *watch = &stage->watch[i];
	return !watch->pid || (atomic_load(&watch->seq) == seq && step_sleeps(watch->pid));
}

static bool met(struct step_stage *stage, void *argument)
{
	const struct meeting *meeting = argument;
	if (atomic_load(&stage->faulty))
		return true;
	if (meeting->claimed && step_count_seats(stage, ZI_SEAT_CLAIMED) < meeting->claimed)
		return false;
	if (stage->strict && atomic_load(&stage->watch[1].is) != (uint32_t)meeting->is)
		return false;
	for (int i = 0; i < STEP_WATCHERS && meeting->seq; i++)
		if ((i != 1 || meeting->is == STEP_WATCH) && !sleeps_with(stage, i, meeting->seq))
			return false;
	return true;
}

static void meet(struct step_stage *stage, struct meeting meeting)
{
	int64_t ms = stage->strict ? STEP_PATIENCE_MS : DISTURBED_MEET_MS;
	if (!step_until(stage, met, &meeting, ms) && stage->strict)
		step_fault(stage, "the readers are not where they should be (claimed %u, seq %llu, is %d)",
			meeting.claimed, (unsigned long long)meeting.seq, meeting.is);
}

static void newcomers(struct step_stage *stage)
{
	stage->watch[0].keeps = true;
	for (int i = 0; i < STEP_WATCHERS; i++)
		if (!stage->watch[i].pid)
			step_watcher_comes(stage, i);
}

/* Watcher 1 sees this after the frame that it waits for. */
static void stand_still(struct step_stage *stage)
{
	step_request(stage, 1, STEP_IDLE);
}

static void be_busy(struct step_stage *stage)
{
	step_request(stage, 1, STEP_LOCK);
}

static void go_on(struct step_stage *stage)
{
	step_request(stage, 1, STEP_WATCH);
}

static void third_dies(struct step_stage *stage)
{
	child_kill(&stage->watch[2].pid);
}

/* The director's part at each mark: something, a meeting, something else. */
static const struct cue {
	void (*first)(struct step_stage *stage);
	struct meeting meeting;
	void (*then)(struct step_stage *stage);
} cues[DONE + 1] = {
	[SEAT] = { newcomers, { .claimed = STEP_WATCHERS }, stand_still },
	[PUBLISH] = { NULL, { .seq = 1, .is = STEP_IDLE }, NULL },
	[DISPLACE] = { NULL, { .seq = 2, .is = STEP_IDLE }, NULL },
	[REAP] = { NULL, { .seq = 3, .is = STEP_IDLE }, third_dies },
	[BUSY] = { be_busy, { .is = STEP_LOCK }, NULL },
	[REDELIVER] = { stand_still, { .seq = 4, .is = STEP_IDLE }, NULL },
	[KEEP] = { NULL, { .seq = 4, .is = STEP_IDLE }, NULL },
	[WITHDRAW] = { NULL, { .seq = 5, .is = STEP_IDLE }, NULL },
	[LET_GO] = { NULL, { .seq = 6, .is = STEP_IDLE }, NULL },
	[SUCCESSOR] = { NULL, { .seq = 6, .is = STEP_IDLE }, NULL },
	[RETIRE] = { NULL, { .seq = 6, .is = STEP_IDLE }, NULL },
	[FOLLOW] = { NULL, { .claimed = 1, .is = STEP_IDLE }, NULL },
	[LATE] = { go_on, { .claimed = 1 }, NULL },
	[LEAVE_OLD] = { NULL, { .seq = 1 }, NULL },
	[OVER] = { NULL, { .seq = 1 }, NULL },
};

static bool have_asked(struct step_stage *stage, void *unused)
{
	uint32_t present = 0;
	(void)unused;
	for (int i = 0; i < STEP_WATCHERS; i++)
		present += stage->watch[i].pid > 0;
	return step_count_seats(stage, ZI_SEAT_CLAIMED) + step_count_seats(stage, ZI_SEAT_SEATED) >= present;
}

static bool have_frames(struct step_stage *stage, void *unused)
{
	(void)unused;
	for (int i = 0; i < STEP_WATCHERS; i++) {
		const struct step_watch *watch = &stage->watch[i];
		if (watch->pid && watch->is_owed && atomic_load(&watch->frames) <= watch->frames_before)
			return atomic_load(&stage->faulty);
	}
	return true;
}

/* After it was stopped the writer goes on, and its last frame reaches everybody. */
static void after_a_stop(struct step_stage *stage, int mark)
{
	if (mark == LATE)
		step_until(stage, have_asked, NULL, MEET_MS);
	if (mark == OVER && !step_until(stage, have_frames, NULL, MEET_MS))
		step_fault(stage, "the writer went on, and a reader does not get its frames");
}

static void at_mark(struct step_stage *stage, int mark)
{
	const struct cue *cue = &cues[mark];
	if (cue->first)
		cue->first(stage);
	if (!stage->strict)
		after_a_stop(stage, mark);
	if (cue->meeting.claimed || cue->meeting.seq || cue->meeting.is)
		meet(stage, cue->meeting);
	if (cue->then)
		cue->then(stage);
}

static bool open_stage(struct step_stage *stage)
{
	(void)stage;
	return true;
}

struct learning {
	int64_t death_ns;
	bool seated[STEP_WATCHERS]; /* then */
};

/* True when everybody who had a seat has been told that the writer is gone, or follows the next one. */
static bool have_learned(struct step_stage *stage, void *argument)
{
	const struct learning *learning = argument;
	for (int i = 0; i < STEP_WATCHERS; i++) {
		const struct step_watch *watch = &stage->watch[i];
		bool follows = atomic_load(&stage->epoch) && atomic_load(&watch->epoch) == atomic_load(&stage->epoch);
		if (watch->pid && learning->seated[i] && !atomic_load(&watch->gone_ns) && !follows)
			return false;
	}
	return true;
}

static bool have_followed(struct step_stage *stage, void *unused)
{
	(void)unused;
	if (!atomic_load(&stage->epoch))
		return atomic_load(&stage->faulty);
	for (int i = 0; i < STEP_WATCHERS; i++)
		if (stage->watch[i].pid && atomic_load(&stage->watch[i].epoch) != atomic_load(&stage->epoch))
			return atomic_load(&stage->faulty);
	return true;
}

static bool killed(struct step_stage *stage, struct step_most *most, uint32_t k)
{
	struct learning learning = { .death_ns = zoe_now_ns() };
	int64_t begin = learning.death_ns;
	for (int i = 0; i < STEP_WATCHERS; i++)
		learning.seated[i] = atomic_load(&stage->watch[i].attached);
	go_on(stage);
	/* The next writer comes at once, or after everybody has learned of the death: by turns. */
	if (k % 2)
		stage->capture = step_enter(stage, step_capture, RESTART_SIDE);
	if (!step_until(stage, have_learned, &learning, STEP_LEARN_MS))
		return step_fault(stage, "a reader does not learn of its writer's death within 500 ms");
	for (int i = 0; i < STEP_WATCHERS; i++)
		step_most(&most->learn_ns, atomic_load(&stage->watch[i].gone_ns) - learning.death_ns);
	for (int i = 0; i < 2; i++)
		if (!stage->watch[i].pid && !step_watcher_comes(stage, i))
			return false;
	if (!(k % 2)) {
		begin = zoe_now_ns();
		stage->capture = step_enter(stage, step_capture, RESTART_SIDE);
	}
	if (!step_until(stage, have_followed, NULL, STEP_FOLLOW_MS))
		return step_fault(stage, "the restarted writer is not followed within 1 s");
	step_most(&most->follow_ns, zoe_now_ns() - begin);
	stage->n_lapped = stage->watch[2].pid ? 3 : 2;
	return step_ask(stage, STEP_LAP);
}

struct turn {
	uint32_t calls[STEP_WATCHERS];
	bool wait_attach;
};

/* True when everybody has come back from two more calls; an attach that nobody answers counts now and then. */
static bool have_called(struct step_stage *stage, void *argument)
{
	const struct turn *turn = argument;
	for (int i = 0; i < STEP_WATCHERS; i++) {
		const struct step_watch *watch = &stage->watch[i];
		if (!watch->pid || (!atomic_load(&watch->attached) && !turn->wait_attach))
			continue;
		if (atomic_load(&watch->calls) - turn->calls[i] < (atomic_load(&watch->attached) ? 2 : 1))
			return atomic_load(&stage->faulty);
	}
	return true;
}

static bool stopped(struct step_stage *stage, struct step_most *most, uint32_t k)
{
	struct turn turn = { .wait_attach = k % ATTACH_EVERY == 0 };
	(void)most;
	go_on(stage);
	if (turn.wait_attach && !stage->watch[2].pid) {
		stage->watch[2] = (struct step_watch){ 0 };
		step_watcher_comes(stage, 2);
	}
	for (int i = 0; i < STEP_WATCHERS; i++) {
		struct step_watch *watch = &stage->watch[i];
		turn.calls[i] = atomic_load(&watch->calls);
		watch->frames_before = atomic_load(&watch->frames);
		watch->is_owed = stage->mark < FOLLOW && atomic_load(&watch->attached);
	}
	if (!step_until(stage, have_called, &turn, STEP_PATIENCE_MS))
		return step_fault(stage, "a reader's call does not come back while the writer is stopped");
	if (k % LEAVE_EVERY || !atomic_load(&stage->watch[2].attached))
		return true;
	step_request(stage, 2, STEP_LEAVE);
	if (!step_leave(stage, &stage->watch[2].pid, "a reader that leaves while the writer is stopped"))
		return false;
	stage->watch[2] = (struct step_watch){ 0 };
	return true;
}

static bool close_stage(struct step_stage *stage, struct step_most *most)
{
	step_most(&most->late_ns, atomic_load(&stage->late_ns));
	return step_all_leave(stage);
}

const struct step_scenario step_writer_scenario = {
	.name = "writer",
	.cycle = cycle,
	.patience_ms = { 1500, 40 },
	.max_seats = STEP_WATCHERS,
	.open = open_stage,
	.at_mark = at_mark,
	.killed = killed,
	.stopped = stopped,
	.close = close_stage,
};
