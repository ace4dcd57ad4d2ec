/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An actor: a process that does with a pool what it is told, a line at a time on stdin,
 * and answers each with a line on stdout: "ok …" or an errno's name. Tests direct several
 * of them, stop them and kill them. `actor` alone reads commands; see the table below.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "frame.h"

#define SIDE 64
#define MAX_HELD ZOE_MAX_HOLD
#define MAX_WORDS 16

static struct zoe_writer *writer, *predecessor;
static struct zoe_reader *reader;
static struct zoe_observer *observer;
static const struct zoe_frame *looked_at;
static const struct zoe_frame *held[MAX_HELD];
static int n_held;
static uint32_t kept[ZOE_MAX_SLOTS];
static int n_kept;
static uint64_t drawn;

struct words {
	int n;
	char *word[MAX_WORDS];
};

/* The number behind "key=" among the words, or the value that stands for none. */
static int64_t number(const struct words *words, const char *key, int64_t none)
{
	size_t length = strlen(key);
	for (int i = 1; i < words->n; i++)
		if (strncmp(words->word[i], key, length) == 0 && words->word[i][length] == '=')
			return atoll(words->word[i] + length + 1);
	return none;
}

static int has(const struct words *words, const char *word)
{
	for (int i = 1; i < words->n; i++)
		if (strcmp(words->word[i], word) == 0)
			return 1;
	return 0;
}

static void answer(int error)
{
	if (error)
		printf("%s %s\n", strerrorname_np(-error), zoe_error());
	else
		printf("ok\n");
}

/* A deadline is for what never comes; where that is to be expected it may be shorter. */
static int64_t deadline(const struct words *words)
{
	const char *patience = getenv("ZOE_TEST_PATIENCE_MS");
	int64_t ms = number(words, "ms", patience ? atoll(patience) : 20000);
	return ms == 0 ? ZOE_POLL : zoe_deadline_in_ms(ms);
}

/* create NAME [lossless] [pthread] [atomic] [after] [observers] [members=GID] [slots=N] [seats=N] [side=PIXELS]
 * [reserved=N] [max=BYTES] */
static void do_create(const struct words *words)
{
	uint32_t side = (uint32_t)number(words, "side", SIDE);
	char members[24];
	snprintf(members, sizeof(members), "%lld", (long long)number(words, "members", 0));
	struct zoe_writer_options options = {
		.slot_bytes = (uint64_t)side * side,
		.max_slots = (uint32_t)number(words, "slots", 0),
		.max_bytes = (uint64_t)number(words, "max", 0),
		.reserved_slots = (uint32_t)number(words, "reserved", 0),
		.lossless = has(words, "lossless"),
		.max_seats = (uint32_t)number(words, "seats", 0),
		.observers_group = has(words, "observers") ? "nogroup" : NULL,
		.members_group = members[0] == '0' ? NULL : members,
		.mailbox = has(words, "atomic") || getenv("ZOE_TEST_ATOMIC") ? ZOE_MAILBOX_ATOMIC : ZOE_MAILBOX_MUTEX,
		.cond = has(words, "pthread") ? ZOE_COND_PTHREAD : ZOE_COND_FUTEX,
	};
	if (has(words, "after")) {
		zoe_writer_destroy(&predecessor);
		options.predecessor = predecessor = writer;
	}
	answer(zoe_writer_create(&writer, words->n > 1 ? words->word[1] : "", &options));
}

static void do_announce(const struct words *words)
{
	(void)words;
	answer(zoe_writer_announce(writer));
}

/* Each pixel says which frame it belongs to; frames of different writers differ too. */
static uint8_t paint(uint64_t seq, uint64_t epoch)
{
	return (uint8_t)(seq * 31 + epoch);
}

static int publish_one(uint32_t side, unsigned flags, bool copied, int64_t deadline_ns)
{
	struct zoe_slot slot;
	struct zoe_writer_stats stats;
	int error = zoe_writer_begin(writer, &slot);
	if (error)
		return error;
	zoe_writer_get_stats(writer, &stats);
	memset(slot.data, paint(stats.published + 1, stats.epoch), (size_t)side * side);
	struct zoe_frame_info info = gray_frame(side, side);
	info.pts = (int64_t)drawn;
	info.time_base_num = 1;
	info.time_base_den = 25;
	info.flags = copied ? ZOE_FRAME_COPIED : 0;
	error = zoe_writer_publish(writer, slot.index, &info, flags, deadline_ns);
	if (error) {
		zoe_writer_let_go(writer, slot.index);
		return error;
	}
	drawn++;
	if (flags & ZOE_PUBLISH_KEEP)
		kept[n_kept++] = slot.index;
	return 0;
}

/* publish [N] [keep] [copied] [side=PIXELS] [ms=EACH] [pause_us=BETWEEN]: says the longest time that one took,
 * and the longest from the beginning of one to that of the next */
static void do_publish(const struct words *words)
{
	int n = words->n > 1 ? atoi(words->word[1]) : 1;
	int64_t longest = 0, longest_gap = 0, last_begin = 0, pause_us = number(words, "pause_us", 0);
	for (int i = 0; i < (n ? n : 1); i++) {
		int64_t begin = zoe_now_ns();
		if (i > 0 && begin - last_begin > longest_gap)
			longest_gap = begin - last_begin;
		last_begin = begin;
		int error = publish_one((uint32_t)number(words, "side", SIDE),
			has(words, "keep") ? ZOE_PUBLISH_KEEP : 0, has(words, "copied"), deadline(words));
		if (error) {
			answer(error);
			return;
		}
		int64_t took = zoe_now_ns() - begin;
		longest = took > longest ? took : longest;
		if (pause_us)
			usleep((useconds_t)pause_us);
	}
	printf("ok longest_us=%lld longest_gap_us=%lld\n", (long long)(longest / 1000),
		(long long)(longest_gap / 1000));
}

/* fill: begin a slot, draw over all of it what no frame has (each is of one colour), and leave it at that */
static void do_fill(const struct words *words)
{
	struct zoe_slot slot;
	(void)words;
	int error = zoe_writer_begin(writer, &slot);
	if (!error) {
		for (size_t i = 0; i < slot.size_bytes; i++)
			slot.data[i] = (uint8_t)(i & 1);
		kept[n_kept++] = slot.index;
	}
	answer(error);
}

/* epochs NAME N: as many lossless pools, one after the other, with a frame each */
static void do_epochs(const struct words *words)
{
	int n = words->n > 2 ? atoi(words->word[2]) : 1;
	struct zoe_writer_options options = {
		.slot_bytes = SIDE * SIDE,
		.lossless = true,
		.mailbox = getenv("ZOE_TEST_ATOMIC") ? ZOE_MAILBOX_ATOMIC : ZOE_MAILBOX_MUTEX,
	};
	int error = 0;
	for (int i = 0; i < n && !error; i++) {
		options.predecessor = predecessor = writer;
		error = zoe_writer_create(&writer, words->word[1], &options);
		if (!error)
			error = publish_one(SIDE, 0, false, zoe_deadline_in_ms(5000));
		zoe_writer_destroy(&predecessor);
	}
	answer(error);
}

/* withdraw: the oldest kept slot; letgo: end the hold on it */
static void do_withdraw(const struct words *words)
{
	(void)words;
	answer(zoe_writer_withdraw(writer, kept[0]));
}

static void do_letgo(const struct words *words)
{
	(void)words;
	zoe_writer_let_go(writer, kept[0]);
	memmove(kept, kept + 1, (size_t)--n_kept * sizeof(kept[0]));
	printf("ok\n");
}

static void do_readers(const struct words *words)
{
	answer(zoe_writer_wait_readers(writer, (uint32_t)number(words, "n", 1), deadline(words)));
}

static void do_stats(const struct words *words)
{
	struct zoe_writer_stats stats;
	(void)words;
	zoe_writer_get_stats(writer, &stats);
	printf("ok published=%llu slots=%u readers=%u held=%u busy=%llu\n", (unsigned long long)stats.published,
		stats.n_slots, stats.n_readers, stats.n_held, (unsigned long long)stats.n_busy);
}

static void do_lost(const struct words *words)
{
	zoe_writer_source_lost(writer, number(words, "is", 1));
	printf("ok\n");
}

static void do_end(const struct words *words)
{
	answer(zoe_writer_end(writer, deadline(words)));
}

static void do_destroy(const struct words *words)
{
	(void)words;
	zoe_writer_destroy(&predecessor);
	zoe_writer_destroy(&writer);
	printf("ok\n");
}

/* The word behind "key=", or NULL. */
static const char *text(const struct words *words, const char *key)
{
	size_t length = strlen(key);
	for (int i = 1; i < words->n; i++)
		if (strncmp(words->word[i], key, length) == 0 && words->word[i][length] == '=')
			return words->word[i] + length + 1;
	return NULL;
}

/* attach NAME [lossless] [hold=N] [depth=N] [every=N] [fps=N] [group=NAME] [label=WHO] [spin] [ms=WAIT] */
static void do_attach(const struct words *words)
{
	struct zoe_reader_options options = {
		.policy = has(words, "lossless") ? ZOE_LOSSLESS : ZOE_LATEST,
		.hold = (uint32_t)number(words, "hold", 0),
		.depth = (uint32_t)number(words, "depth", 0),
		.every = (uint32_t)number(words, "every", 0),
		.max_fps = (double)number(words, "fps", 0),
		.spin = has(words, "spin"),
		.group = text(words, "group"),
		.label = text(words, "label"),
	};
	answer(zoe_reader_attach(&reader, words->n > 1 ? words->word[1] : "", &options, deadline(words)));
}

static int whole(const struct zoe_frame *frame)
{
	uint8_t want = paint(frame->seq, frame->epoch);
	for (uint32_t y = 0; y < frame->info.planes[0].rows; y++)
		for (uint32_t x = 0; x < frame->info.planes[0].row_bytes; x++)
			if (frame->data[0][y * frame->info.planes[0].stride_bytes + x] != want)
				return 0;
	return 1;
}

/* acquire [ms=N]: says how long it took whatever came of it */
static void do_acquire(const struct words *words)
{
	const struct zoe_frame *frame;
	int64_t begin = zoe_now_ns();
	int error = zoe_reader_acquire(reader, &frame, deadline(words));
	long long took_ms = (zoe_now_ns() - begin) / 1000000;
	if (error) {
		printf("%s took_ms=%lld %s\n", strerrorname_np(-error), took_ms, zoe_error());
		return;
	}
	held[n_held++] = frame;
	printf("ok seq=%llu epoch=%llx skipped=%llu pts=%lld side=%u %s took_ms=%lld\n", (unsigned long long)frame->seq,
		(unsigned long long)frame->epoch, (unsigned long long)frame->skipped, (long long)frame->info.pts,
		frame->info.width_px, whole(frame) ? "whole" : "torn", took_ms);
}

static void release_first(void)
{
	zoe_reader_release(reader, held[0]);
	memmove(held, held + 1, (size_t)--n_held * sizeof(held[0]));
}

/* consume [ms=PATIENCE] [hold=N] [work_ms=EACH] [apart_ms=N] [list]: acquire and check until something else than a
 * frame comes; says the greatest age at which one came, how many were published at least so far apart, and which ones
 * came if asked to list them */
static void do_consume(const struct words *words)
{
	const struct zoe_frame *frame;
	int keep = (int)number(words, "hold", 0);
	useconds_t work_us = (useconds_t)number(words, "work_ms", 0) * 1000;
	int64_t apart_ns = number(words, "apart_ms", 0) * 1000000, counted_ns = -apart_ns;
	long long n = 0, n_apart = 0, torn = 0, skipped = 0, oldest_us = 0;
	char list[2048] = "";
	size_t length = 0;
	int error;
	while ((error = zoe_reader_acquire(reader, &frame, deadline(words))) == 0) {
		n++;
		skipped += (long long)frame->skipped;
		long long age_us = (zoe_now_ns() - frame->info.published_ns) / 1000;
		oldest_us = age_us > oldest_us ? age_us : oldest_us;
		if (frame->info.published_ns - counted_ns >= apart_ns) {
			counted_ns = frame->info.published_ns;
			n_apart++;
		}
		torn += !whole(frame);
		held[n_held++] = frame;
		if (has(words, "list") && length < sizeof(list) - 8)
			length += (size_t)snprintf(list + length, 8, "%llu,", (unsigned long long)frame->seq);
		usleep(work_us);
		while (n_held > keep) {
			torn += !whole(held[0]);
			release_first();
		}
	}
	printf("ok frames=%lld apart=%lld oldest_us=%lld torn=%lld skipped=%lld end=%s seqs=%s\n", n, n_apart,
		oldest_us, torn, skipped, strerrorname_np(-error), list);
}

static void do_check(const struct words *words)
{
	int torn = 0;
	(void)words;
	for (int i = 0; i < n_held; i++)
		torn += !whole(held[i]);
	printf("ok held=%d torn=%d\n", n_held, torn);
}

static void do_release(const struct words *words)
{
	for (int n = has(words, "all") ? n_held : 1; n > 0 && n_held > 0; n--)
		release_first();
	printf("ok\n");
}

static void do_status(const struct words *words)
{
	static const char *const names[] = { "live", "source-lost", "stalled", "ended", "writer-gone" };
	struct zoe_status status;
	(void)words;
	zoe_reader_get_status(reader, &status);
	printf("ok state=%s received=%llu skipped=%llu held=%u since_ms=%lld\n", names[status.state],
		(unsigned long long)status.received, (unsigned long long)status.skipped, status.n_held,
		(long long)((zoe_now_ns() - status.since_ns) / 1000000));
}

static void do_detach(const struct words *words)
{
	(void)words;
	n_held = 0;
	zoe_reader_detach(&reader);
	printf("ok\n");
}

/* open NAME [ms=WAIT]: as an observer */
static void do_open(const struct words *words)
{
	answer(zoe_observer_open(&observer, words->n > 1 ? words->word[1] : "", deadline(words)));
}

/* look [ms=N]: the newest frame, and whether it was whole when it had been looked at */
static void do_look(const struct words *words)
{
	int error = zoe_observer_next(observer, &looked_at, deadline(words));
	if (error) {
		printf("%s %s\n", strerrorname_np(-error), zoe_error());
		return;
	}
	const char *seen = whole(looked_at) ? "whole" : "torn";
	printf("ok seq=%llu epoch=%llx skipped=%llu side=%u %s check=%s\n", (unsigned long long)looked_at->seq,
		(unsigned long long)looked_at->epoch, (unsigned long long)looked_at->skipped, looked_at->info.width_px,
		seen, zoe_observer_check(observer) ? "overwritten" : "whole");
}

/* again: says whether the frame looked at before is still whole, by its pixels and by the check */
static void do_again(const struct words *words)
{
	(void)words;
	const char *seen = whole(looked_at) ? "whole" : "torn";
	printf("ok %s check=%s\n", seen, zoe_observer_check(observer) ? "overwritten" : "whole");
}

static void do_close(const struct words *words)
{
	(void)words;
	zoe_observer_close(&observer);
	printf("ok\n");
}

/* become UID: give up this process's rights */
static void do_become(const struct words *words)
{
	answer(words->n > 1 && setgid((gid_t)atoi(words->word[1])) == 0 && setuid((uid_t)atoi(words->word[1])) == 0
			? 0
			: -errno);
}

/* fork: says what the reader and the writer answer in a forked child */
static void do_fork(const struct words *words)
{
	int status;
	(void)words;
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		const struct zoe_frame *frame;
		struct zoe_slot slot;
		int bad = reader && zoe_reader_acquire(reader, &frame, ZOE_POLL) != -ECHILD;
		bad |= writer && zoe_writer_begin(writer, &slot) != -ECHILD;
		zoe_reader_detach(&reader);
		zoe_writer_destroy(&writer);
		_exit(bad);
	}
	waitpid(child, &status, 0);
	printf("ok child=%s\n", status == 0 ? "refused" : "wrong");
}

/* orphan: leave a child behind that lives on after this process's death */
static void do_orphan(const struct words *words)
{
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		fclose(stdout);
		usleep((useconds_t)number(words, "ms", 1000) * 1000);
		_exit(0);
	}
	printf("ok pid=%d\n", (int)child);
}

/* scribble: write into a held frame, which must be the end of this process */
static void do_scribble(const struct words *words)
{
	(void)words;
	signal(SIGSEGV, SIG_DFL); /* a sanitizer has its own ideas about it */
	*(volatile uint8_t *)(uintptr_t)held[0]->data[0] = 0;
	printf("ok wrote\n");
}

static const struct {
	const char *name;
	void (*run)(const struct words *words);
} commands[] = {
	{ "create", do_create },
	{ "announce", do_announce },
	{ "publish", do_publish },
	{ "fill", do_fill },
	{ "epochs", do_epochs },
	{ "withdraw", do_withdraw },
	{ "letgo", do_letgo },
	{ "readers", do_readers },
	{ "stats", do_stats },
	{ "lost", do_lost },
	{ "end", do_end },
	{ "destroy", do_destroy },
	{ "attach", do_attach },
	{ "acquire", do_acquire },
	{ "consume", do_consume },
	{ "check", do_check },
	{ "release", do_release },
	{ "status", do_status },
	{ "detach", do_detach },
	{ "fork", do_fork },
	{ "orphan", do_orphan },
	{ "scribble", do_scribble },
	{ "open", do_open },
	{ "look", do_look },
	{ "again", do_again },
	{ "close", do_close },
	{ "become", do_become },
};

static void obey(char *line)
{
	struct words words = { 0 };
	for (char *word = strtok(line, " \n"); word && words.n < MAX_WORDS; word = strtok(NULL, " \n"))
		words.word[words.n++] = word;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (words.n > 0 && strcmp(words.word[0], commands[i].name) == 0) {
			commands[i].run(&words);
			return;
		}
	}
	printf("unknown\n");
}

int main(void)
{
	char line[256];
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin))
		obey(line);
	zoe_observer_close(&observer);
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&predecessor);
	zoe_writer_destroy(&writer);
	return 0;
}
