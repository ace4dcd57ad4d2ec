/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bytes over everything that a reader can write, while the pool runs: a writer at
 * a thousand frames a second, a healthy reader that looks at every byte it is given, and one
 * scribbler after the other, each of which takes a seat, writes over it and the desk (which
 * is all that libzoetrope maps writable), goes on as a reader for half of the time, and dies.
 * Nobody else is hurt: each frame comes whole and in order, the writer never wants for a
 * slot, and what the dead had is there for the next.
 *
 * With the atomic mailbox that is all of the seat. With the mutex mailbox it is all but the
 * mutex itself, which is known to be able to harm whoever locks it.
 *
 * With --over all they map the whole of the seats object on purpose, as no reader does, and
 * write over header and everybody's seats. Then the healthy reader may lose its seat, its
 * frames and what was promised of them; but it lives, and the writer goes on as before.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/clock.h"
#include "pool/look.h"
#include "pool/mailbox.h"
#include "pool/object.h"
#include "program/option.h"

#define PICTURE 4096
#define SIDE 64
#define HOLD 2
#define DEPTH 1
#define SLOTS (2 + 2 * (HOLD + DEPTH))

/* A scribbler writes so many bytes at most. */
#define MOST_LIFE 1000000

/* Nothing takes longer, on however busy a machine: what hangs, hangs for good. */
#define BOUND_NS (5 * ZI_S)

struct settings {
	enum zoe_mailbox mailbox;
	bool all;
	uint64_t bytes, seed;
};

/* What the processes tell each other. */
static struct shared {
	atomic_ulong published, no_slot, failed, longest_publish_ns;
	atomic_ulong received, torn, disorder, errors, attached, longest_gap_ns;
	atomic_ulong scribbled;
	atomic_uint n_readers, n_held;
	atomic_bool over;
} *shared;

static struct settings settings = { .bytes = 10000000 };
static char name[ZOE_NAME_BYTES];
static uint64_t random_state;

/* xorshift64* */
static uint64_t roll(void)
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

static void publish(struct zoe_writer *writer)
{
	const struct zoe_frame_info info = {
		.width_px = SIDE, .height_px = SIDE, .format = "gray", .n_planes = 1,
		.planes = { { .stride_bytes = SIDE, .row_bytes = SIDE, .rows = SIDE } },
	};
	struct zoe_slot slot;
	int64_t before = zoe_now_ns();

	if (zoe_writer_begin(writer, &slot)) {
		atomic_fetch_add(&shared->no_slot, 1);
		return;
	}
	memset(slot.data, (int)(atomic_load(&shared->published) + 1), PICTURE);
	if (zoe_writer_publish(writer, slot.index, &info, 0, ZOE_POLL))
		atomic_fetch_add(&shared->failed, 1);
	else
		atomic_fetch_add(&shared->published, 1);
	raise_to(&shared->longest_publish_ns, zoe_now_ns() - before);
}

static int write_frames(void)
{
	const struct zoe_writer_options options = {
		.slot_bytes = PICTURE, .max_slots = SLOTS, .max_seats = 2, .mailbox = settings.mailbox,
	};
	struct zoe_writer_stats stats;
	struct zoe_writer *writer;

	if (zoe_writer_create(&writer, name, &options))
		return 1;
	while (!atomic_load(&shared->over)) {
		publish(writer);
		zoe_writer_get_stats(writer, &stats);
		atomic_store(&shared->n_readers, stats.n_readers);
		atomic_store(&shared->n_held, stats.n_held);
		usleep(1000);
	}
	zoe_writer_destroy(&writer);
	return 0;
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

/* Until the test is over, or something other than the next frame comes. */
static void read_on(struct zoe_reader *reader)
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
		atomic_fetch_add(&shared->received, 1);
		/* One is held while the next are waited for. */
		if (before)
			check(before);
		zoe_reader_release(reader, before);
		before = frame;
	}
	zoe_reader_release(reader, before);
}

static int read_frames(void)
{
	struct zoe_reader *reader;
	do {
		if (zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(settings.all ? 10 : 5000))) {
			atomic_fetch_add(&shared->errors, !atomic_load(&shared->over));
			usleep(1000);
			continue;
		}
		atomic_fetch_add(&shared->attached, 1);
		read_on(reader);
		zoe_reader_detach(&reader);
	} while (!atomic_load(&shared->over));
	return 0;
}

/* Where a scribbler may write. */
struct target {
	uint8_t *at;
	size_t bytes;
};

static struct target targets[4 * 2 + 2];
static unsigned n_targets;
static struct zi_seats *header, header_before;  /* with --over all */

static void add_target(uint8_t *at, size_t bytes)
{
	targets[n_targets++] = (struct target){ at, bytes };
}

/* A seat's fields, its mailbox as far as that does no harm, and the rest of its pages. */
static void add_seat(uint8_t *seat, const struct zi_look *look)
{
	size_t box = look->layout.mailbox_offset;
	size_t first = look->mailbox == ZOE_MAILBOX_MUTEX ? offsetof(struct zi_mailbox_mutex, cond) : 0;
	add_target(seat, sizeof(struct zi_seat));
	add_target(seat + box + first, sizeof(struct zi_mailbox) - first);
	add_target(seat + sizeof(struct zi_seat), box - sizeof(struct zi_seat));
	add_target(seat + box + sizeof(struct zi_mailbox), look->layout.seat_bytes - box - sizeof(struct zi_mailbox));
}

/* Map the seats, and note what of them is to be written over. */
static int find_targets(void)
{
	struct zi_look look = { 0 };
	if (zi_look_open(&look, name) || zi_look_open_seats(&look, name, O_RDWR))
		return -1;
	uint8_t *map = mmap(NULL, look.seats_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, look.fork.fds[ZI_SEATS], 0);
	if (map == MAP_FAILED)
		return -1;
	n_targets = 0;
	for (uint32_t i = 0; i < look.layout.n_seats; i++)
		if (settings.all || zi_look_seat(&look, i)->pid == (uint32_t)getpid())
			add_seat(map + look.layout.seats_offset + i * look.layout.seat_bytes, &look);
	add_target(map + look.layout.desk_offset, sizeof(struct zi_desk));
	if (settings.all)
		add_target(map, sizeof(struct zi_seats));
	header = (struct zi_seats *)map;
	header_before = look.layout;
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

static uint64_t life_bytes;

static int scribble_a_life(void)
{
	struct zoe_reader *reader = NULL;

	/* A seat that is not back by then is lost. Those who write over all need none. */
	if (!settings.all && (zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(3000)) || find_targets())) {
		fprintf(stderr, "a new scribbler: %s\n", zoe_error());
		return 3;
	}
	scribble_on(reader, life_bytes);
	if (roll() & 1)
		zoe_reader_detach(&reader);
	raise(SIGKILL);
	return 0;
}

static pid_t start(int (*run)(void))
{
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(run());
	}
	return pid;
}

static void show_end(const char *who, int status, unsigned *failures)
{
	if (status == 0)
		return;
	fprintf(stderr, "FAIL: %s: %s %d\n", who, WIFSIGNALED(status) ? "signal" : "exit",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	++*failures;
}

static void expect(bool holds, const char *what, unsigned *failures)
{
	if (holds)
		return;
	fprintf(stderr, "FAIL: %s\n", what);
	++*failures;
}

/* One scribbler after the other. A scribbler that its own bytes kill, or stop, is none of our business. */
static unsigned run_scribblers(unsigned *lost)
{
	unsigned lives = 0;
	while (atomic_load(&shared->scribbled) < settings.bytes && *lost < 3) {
		int status = 0;
		life_bytes = 1 + roll() % (settings.bytes / 20 < MOST_LIFE ? settings.bytes / 20 + 1 : MOST_LIFE);
		/* Or nobody would look any further: they say that the pool is damaged. */
		if (settings.all)
			*header = header_before;
		pid_t pid = start(scribble_a_life);
		for (int64_t end = zoe_now_ns() + 30 * ZI_S; waitpid(pid, &status, WNOHANG) == 0; usleep(1000))
			if (zoe_now_ns() > end)
				kill(pid, SIGKILL);
		/* The next one rolls other numbers. */
		roll();
		lives++;
		*lost += WIFEXITED(status) && WEXITSTATUS(status) == 3;
	}
	return lives;
}

/* What holds whatever anybody writes over the seats. */
static unsigned judge_writer(void)
{
	unsigned failures = 0;
	expect(atomic_load(&shared->no_slot) == 0, "the writer found no slot", &failures);
	expect(atomic_load(&shared->failed) == 0, "the writer could not publish", &failures);
	expect(atomic_load(&shared->longest_publish_ns) < BOUND_NS, "a publish took five seconds", &failures);
	return failures;
}

/* What holds for others, when everybody writes over what is his. */
static unsigned judge_others(unsigned lost)
{
	unsigned failures = 0;
	expect(atomic_load(&shared->received) > 0, "the healthy reader got nothing", &failures);
	expect(atomic_load(&shared->torn) == 0, "a torn frame", &failures);
	expect(atomic_load(&shared->disorder) == 0, "a frame out of order", &failures);
	expect(atomic_load(&shared->errors) == 0, "the healthy reader got an error", &failures);
	expect(lost == 0, "a dead scribbler's seat did not come back", &failures);
	expect(atomic_load(&shared->n_readers) == 1, "a dead scribbler still has a seat", &failures);
	expect(atomic_load(&shared->n_held) <= HOLD + DEPTH, "a dead scribbler still has slots", &failures);
	expect(atomic_load(&shared->longest_gap_ns) < BOUND_NS, "the healthy reader waited five seconds", &failures);
	return failures;
}

static void report(unsigned lives, unsigned lost, unsigned failures)
{
	printf("mailbox=%s over=%s bytes=%lu lives=%u published=%lu received=%lu torn=%lu disorder=%lu errors=%lu "
		"attached=%lu no_slot=%lu lost_seats=%u longest_publish_us=%lu longest_gap_ms=%lu failures=%u\n",
		settings.mailbox == ZOE_MAILBOX_ATOMIC ? "atomic" : "mutex", settings.all ? "all" : "own",
		atomic_load(&shared->scribbled), lives, atomic_load(&shared->published),
		atomic_load(&shared->received), atomic_load(&shared->torn), atomic_load(&shared->disorder),
		atomic_load(&shared->errors), atomic_load(&shared->attached), atomic_load(&shared->no_slot), lost,
		atomic_load(&shared->longest_publish_ns) / 1000, atomic_load(&shared->longest_gap_ns) / 1000000,
		failures);
}

static unsigned run(void)
{
	unsigned failures = 0, lost = 0;
	int writer_status, healthy_status;

	pid_t writer = start(write_frames);
	pid_t healthy = start(read_frames);
	for (int i = 0; i < 5000 && atomic_load(&shared->received) == 0; i++)
		usleep(1000);
	/* While the header is as it was made: who writes over it has it mapped already. */
	expect(!settings.all || find_targets() == 0, "cannot map the seats", &failures);
	unsigned lives = failures ? 0 : run_scribblers(&lost);
	/* What the last one had comes back. */
	for (int i = 0; i < 1000 && atomic_load(&shared->n_readers) != 1; i++)
		usleep(1000);
	usleep(20000);
	failures += judge_writer() + (settings.all ? 0 : judge_others(lost));
	atomic_store(&shared->over, true);
	waitpid(healthy, &healthy_status, 0);
	waitpid(writer, &writer_status, 0);
	show_end("the writer", writer_status, &failures);
	show_end("the healthy reader", healthy_status, &failures);
	report(lives, lost, failures);
	return failures;
}

static int parse_over(const char *value, void *into, const char **why)
{
	*why = "own or all";
	*(bool *)into = strcmp(value, "all") == 0;
	return strcmp(value, "all") && strcmp(value, "own") ? -1 : 0;
}

static const struct zi_option options[] = {
	{ 0, "mailbox", "KIND", zi_option_mailbox, offsetof(struct settings, mailbox), "mutex or atomic" },
	{ 0, "over", "WHAT", parse_over, offsetof(struct settings, all), "own (their own seat) or all" },
	{ 0, "bytes", "N", zi_option_bytes, offsetof(struct settings, bytes), "how many to write (10000000)" },
	{ 0, "seed", "N", zi_option_count, offsetof(struct settings, seed), "of the random numbers (the time)" },
};

static const struct zi_command command = {
	.name = "scribble",
	.usage = "[options]",
	.summary = "Write random bytes over what readers can write to, while the pool runs.",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
};

int main(int argc, char **argv)
{
	size_t n_operands;
	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &settings, NULL, &n_operands);
	if (outcome != ZI_OPTION_RUN)
		return outcome == ZI_OPTION_DONE ? 0 : 2;
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	if (!settings.seed)
		settings.seed = (uint64_t)zoe_now_ns();
	random_state = settings.seed | 1;
	snprintf(name, sizeof name, "scribble-%d", (int)getpid());
	printf("seed=%llu\n", (unsigned long long)settings.seed);
	return run() ? 1 : 0;
}
