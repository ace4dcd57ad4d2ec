/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/writer/delivery.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "pool/system/probes.h"

/* What the seat still has of what it was given. Bits that it made up itself do not count. */
static struct zi_mask outstanding(struct zi_place *place)
{
	struct zi_mask granted = zi_grants_collect(place->box.grants);
	for (unsigned i = 0; i < sizeof granted.word / sizeof granted.word[0]; i++)
		place->given.word[i] &= granted.word[i];
	return place->given;
}

void zi_deliver_outstanding(struct zoe_writer *writer, struct zi_mask *mask)
{
	memset(mask, 0, sizeof *mask);
	for (uint32_t i = 0; i < writer->n_used; i++) {
		if (!writer->places[i].used)
			continue;
		struct zi_mask has = outstanding(&writer->places[i]);
		for (unsigned j = 0; j < sizeof has.word / sizeof has.word[0]; j++)
			mask->word[j] |= has.word[j];
	}
}

static bool put(struct zoe_writer *writer, struct zi_place *place)
{
	uint64_t item = zi_writer_latest(writer);
	struct zi_put put;

	if (zi_mailbox_put(&place->box, item, &put))
		return false;
	place->asleep = put.asleep;
	ZI_PROBE(grant, writer->name, zi_seat_index(writer, place), zi_item_seq(item));
	if (put.displaced) {
		atomic_fetch_add(&place->seat->displaced, put.displaced);
		ZI_PROBE(drop, writer->name, zi_seat_index(writer, place), put.displaced);
	}
	zi_mask_add(&place->given, zi_item_slot(item));
	struct zi_mask has = outstanding(place);
	if (zi_mask_count(&has) <= place->promised)
		return true;
	/*
	 * Only a seat that was written over gets here. It pins what it was promised, not more: taken back in
	 * our own book, too, since it may write that it has this one all the same.
	 */
	zi_grants_revoke(place->box.grants, zi_item_slot(item));
	zi_mask_remove(&place->given, zi_item_slot(item));
	return false;
}

/* Say in the seat that it is owed the latest frame, or is not. */
static void note(struct zi_place *place, bool owed)
{
	place->owed = owed;
	atomic_store(&place->seat->owed, owed);
}

/* Grant the latest frame to one seat, or note that it is owed. */
static bool deliver(struct zoe_writer *writer, struct zi_place *place)
{
	bool done = put(writer, place);

	if (!done) {
		/*
		 * Noted before another try: a reader that has the lock now looks at the note after its
		 * unlock and rings, so one of the two sees the other. Nearly always the first try succeeds,
		 * and the note's cache line stays with the reader.
		 */
		note(place, true);
		done = put(writer, place);
		if (!done)
			ZI_PROBE(drop, writer->name, zi_seat_index(writer, place), 0);
	}
	if (done && place->owed)
		note(place, false);
	return done;
}

/* Wake those who were granted something in their sleep: all grants come before the first system call. */
static void wake(struct zoe_writer *writer)
{
	for (uint32_t i = 0; i < writer->n_used; i++) {
		struct zi_place *place = &writer->places[i];
		if (!place->asleep)
			continue;
		ZI_PROBE(wake, writer->name, i);
		zi_mailbox_ring(&place->box);
		place->asleep = false;
	}
}

/* Groups */

static bool is_member(const struct zi_place *place, const struct zi_group *group)
{
	return place->seated && place->group == group;
}

/* Has this member room for a frame that it would work on at once? */
static bool is_idle(struct zi_place *place)
{
	struct zi_mask has = outstanding(place);
	return zi_grants_waiting(place->box.grants) == 0 && zi_mask_count(&has) < place->policy.hold;
}

static void note_group(struct zoe_writer *writer, const struct zi_group *group, bool owed)
{
	for (uint32_t i = 0; i < writer->n_used; i++)
		if (is_member(&writer->places[i], group))
			note(&writer->places[i], owed);
}

/* Of the idle members not tried yet the one that has waited longest. */
static struct zi_place *choose(struct zoe_writer *writer, const struct zi_group *group, uint64_t tried)
{
	struct zi_place *chosen = NULL;
	int64_t now = zoe_now_ns();

	for (uint32_t i = 0; i < writer->n_used; i++) {
		struct zi_place *place = &writer->places[i];
		if (!is_member(place, group) || tried >> i & 1 || !is_idle(place) ||
			!zi_policy_wants(&place->policy, writer->slots.seq, now))
			continue;
		if (!chosen || place->policy.next_seq < chosen->policy.next_seq)
			chosen = place;
	}
	return chosen;
}

/* The latest frame to one idle member, or note with all of them that who is idle first gets it. */
static bool deliver_to_group(struct zoe_writer *writer, struct zi_group *group)
{
	struct zi_place *place;
	uint64_t tried = 0;

	if (group->given_seq == writer->slots.seq)
		return true;
	/* Noted before the choice, as above: who becomes idle meanwhile sees it, and rings. */
	note_group(writer, group, true);
	while ((place = choose(writer, group, tried))) {
		if (put(writer, place)) {
			group->given_seq = writer->slots.seq;
			zi_policy_pass(&place->policy, writer->slots.seq, zoe_now_ns());
			note_group(writer, group, false);
			return true;
		}
		tried |= UINT64_C(1) << zi_seat_index(writer, place);
	}
	return false;
}

void zi_deliver_quit(struct zi_place *place)
{
	if (place->group)
		place->group->n_members--;
	place->group = NULL;
}

void zi_deliver_join(struct zoe_writer *writer, struct zi_place *place, const char *name)
{
	struct zi_group *unused = NULL;

	zi_deliver_quit(place);
	if (!name[0])
		return;
	for (uint32_t i = 0; i < writer->n_groups && !place->group; i++) {
		struct zi_group *group = &writer->groups[i];
		if (strcmp(group->name, name) == 0)
			place->group = group;
		else if (group->n_members == 0)
			unused = group;
	}
	if (!place->group) {
		/* One that is empty keeps its name while it can: a worker that comes back gets no frame again. */
		place->group = writer->n_groups < ZOE_MAX_SEATS ? &writer->groups[writer->n_groups++] : unused;
		*place->group = (struct zi_group){ 0 };
		snprintf(place->group->name, sizeof place->group->name, "%s", name);
	}
	place->group->n_members++;
}

/* Everybody */

void zi_deliver_to_all(struct zoe_writer *writer, int64_t now_ns)
{
	for (uint32_t i = 0; i < writer->n_used; i++) {
		struct zi_place *place = &writer->places[i];
		if (!place->seated || place->group)
			continue;
		if (!zi_policy_wants(&place->policy, writer->slots.seq, now_ns)) {
			atomic_fetch_add(&place->seat->withheld, 1);
			continue;
		}
		zi_policy_pass(&place->policy, writer->slots.seq, now_ns);
		if (!deliver(writer, place))
			writer->n_busy++;
	}
	for (uint32_t i = 0; i < writer->n_groups; i++)
		if (writer->groups[i].n_members > 0)
			deliver_to_group(writer, &writer->groups[i]);
	wake(writer);
}

void zi_deliver_to(struct zoe_writer *writer, struct zi_place *place)
{
	if (place->group)
		deliver_to_group(writer, place->group);
	else
		deliver(writer, place);
	wake(writer);
}

bool zi_deliver_owes(const struct zoe_writer *writer)
{
	for (uint32_t i = 0; i < writer->n_used; i++) {
		const struct zi_place *place = &writer->places[i];
		/* Nobody waits for the busy members of a group that may miss frames. */
		if (place->seated && place->owed && (!place->group || place->policy.lossless))
			return true;
	}
	return false;
}

/* Would this lossless seat lose the next frame if it were published now? */
static bool would_lose(struct zoe_writer *writer, struct zi_place *place)
{
	if (place->owed)
		return true;
	if (!zi_policy_wants(&place->policy, writer->slots.seq + 1, zoe_now_ns()))
		return false;
	if (!place->group)
		return zi_grants_waiting(place->box.grants) >= place->box.depth;
	for (uint32_t i = 0; i < writer->n_used; i++)
		if (is_member(&writer->places[i], place->group) && is_idle(&writer->places[i]))
			return false;
	return true;
}

bool zi_deliver_has_room(struct zoe_writer *writer)
{
	for (uint32_t i = 0; i < writer->n_used; i++) {
		struct zi_place *place = &writer->places[i];
		if (place->seated && place->policy.lossless && would_lose(writer, place))
			return false;
	}
	return true;
}
