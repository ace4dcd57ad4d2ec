/* SPDX-License-Identifier: BSD-2-Clause */
/* The writer's care for its seats, one round at a time, without its thread. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/reader/attachment.h"
#include "pool/system/clock.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"
#include "pool/writer/delivery.h"
#include "pool/writer/housekeeping.h"
#include "pool/writer/state.h"
#include "support/frame.h"
#include "support/name.h"

static char name[ZOE_NAME_BYTES];
static struct zoe_writer *writer;
static struct zoe_reader *reader;
static const struct zoe_frame *frame;
static struct zi_seat *seat;
static int fd = -1; /* the seats, opened as a reader would */

static void publish(int n)
{
	for (; n > 0; n--)
		cr_assert(publish_gray(writer, 64, 64, 0) == 0, "%s", zoe_error());
}

static void create(enum zoe_mailbox mailbox, uint32_t max_slots)
{
	struct zoe_writer_options options = {
		.slot_bytes = 4096,
		.max_slots = max_slots,
		.mailbox = mailbox,
		.no_thread = true,
	};
	own_pool_name(name, "housekeeping");
	cr_assert(zoe_writer_create(&writer, name, &options) == 0, "%s", zoe_error());
	publish(1);
	seat = writer->seat_controls[0].seat;
	fd = zi_object_open(name, ZI_SEATS, O_RDWR);
	cr_assert(fd >= 0);
}

/* A census is due only now and then: make it due. */
static void keep_house(void)
{
	writer->census_ns = 0;
	zi_housekeeping_run(writer);
}

static void *attach(void *unused)
{
	cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == 0, "%s", zoe_error());
	return unused;
}

static void seat_reader(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, attach, NULL);
	while (!writer->seat_controls[0].seated) {
		zi_housekeeping_run(writer);
		usleep(1000);
	}
	pthread_join(thread, NULL);
}

static void end(void)
{
	if (fd >= 0)
		close(fd);
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&writer);
}

TestSuite(housekeeping, .fini = end, .timeout = 20);

/* The seat's words to sleep on, as if its reader slept there. */
static void pretend_to_sleep(bool asleep)
{
	struct zi_mailbox *box = writer->seat_controls[0].box.shared;
	if (writer->reel->mailbox == ZOE_MAILBOX_ATOMIC)
		atomic_store(&box->atomic.sleepers, asleep);
	else
		atomic_store(&box->mutex.cond.sleepers, asleep);
}

static uint32_t rings(void)
{
	struct zi_mailbox *box = writer->seat_controls[0].box.shared;
	return writer->reel->mailbox == ZOE_MAILBOX_ATOMIC ? box->atomic.word : box->mutex.cond.word;
}

/* Who is granted a frame in its sleep is rung once, whoever grants it; who is awake is left alone. */
ParameterizedTestParameters(housekeeping, sleeper_is_rung)
{
	static int mailboxes[] = { ZOE_MAILBOX_MUTEX, ZOE_MAILBOX_ATOMIC };
	return cr_make_param_array(int, mailboxes, 2);
}

ParameterizedTest(int *mailbox, housekeeping, sleeper_is_rung)
{
	create((enum zoe_mailbox) * mailbox, 8);
	seat_reader();
	uint32_t before = rings();
	publish(3);
	cr_assert(rings() == before, "a reader that is awake was rung");
	pretend_to_sleep(true);
	publish(1);
	cr_assert(rings() == before + 1, "rung %u times", rings() - before);
	writer->seat_controls[0].owed = true;
	zi_grants_reset(writer->seat_controls[0].box.grants);
	zi_deliver_to(writer, &writer->seat_controls[0]);
	cr_assert(rings() == before + 2, "rung %u times", rings() - before);
	pretend_to_sleep(false);
	publish(1);
	cr_assert(rings() == before + 2);
}

/* A frame that found the seat's lock taken is delivered by the next round, though no other follows. */
Test(housekeeping, redelivers_what_was_missed)
{
	create(ZOE_MAILBOX_MUTEX, 0);
	seat_reader();
	cr_assert(zoe_reader_acquire(reader, &frame, ZOE_POLL) == 0);
	zoe_reader_release(reader, frame);
	pthread_mutex_lock(&writer->seat_controls[0].box.shared->mutex.mutex);
	/* Our own lock would be a deadlock, not busy, to the same thread: a robust mutex's trylock says busy. */
	publish(1);
	cr_assert(atomic_load(&seat->owed) == 1 && writer->n_busy == 1);
	pthread_mutex_unlock(&writer->seat_controls[0].box.shared->mutex.mutex);
	cr_assert(zoe_reader_acquire(reader, &frame, ZOE_POLL) == -EAGAIN);
	zi_housekeeping_run(writer);
	cr_assert(atomic_load(&seat->owed) == 0);
	cr_assert(zoe_reader_acquire(reader, &frame, ZOE_POLL) == 0 && frame->seq == 2);
}

/* A seat is not made anew while somebody has its byte, whatever its state says. */
Test(housekeeping, no_reset_without_the_byte)
{
	create(ZOE_MAILBOX_MUTEX, 0);
	uint64_t before = atomic_load(&seat->incarnation);
	cr_assert(zi_lock_take(fd, 0) == 0);
	atomic_store(&seat->state, ZI_SEAT_LEAVING);
	zi_grants_give(&seat->grants, 0);
	keep_house();
	cr_assert(atomic_load(&seat->state) == ZI_SEAT_LEAVING && atomic_load(&seat->incarnation) == before);
	cr_assert(zi_grants_has(&seat->grants, 0));
	zi_lock_drop(fd, 0);
	keep_house();
	cr_assert(atomic_load(&seat->state) == ZI_SEAT_FREE && atomic_load(&seat->incarnation) == before + 1);
	cr_assert(!zi_grants_has(&seat->grants, 0));
}

/* Whatever of the seats' header a member writes over: no newcomer would get in, and the writer says so. */
Test(housekeeping, header_written_over)
{
	for (size_t at = 0; at < offsetof(struct zi_seats, n_boards); at += sizeof(uint32_t)) {
		struct zoe_slot slot;
		create(ZOE_MAILBOX_ATOMIC, 0);
		((volatile uint32_t *)(void *)writer->seats)[at / sizeof(uint32_t)] ^= 4;
		keep_house();
		cr_assert(zoe_writer_begin(writer, &slot) == -EBADMSG, "byte %zu", at);
		zoe_writer_destroy(&writer);
		close(fd);
	}
}

/* A read lock is nobody's life, nor does it keep a dead reader's seat: any member can have one there. */
Test(housekeeping, read_locks_keep_no_seat)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = ZOE_MAX_SEATS };
	create(ZOE_MAILBOX_ATOMIC, 0);
	seat_reader();
	int onlooker = zi_object_open(name, ZI_SEATS, O_RDONLY);
	cr_assert(onlooker >= 0);
	zoe_reader_detach(&reader);
	cr_assert(fcntl(onlooker, F_OFD_SETLK, &lock) == 0, "nobody has a lock there");
	keep_house();
	cr_assert(atomic_load(&seat->state) == ZI_SEAT_FREE && !writer->seat_controls[0].used);
	close(onlooker);
}

/* A claim that a reset ran over, since its seat called itself free, is given up at once. */
Test(housekeeping, claim_that_a_reset_ran_over)
{
	const struct zi_request request = { .policy = ZOE_LATEST, .hold = 1, .depth = 1 };
	struct zi_attachment *attachment;
	struct zi_follow follow = { 0 };
	create(ZOE_MAILBOX_ATOMIC, 0);
	memcpy(follow.name, name, sizeof(name));
	cr_assert(zi_attachment_claim(&attachment, &follow, &request) == 0, "%s", zoe_error());
	atomic_store(&seat->state, ZI_SEAT_FREE);
	cr_assert(zi_attachment_await(attachment, name, ZOE_FOREVER) == -ESTALE);
	zi_attachment_close(attachment);
}

/* A claim of a seat whose last reader died unseen is given up, and the seat made anew for the next. */
Test(housekeeping, claim_before_the_reset)
{
	create(ZOE_MAILBOX_MUTEX, 0);
	seat_reader();
	zoe_reader_detach(&reader);
	uint64_t before = atomic_load(&seat->incarnation);
	cr_assert(zi_lock_take(fd, 0) == 0);
	atomic_store(&seat->verdict, ZI_VERDICT_PENDING);
	atomic_store(&seat->state, ZI_SEAT_CLAIMED);
	keep_house();
	cr_assert(atomic_load(&seat->verdict) == ESTALE && atomic_load(&seat->incarnation) == before);
	zi_lock_drop(fd, 0);
	keep_house();
	cr_assert(atomic_load(&seat->state) == ZI_SEAT_FREE && atomic_load(&seat->incarnation) == before + 1);
}

/* Who took a free seat's byte and has not claimed it yet is left alone. */
Test(housekeeping, byte_taken_before_the_claim)
{
	create(ZOE_MAILBOX_MUTEX, 0);
	uint64_t before = atomic_load(&seat->incarnation);
	cr_assert(zi_lock_take(fd, 0) == 0);
	keep_house();
	cr_assert(atomic_load(&seat->state) == ZI_SEAT_FREE && atomic_load(&seat->incarnation) == before);
}

/* A claim with nonsense in it is refused. */
Test(housekeeping, nonsense_claim)
{
	create(ZOE_MAILBOX_MUTEX, 0);
	cr_assert(zi_lock_take(fd, 0) == 0);
	atomic_store(&seat->policy, 77);
	atomic_store(&seat->hold, 1);
	atomic_store(&seat->depth, 1);
	atomic_store(&seat->state, ZI_SEAT_CLAIMED);
	zi_housekeeping_run(writer);
	cr_assert(atomic_load(&seat->verdict) == EINVAL && !writer->seat_controls[0].seated);
}

/* Bits that a seat sets in its own mask pin nothing. */
Test(housekeeping, seat_that_grants_itself)
{
	struct zoe_slot slots[5];
	int n = 0;
	create(ZOE_MAILBOX_ATOMIC, 5);
	seat_reader();
	/* The pool at its full size: none can be added to make up for a pinned one. */
	while (zoe_writer_begin(writer, &slots[n]) == 0)
		n++;
	while (n > 0)
		zoe_writer_let_go(writer, slots[--n].index);
	for (int i = 0; i < 4; i++)
		atomic_store(&seat->grants.granted[i], UINT64_MAX);
	publish(20);
}

/* A seat whose mailbox is emptied behind the writer's back does not get more than it was promised. */
Test(housekeeping, seat_that_forgets)
{
	create(ZOE_MAILBOX_ATOMIC, 6);
	seat_reader();
	for (int i = 0; i < 20; i++) {
		atomic_store(&writer->seat_controls[0].box.shared->atomic.cell[0], 0);
		publish(1);
	}
	struct zi_mask granted;
	zi_deliver_outstanding(writer, &granted);
	cr_assert(zi_mask_count(&granted) <= 3);
}

/* Nor one that says again and again that it has everything, what was taken back from it included. */
Test(housekeeping, seat_that_wants_it_back)
{
	create(ZOE_MAILBOX_ATOMIC, 6);
	seat_reader();
	for (int i = 0; i < 20; i++) {
		atomic_store(&writer->seat_controls[0].box.shared->atomic.cell[0], 0);
		publish(1);
		atomic_store(&seat->grants.granted[0], UINT64_MAX);
	}
	struct zi_mask granted;
	zi_deliver_outstanding(writer, &granted);
	cr_assert(zi_mask_count(&granted) <= 3);
}

/* FREE written by a stray write does not keep a dead reader's frames. */
Test(housekeeping, scribbled_free)
{
	create(ZOE_MAILBOX_ATOMIC, 0);
	seat_reader();
	publish(1);
	atomic_store(&seat->state, ZI_SEAT_FREE);
	keep_house();
	cr_assert(writer->seat_controls[0].seated);
	zoe_reader_detach(&reader);
	atomic_store(&seat->state, ZI_SEAT_FREE);
	keep_house();
	struct zi_mask granted;
	zi_deliver_outstanding(writer, &granted);
	cr_assert(!writer->seat_controls[0].seated && zi_mask_count(&granted) == 0);
}

/* What a leaving reader was promised is given away only when its seat is made anew. */
Test(housekeeping, reserved_until_reset)
{
	create(ZOE_MAILBOX_MUTEX, 5);
	cr_assert(zi_lock_take(fd, 0) == 0);
	atomic_store(&seat->policy, ZOE_LATEST);
	atomic_store(&seat->hold, 2);
	atomic_store(&seat->depth, 1);
	atomic_store(&seat->state, ZI_SEAT_CLAIMED);
	zi_housekeeping_run(writer);
	cr_assert(writer->seat_controls[0].seated);
	atomic_store(&seat->state, ZI_SEAT_LEAVING);
	keep_house();
	struct zi_seat *other = writer->seat_controls[1].seat;
	cr_assert(zi_lock_take(fd, 1) == 0);
	atomic_store(&other->hold, 2);
	atomic_store(&other->depth, 1);
	atomic_store(&other->state, ZI_SEAT_CLAIMED);
	zi_housekeeping_run(writer);
	cr_assert(atomic_load(&other->verdict) == ENOSPC);
}

/* Claim the seat with this index by hand, for so many frames. Its verdict. */
static uint32_t claim(uint32_t i, uint32_t hold, uint32_t depth)
{
	struct zi_seat *claimed = writer->seat_controls[i].seat;
	cr_assert(zi_lock_take(fd, i) == 0);
	atomic_store(&claimed->hold, hold);
	atomic_store(&claimed->depth, depth);
	atomic_store(&claimed->state, ZI_SEAT_CLAIMED);
	zi_housekeeping_run(writer);
	return atomic_load(&claimed->verdict);
}

/* A claim that was refused takes nothing from the next one, though its seat is not made anew yet. */
Test(housekeeping, refused_claim_reserves_nothing)
{
	create(ZOE_MAILBOX_MUTEX, 6);
	cr_assert(claim(0, 4, 4) == ENOSPC);
	cr_assert(claim(1, 2, 1) == ZI_VERDICT_WELCOME);
}

/* A seat that only looks free is passed over, and its byte stays for who shall make it anew. */
Test(housekeeping, byte_of_a_seat_passed_over)
{
	const struct zi_request request = { .hold = 1, .depth = 1 };
	struct zi_follow follow = { .trusted = { .any = true } };
	struct zi_attachment *attachment;
	create(ZOE_MAILBOX_MUTEX, 0);
	memcpy(follow.name, name, sizeof(name));
	atomic_store(&seat->verdict, EINVAL);
	cr_assert(zi_attachment_claim(&attachment, &follow, &request) == 0, "%s", zoe_error());
	cr_assert(attachment->seat_index == 1);
	cr_assert(!zi_lock_held(fd, 0));
	zi_attachment_close(attachment);
}

/* A frame that lies outside its slot is refused, and given back: its slot is not lost. */
Test(housekeeping, frame_outside_its_slot)
{
	create(ZOE_MAILBOX_MUTEX, 0);
	seat_reader();
	cr_assert(zoe_reader_acquire(reader, &frame, ZOE_POLL) == 0);
	zoe_reader_release(reader, frame);
	publish(1);
	writer->records[writer->slots.latest].info.planes[0].offset_bytes = UINT64_MAX / 2;
	cr_assert(zoe_reader_acquire(reader, &frame, ZOE_POLL) == -EBADMSG && !frame);
	struct zi_mask granted = zi_grants_collect(&seat->grants);
	cr_assert(zi_mask_count(&granted) == 0 && zi_grants_waiting(&seat->grants) == 0);
	publish(1);
	cr_assert(zoe_reader_acquire(reader, &frame, ZOE_POLL) == 0 && frame->seq == 3);
}

/* Words that a reset makes anew, as the last reader and the writer's answers to it left them. */
static void wear_out(void)
{
	_Atomic uint64_t *counts[] = { &seat->received, &seat->displaced, &seat->withheld };
	_Atomic uint32_t *words[] = { &seat->owed, &seat->followed, &seat->wants_board, &seat->board_error };

	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		atomic_store(counts[i], 5);
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		atomic_store(words[i], 1);
	atomic_store(&writer->seat_controls[0].timing->age[0], 1);
	zi_grants_give(&seat->grants, 0);
}

static bool is_anew(void)
{
	uint32_t words = atomic_load(&seat->owed) | atomic_load(&seat->followed) | atomic_load(&seat->wants_board) |
		atomic_load(&seat->board_error) | atomic_load(&writer->seat_controls[0].timing->age[0]);
	uint64_t counts = atomic_load(&seat->received) | atomic_load(&seat->displaced) | atomic_load(&seat->withheld);

	return words == 0 && counts == 0 && !zi_grants_has(&seat->grants, 0) &&
		atomic_load(&seat->verdict) == ZI_VERDICT_PENDING;
}

/* The next reader of a seat begins with nothing of what was counted, noted or asked for by the last one. */
Test(housekeeping, seat_made_anew)
{
	create(ZOE_MAILBOX_MUTEX, 0);
	seat_reader();
	zoe_reader_detach(&reader);
	wear_out();
	keep_house();
	cr_assert(atomic_load(&seat->state) == ZI_SEAT_FREE && is_anew());
	cr_assert(writer->seat_controls[0].reserved == 0 && !writer->seat_controls[0].seated);
}

#ifdef __x86_64__
static uint64_t worn_incarnation;
static volatile sig_atomic_t n_looks, n_too_early;

/* Between two instructions of the writer's: who finds the seat free may claim it. */
static void look(int number)
{
	(void)number;
	n_looks++;
	if (atomic_load(&seat->state) == ZI_SEAT_FREE &&
		(!is_anew() || atomic_load(&seat->incarnation) == worn_incarnation))
		n_too_early++;
}

/* The processor's trap flag: a SIGTRAP after each instruction. */
#define TRAP_EACH() __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory", "cc")
#define TRAP_NONE() __asm__ volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "memory", "cc")

/* A reset keeps nobody out: that the seat is free is the last that it says, when all the rest is so. */
Test(housekeeping, free_is_said_last)
{
	const struct sigaction action = { .sa_handler = look };
	create(ZOE_MAILBOX_MUTEX, 0);
	seat_reader();
	zoe_reader_detach(&reader);
	wear_out();
	worn_incarnation = atomic_load(&seat->incarnation);
	sigaction(SIGTRAP, &action, NULL);
	TRAP_EACH();
	keep_house();
	TRAP_NONE();
	cr_assert(atomic_load(&seat->state) == ZI_SEAT_FREE && is_anew());
	cr_assert(n_looks > 100 && n_too_early == 0, "%d of %d times", (int)n_too_early, (int)n_looks);
}

/* With a sanitizer each of ours is many of the processor's. */
#ifdef __SANITIZE_ADDRESS__
#define STEP 50
#else
#define STEP 1
#endif

static volatile sig_atomic_t n_until_end;

static void welcome_and_end(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	if (--n_until_end > 0)
		return;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x100;
	keep_house();
	zoe_writer_end(writer, ZOE_POLL);
}

/* A pool that welcomes a reader and ends, between any two instructions of the reader's look: it has its seat. */
Test(housekeeping, welcome_and_end)
{
	const struct sigaction action = { .sa_sigaction = welcome_and_end, .sa_flags = SA_SIGINFO };
	const struct zi_request request = { .hold = 1, .depth = 1 };
	int error = 0, n = 0;

	sigaction(SIGTRAP, &action, NULL);
	while (error == 0) {
		struct zi_attachment *attachment;
		struct zi_follow follow = { 0 };
		create(ZOE_MAILBOX_MUTEX, 0);
		memcpy(follow.name, name, sizeof(name));
		cr_assert(zi_attachment_claim(&attachment, &follow, &request) == 0, "%s", zoe_error());
		n += STEP;
		n_until_end = n;
		TRAP_EACH();
		error = zi_attachment_await(attachment, name, ZOE_POLL);
		TRAP_NONE();
		zi_attachment_close(attachment);
		zoe_writer_destroy(&writer);
		close(fd);
	}
	/* Until it has looked for the last time: too late is another thing. */
	cr_assert(error == -EAGAIN && n > 20, "after %d instructions: %s", n, zoe_error());
}
#endif

/* A board is made once for who asks, and the asking is answered: also where it fails, so that it may ask again. */
Test(housekeeping, board_on_demand)
{
	create(ZOE_MAILBOX_MUTEX, 0);
	seat_reader();
	atomic_store(&seat->wants_board, 1);
	zi_housekeeping_run(writer);
	cr_assert(atomic_load(&seat->wants_board) == 0 && atomic_load(&writer->seats->board[0]) == 1);
	cr_assert(atomic_load(&writer->seats->n_boards) == 1 && writer->n_boards == 1);
	atomic_store(&seat->wants_board, 1);
	zi_housekeeping_run(writer);
	cr_assert(writer->n_boards == 1);
}

/* Seats of another life than the reel are not joined: who meets both just then looks again. */
Test(housekeeping, seats_of_another_epoch)
{
	const struct zi_owner anybody = { .any = true };
	struct zi_view view = { 0 };
	create(ZOE_MAILBOX_MUTEX, 0);
	cr_assert(zi_view_open(&view, name, &anybody) == 0, "%s", zoe_error());
	cr_assert(zi_view_open_seats(&view, name, O_RDWR) == 0, "%s", zoe_error());
	zi_view_close(&view);
	writer->seats->epoch++;
	memset(&view, 0, sizeof(view));
	cr_assert(zi_view_open(&view, name, &anybody) == 0, "%s", zoe_error());
	cr_assert(zi_view_open_seats(&view, name, O_RDWR) == -ESTALE);
	zi_view_close(&view);
}
