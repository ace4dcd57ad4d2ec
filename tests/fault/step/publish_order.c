/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which a frame comes out: what it is before its number, its number before it is the latest, and
 * that before anybody is granted it. A writer publishes by single steps; after each instruction the pool is as others
 * may see it at that moment. (In the order of its own instructions, that is: no test on x86-64 can show another.)
 */
#include <stdio.h>

#if !defined(__x86_64__)

int main(void)
{
	puts("SKIPPED: single steps are written for x86_64");
	return 77;
}

#else

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/state/grants.h"
#include "pool/view/view.h"
#include "support/child.h"
#include "support/frame.h"
#include "support/name.h"
#include "trace.h"

#define FRAMES 8
#define PATIENCE_MS 10000

struct watch {
	char name[ZOE_NAME_BYTES];
	enum zoe_mailbox mailbox;
	struct zi_view view;
	bool open;
	/* States that the steps stopped in, of which there must be some. */
	unsigned changing, described, newest, granted;
	unsigned early;
};

static int publish_all(void *argument)
{
	const struct watch *watch = argument;
	const struct zoe_writer_options options = { .slot_bytes = 4096, .mailbox = watch->mailbox };
	struct zoe_frame_info info = gray_frame(64, 64);
	struct zoe_writer *writer;
	struct zoe_slot slot;
	int error = zoe_writer_create(&writer, watch->name, &options);
	if (!error)
		error = zoe_writer_announce(writer);
	if (!error)
		error = zoe_writer_wait_readers(writer, 1, zoe_deadline_in_ms(PATIENCE_MS));
	step_mark(0);
	for (int64_t seq = 1; seq <= FRAMES && !error; seq++) {
		error = zoe_writer_begin(writer, &slot);
		info.pts = seq;
		if (!error)
			error = zoe_writer_publish(writer, slot.index, &info, 0, ZOE_POLL);
	}
	step_mark(1);
	if (error)
		fprintf(stderr, "%s\n", zoe_error());
	zoe_writer_destroy(&writer);
	return error != 0;
}

/* A reader that takes nothing: what it is granted stays so until the next frame displaces it. */
static _Noreturn void be_granted(const char *name)
{
	struct zoe_reader *reader;
	int error = zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(PATIENCE_MS));
	if (error)
		fprintf(stderr, "%s\n", zoe_error());
	while (!error)
		pause();
	_exit(1);
}

/* Between two marks of the writer: it is there, and so is its reader. */
static void at_mark(void *director, int mark)
{
	struct watch *watch = director;
	const struct zi_owner anybody = { .any = true };
	if (mark == 0 && zi_view_open(&watch->view, watch->name, &anybody) == 0)
		watch->open = zi_view_open_seats(&watch->view, watch->name, O_RDONLY) == 0;
	if (!watch->open)
		fprintf(stderr, "%s\n", zoe_error());
	if (mark == 1)
		watch->open = false;
}

static bool is_granted(const struct watch *watch, uint32_t slot)
{
	for (uint32_t i = 0; i < watch->view.layout.n_seats; i++)
		if (atomic_load(&zi_view_seat(&watch->view, i)->grants.granted[slot / 64]) >> slot % 64 & 1)
			return true;
	return false;
}

static void between_instructions(void *director)
{
	struct watch *watch = director;
	if (!watch->open)
		return;
	uint64_t latest = zi_item_seq(atomic_load(&watch->view.reel->latest));
	for (uint32_t i = 0; i < atomic_load(&watch->view.reel->n_slots); i++) {
		const struct zi_record *record = &watch->view.records[i];
		uint64_t seq = atomic_load(&record->seq);
		bool described = record->info.pts == (int64_t)seq && record->info.published_ns != 0;
		bool granted = is_granted(watch, i);
		watch->changing += seq == 0;
		watch->described += seq > latest && described;
		watch->newest += seq == latest && !granted;
		watch->granted += seq == latest && granted;
		watch->early += seq && !described;
		watch->early += granted && (seq == 0 || seq > latest);
	}
}

static bool watch_publish(enum zoe_mailbox mailbox)
{
	struct watch watch = { .mailbox = mailbox };
	struct step_victim victim = {
		.at_mark = at_mark,
		.at_place = between_instructions,
		.director = &watch,
	};
	struct step_path path;
	own_pool_name(watch.name, "publish-order");
	pid_t reader = child_fork();
	if (reader == 0)
		be_granted(watch.name);
	step_begin(&victim, publish_all, &watch);
	bool good = step_record(&victim, &path);
	child_kill(&reader);
	zi_view_close(&watch.view);
	printf("mailbox=%s instructions=%u changing=%u described=%u newest=%u granted=%u early=%u\n",
		mailbox == ZOE_MAILBOX_ATOMIC ? "atomic" : "mutex", path.n, watch.changing, watch.described,
		watch.newest, watch.granted, watch.early);
	step_forget(&path);
	return good && watch.changing && watch.described && watch.newest && watch.granted && !watch.early;
}

int main(void)
{
	const char *why;
	if (!step_possible(&why)) {
		printf("SKIPPED: ptrace: %s\n", why);
		return 77;
	}
	step_watchdog(60);
	bool good = watch_publish(ZOE_MAILBOX_MUTEX);
	good = watch_publish(ZOE_MAILBOX_ATOMIC) && good;
	return !good;
}
#endif
