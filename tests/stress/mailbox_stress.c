/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One writer and several readers over slots, grants and mailboxes in ordinary memory, as
 * threads, so that ThreadSanitizer sees every access to the pixels. (In a real pool each
 * process has its own mapping, and the sanitizer takes two addresses for two places.)
 *
 * The pixels are plain memory: if a return did not order a reader's looking before the
 * writer's next drawing, or a grant the drawing before the looking, this is a reported
 * race; if a held slot were given out, a torn frame.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool/mailbox/mailbox.h"
#include "pool/state/slots.h"
#include "pool/system/clock.h"

#define READERS 3
#define HOLD 2
#define MAX_DEPTH 4
#define SLOTS (2 + READERS * (HOLD + MAX_DEPTH))
#define WORDS 256

static struct zi_record records[ZOE_MAX_SLOTS];
static uint64_t pixels[SLOTS][WORDS];
static struct zi_mailbox boxes[READERS];
static struct zi_grants grants[READERS];
static struct zi_mailbox_view views[READERS];
static atomic_bool over;
static atomic_ulong torn, looked, unordered, leaked;

static void check(uint64_t item)
{
	const uint64_t *words = pixels[zi_item_slot(item)];
	for (int i = 0; i < WORDS; i++) {
		if (words[i] != zi_item_seq(item)) {
			atomic_fetch_add(&torn, 1);
			return;
		}
	}
}

static void *read_frames(void *argument)
{
	struct zi_mailbox_view *view = argument;
	uint64_t held[HOLD], last = 0;
	int n = 0;
	while (!atomic_load(&over)) {
		uint64_t item;
		if (n == HOLD) {
			check(held[0]);
			zi_grants_return(view->grants, zi_item_slot(held[0]));
			memmove(held, held + 1, (size_t)--n * sizeof(held[0]));
		}
		if (zi_mailbox_take(view, &item, zoe_now_ns() + 2 * ZI_MS))
			continue;
		check(item);
		if (item <= last)
			atomic_fetch_add(&unordered, 1);
		last = item;
		held[n++] = item;
		atomic_fetch_add(&looked, 1);
	}
	while (n > 0)
		zi_grants_return(view->grants, zi_item_slot(held[--n]));
	return NULL;
}

static void publish(struct zi_slots *slots)
{
	struct zi_mask granted = { 0 };
	struct zi_put put;
	for (int i = 0; i < READERS; i++) {
		struct zi_mask has = zi_grants_collect(&grants[i]);
		for (int j = 0; j < ZOE_MAX_SLOTS / 64; j++)
			granted.word[j] |= has.word[j];
	}
	int slot = zi_slots_choose(slots, &granted);
	if (slot < 0 && slots->n < SLOTS)
		slot = (int)zi_slots_add(slots);
	if (slot < 0) {
		fprintf(stderr, "no free slot, though everybody had the slots that are reserved\n");
		exit(1);
	}
	zi_slots_begin(slots, (uint32_t)slot);
	for (int i = 0; i < WORDS; i++)
		pixels[slot][i] = slots->seq + 1;
	uint64_t seq = zi_slots_publish(slots, (uint32_t)slot, false);
	atomic_store(&records[slot].seq, seq);
	for (int i = 0; i < READERS; i++)
		if (zi_mailbox_put(&views[i], zi_item(seq, (uint32_t)slot), &put) == 0 && put.asleep)
			zi_mailbox_ring(&views[i]);
}

static unsigned long run(enum zoe_mailbox mailbox, enum zoe_cond cond, uint32_t depth, int64_t ns)
{
	static struct zi_slots slots;
	pthread_t threads[READERS];
	atomic_store(&over, false);
	zi_slots_init(&slots, SLOTS);
	for (int i = 0; i < READERS; i++) {
		views[i] = (struct zi_mailbox_view){
			.body = zi_mailbox_body(mailbox),
			.shared = &boxes[i],
			.grants = &grants[i],
			.records = records,
			.n_slots = ZOE_MAX_SLOTS,
			.depth = depth,
			.cond = cond,
		};
		if (zi_mailbox_init(&views[i]) || pthread_create(&threads[i], NULL, read_frames, &views[i]))
			exit(1);
	}
	for (int64_t end = zoe_now_ns() + ns; zoe_now_ns() < end;)
		publish(&slots);
	atomic_store(&over, true);
	for (int i = 0; i < READERS; i++) {
		uint64_t item;
		pthread_join(threads[i], NULL);
		while (zi_mailbox_take(&views[i], &item, ZOE_POLL) == 0)
			zi_grants_return(views[i].grants, zi_item_slot(item));
		struct zi_mask left = zi_grants_collect(&grants[i]);
		atomic_fetch_add(&leaked, zi_mask_count(&left));
	}
	return slots.seq;
}

int main(int argc, char **argv)
{
	int64_t ns = (argc > 1 ? atoll(argv[1]) : 1) * ZI_S;
	unsigned long published = 0;
	for (uint32_t depth = 1; depth <= MAX_DEPTH; depth += MAX_DEPTH - 1) {
		published += run(ZOE_MAILBOX_MUTEX, ZOE_COND_FUTEX, depth, ns);
		published += run(ZOE_MAILBOX_MUTEX, ZOE_COND_PTHREAD, depth, ns);
		published += run(ZOE_MAILBOX_ATOMIC, ZOE_COND_FUTEX, depth, ns);
	}
	printf("published=%lu looked=%lu torn=%lu unordered=%lu leaked=%lu\n", published, looked, torn, unordered,
		leaked);
	return torn || unordered || leaked || looked == 0;
}
