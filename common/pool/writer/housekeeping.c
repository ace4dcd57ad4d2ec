/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seats, as the writer looks after them. A seat's life is FREE, CLAIMED, SEATED,
 * LEAVING, FREE. Only a reset writes FREE, and only when nobody has the seat's byte: that proves
 * that the reader is gone. The next one takes the byte, and then a seat that is FREE, which is
 * the last thing that a reset writes. The byte is asked for and never taken: a read lock, which
 * any member can have there, is nobody's life, and would keep us from it.
 */
#include "pool/writer/housekeeping.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/lock.h"
#include "pool/system/mapping.h"
#include "pool/system/object.h"
#include "pool/system/probes.h"
#include "pool/system/thread.h"
#include "pool/writer/delivery.h"

/* The kernel tells nobody that a reader died: the writer asks this often. */
#define CENSUS_NS (50 * ZI_MS)

static void unseat(struct zi_seat_control *control)
{
	control->seated = false;
	control->owed = false;
	zi_deliver_quit(control);
}

static void reset(struct zoe_writer *writer, uint32_t i)
{
	struct zi_seat_control *control = &writer->seat_controls[i];
	struct zi_seat *seat = control->seat;

	if (control->used)
		ZI_PROBE(reap, writer->name, i, seat->pid);
	unseat(control);
	control->reserved = 0;
	control->outstanding = (struct zi_mask){ 0 };
	if (zi_mailbox_init(&control->box) == 0) {
		control->used = false;
		control->answered = false;
		atomic_store(&seat->owed, 0);
		atomic_store(&seat->followed, 0);
		atomic_store(&seat->verdict, ZI_VERDICT_PENDING);
		atomic_store(&seat->received, 0);
		atomic_store(&seat->displaced, 0);
		atomic_store(&seat->withheld, 0);
		atomic_store(&seat->wants_board, 0);
		atomic_store(&seat->board_error, 0);
		memset(control->timing, 0, sizeof(*control->timing));
		atomic_fetch_add(&seat->incarnation, 1);
		atomic_store(&seat->state, ZI_SEAT_FREE);
	}
}

/* Make the seat anew if its reader is gone. True: it was. */
static bool reap(struct zoe_writer *writer, uint32_t i)
{
	if (zi_lock_held(zi_writer_seats_fd(writer), i) || !zi_descriptors_intact(&writer->descriptors, ZI_SEATS))
		return false;
	reset(writer, i);
	return true;
}

int zi_housekeeping_init(struct zoe_writer *writer, const struct zoe_writer_options *options)
{
	for (uint32_t i = 0; i < writer->n_seats; i++) {
		struct zi_seat_control *control = &writer->seat_controls[i];
		uint8_t *seat = (uint8_t *)writer->seats + writer->seats->seats_offset + i * writer->seats->seat_bytes;
		control->seat = (struct zi_seat *)seat;
		control->timing = (struct zi_timing *)(seat + writer->seats->timing_offset);
		control->box = (struct zi_mailbox_view){
			.body = zi_mailbox_body(options->mailbox),
			.shared = (struct zi_mailbox *)(seat + writer->seats->mailbox_offset),
			.grants = &control->seat->grants,
			.records = writer->records,
			.n_slots = writer->slots.max,
			.depth = 1,
			.cond = options->cond,
		};
		atomic_store(&control->seat->incarnation, 1);
		int error = zi_mailbox_init(&control->box);
		if (error)
			return error;
	}
	return 0;
}

/* 0 when the pool has slots for this claim, otherwise an errno; and the numbers behind it. */
static uint32_t check_budget(struct zoe_writer *writer, const struct zi_seat_control *control, bool lossless)
{
	/* Two more than what is reserved for all: one in filling and the latest. */
	uint32_t needed = 2 + writer->reserved_slots;

	if (lossless && !writer->reel->lossless)
		return EOPNOTSUPP;
	/* Reserved until the reset: one that is leaving, or dead, still has what it was given. */
	for (uint32_t i = 0; i < writer->n_seats; i++)
		needed += writer->seat_controls[i].reserved;
	control->seat->slots_needed = needed;
	control->seat->slots_allowed = writer->slots.max;
	return needed > writer->slots.max ? ENOSPC : 0;
}

/* Take back the seats of all others who are gone by now. */
static void reap_others(struct zoe_writer *writer, const struct zi_seat_control *control)
{
	for (uint32_t i = 0; i < writer->n_seats; i++)
		if (&writer->seat_controls[i] != control && writer->seat_controls[i].used)
			reap(writer, i);
}

/* What a reader asks for, read once: it stands in the reader's memory. */
struct claim {
	struct zi_policy policy;
	uint32_t depth;
	char group[ZOE_LABEL_BYTES];
};

static bool read_claim(struct claim *claim, const struct zi_seat *seat)
{
	uint32_t policy = atomic_load(&seat->policy);

	*claim = (struct claim){
		.policy = {
			.lossless = policy == ZOE_LOSSLESS,
			.hold = atomic_load(&seat->hold),
			.every = atomic_load(&seat->every),
			.interval_ns = atomic_load(&seat->interval_ns),
		},
		.depth = atomic_load(&seat->depth),
	};
	memcpy(claim->group, seat->group, sizeof(claim->group) - 1);
	return policy <= ZOE_LOSSLESS && claim->policy.hold >= 1 && claim->policy.hold <= ZOE_MAX_HOLD &&
		claim->depth >= 1 && claim->depth <= ZOE_MAX_DEPTH && claim->policy.interval_ns <= ZI_MAX_INTERVAL_NS;
}

/* Reserve slots for a claim, those of the dead included if need be. 0 or an errno. */
static uint32_t admit(struct zoe_writer *writer, struct zi_seat_control *control, const struct claim *claim)
{
	control->reserved = claim->policy.hold + claim->depth;
	uint32_t refusal = check_budget(writer, control, claim->policy.lossless);
	if (refusal == ENOSPC) {
		reap_others(writer, control);
		refusal = check_budget(writer, control, claim->policy.lossless);
	}
	return refusal;
}

static void seat_newcomer(struct zoe_writer *writer, struct zi_seat_control *control, const struct claim *claim)
{
	control->box.depth = claim->depth;
	control->policy = claim->policy;
	control->seated = true;
	zi_deliver_join(writer, control, claim->group);
	if (writer->slots.seq == 0)
		return;
	if (!control->group)
		zi_policy_pass(&control->policy, writer->slots.seq, zoe_now_ns());
	zi_deliver_to(writer, control);
}

/* Answer a claim: seat the newcomer and give it the latest frame at once, or say why not. */
static void reply(struct zoe_writer *writer, struct zi_seat_control *control)
{
	struct zi_seat *seat = control->seat;
	uint32_t claimed = ZI_SEAT_CLAIMED;
	struct claim claim;

	if (atomic_load(&seat->verdict) != ZI_VERDICT_PENDING)
		return;
	uint32_t refusal = read_claim(&claim, seat) ? admit(writer, control, &claim) : EINVAL;
	if (refusal) {
		control->reserved = 0;
	} else {
		/*
		 * Anew for this reader, too: one before may have claimed the seat, written over it, called it
		 * free and died, all before we looked. Until it is welcome the reader uses none of it.
		 */
		if (zi_mailbox_init(&control->box) ||
			!atomic_compare_exchange_strong(&seat->state, &claimed, ZI_SEAT_SEATED))
			return;
		seat_newcomer(writer, control, &claim);
	}
	control->answered = true;
	atomic_store(&seat->verdict, refusal ? refusal : ZI_VERDICT_WELCOME);
	zi_futex_wake(&seat->verdict);
}

/* One more board at the end of the seats object, for the reader that has something to post. */
static void make_board(struct zoe_writer *writer, struct zi_seat_control *control)
{
	struct zi_seats *seats = writer->seats;
	_Atomic uint32_t *board = &seats->board[control - writer->seat_controls];
	uint32_t n = writer->n_boards;

	int error = zi_descriptors_intact(&writer->descriptors, ZI_SEATS) ? 0 : -EBADF;
	if (!error)
		error = zi_object_grow(zi_writer_seats_fd(writer), writer->seats_bytes + n * writer->board_bytes,
			writer->board_bytes);
	if (error) {
		atomic_store(&control->seat->board_error, (uint32_t)-error);
	} else {
		writer->n_boards = n + 1;
		control->has_board = true;
		atomic_store(&seats->n_boards, n + 1);
		atomic_store(board, n + 1);
	}
	/* Who could have none may ask again: there may be room by then. */
	atomic_store(&control->seat->wants_board, 0);
	zi_futex_wake(board);
}

/* Its reader says that it is done; who claims the seat before a reset is another. */
static void leave(struct zi_seat_control *control)
{
	unseat(control);
	control->answered = true;
}

/* Claimed while we think that somebody else has it: its last reader died unseen. Not before a reset. */
static void reject_stale(struct zi_seat_control *control)
{
	if (atomic_load(&control->seat->verdict) != ZI_VERDICT_PENDING)
		return;
	atomic_store(&control->seat->verdict, ESTALE);
	zi_futex_wake(&control->seat->verdict);
}

static void keep_seat(struct zoe_writer *writer, uint32_t i, bool census)
{
	struct zi_seat_control *control = &writer->seat_controls[i];
	uint32_t state = atomic_load(&control->seat->state);

	/* FREE is believed only of a seat that nobody had since its reset: a stray write may say so, too. */
	if (state == ZI_SEAT_FREE && !control->used && atomic_load(&control->seat->verdict) == ZI_VERDICT_PENDING)
		return;
	control->used = true;
	if (i >= writer->n_used)
		writer->n_used = i + 1;
	if ((census || state != ZI_SEAT_SEATED) && reap(writer, i))
		return;
	if (state == ZI_SEAT_CLAIMED && control->answered)
		reject_stale(control);
	else if (state == ZI_SEAT_CLAIMED && !writer->over)
		reply(writer, control);
	else if (state == ZI_SEAT_SEATED && control->seated && control->owed && writer->slots.seq > 0)
		zi_deliver_to(writer, control);
	else if (state == ZI_SEAT_LEAVING)
		leave(control);
	if (control->seated && !control->has_board && atomic_load(&control->seat->wants_board))
		make_board(writer, control);
}

/* Nobody is seated any more, nor owed anything. What they hold they keep: no slot is filled again. */
static void give_up_seats(struct zoe_writer *writer)
{
	writer->damaged = true;
	for (uint32_t i = 0; i < writer->n_seats; i++)
		unseat(&writer->seat_controls[i]);
}

int zi_housekeeping_check(struct zoe_writer *writer)
{
	if (!writer->damaged && (zi_mapping_is_cut(writer->reel) || zi_mapping_is_cut(writer->seats)))
		give_up_seats(writer);
	if (!writer->damaged)
		return 0;
	return zi_fail(EBADMSG, "pool '%s' was cut short or written over by a member, or by its owner", writer->name);
}

/* A member that writes over the header keeps all newcomers out: the pool is of no use any more. */
static bool is_whole(struct zoe_writer *writer)
{
	if (memcmp(writer->seats, &writer->header, offsetof(struct zi_seats, n_boards)) != 0)
		give_up_seats(writer);
	return zi_housekeeping_check(writer) == 0;
}

void zi_housekeeping_run(struct zoe_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	int64_t now = zoe_now_ns();
	bool census = now - writer->census_ns >= CENSUS_NS;
	if (census)
		writer->census_ns = now;
	atomic_store(&writer->reel->heartbeat_ns, now);
	for (uint32_t i = 0; i < writer->n_seats && is_whole(writer); i++)
		keep_seat(writer, i, census);
	zi_housekeeping_retire(writer);
	pthread_mutex_unlock(&writer->mutex);
}

static void *housekeeping(void *argument)
{
	struct zoe_writer *writer = argument;
	struct zi_throttle throttle = { 0 };
	for (;;) {
		/* Read before the round: who rings during it makes the sleep return at once. */
		uint32_t doorbell = atomic_load(&writer->doorbells->doorbell);
		zi_housekeeping_run(writer);
		pthread_mutex_lock(&writer->mutex);
		bool stop = writer->stop;
		pthread_mutex_unlock(&writer->mutex);
		if (stop)
			return NULL;
		zi_futex_wait(&writer->doorbells->doorbell, doorbell, zoe_now_ns() + CENSUS_NS);
		zi_throttle(&throttle, ZOE_FOREVER);
	}
}

int zi_housekeeping_start(struct zoe_writer *writer)
{
	int error = zi_thread_start(&writer->thread, housekeeping, writer);
	writer->has_thread = error == 0;
	return error;
}

void zi_housekeeping_stop(struct zoe_writer *writer)
{
	if (!writer->has_thread)
		return;
	pthread_mutex_lock(&writer->mutex);
	writer->stop = true;
	pthread_mutex_unlock(&writer->mutex);
	zi_futex_ring(&writer->doorbells->doorbell);
	pthread_join(writer->thread, NULL);
	writer->has_thread = false;
}

void zi_housekeeping_ring(struct zoe_writer *writer)
{
	for (uint32_t i = 0; i < writer->n_seats; i++) {
		if (writer->seat_controls[i].seated)
			zi_mailbox_ring(&writer->seat_controls[i].box);
		else if (atomic_load(&writer->seat_controls[i].seat->state) == ZI_SEAT_CLAIMED)
			zi_futex_wake(&writer->seat_controls[i].seat->verdict);
	}
}

void zi_writer_close(struct zoe_writer *writer)
{
	if (writer->over)
		return;
	writer->over = true;
	writer->reel->end = writer->end;
	atomic_store(&writer->reel->state_since_ns, zoe_now_ns());
	atomic_store(&writer->reel->state, writer->replaced ? ZI_POOL_RETIRED : ZI_POOL_ENDED);
	zi_housekeeping_ring(writer);
	zi_futex_ring(&writer->reel->frame_counter);
}

void zi_housekeeping_retire(struct zoe_writer *writer)
{
	if (writer->replaced && !zi_deliver_owes_lossless(writer))
		zi_writer_close(writer);
}

uint32_t zi_housekeeping_seated(const struct zoe_writer *writer)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < writer->n_seats; i++)
		n += writer->seat_controls[i].seated;
	return n;
}
