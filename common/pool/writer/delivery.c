/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/writer/delivery.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "pool/system/probes.h"

/* What the seat still has of what it was given. Bits that it made up itself do not count. */
static struct zi_mask collect_outstanding(struct zi_seat_control *control)
{
	struct zi_mask granted = zi_grants_collect(control->box.grants);
	for (unsigned i = 0; i < sizeof(granted.word) / sizeof(granted.word[0]); i++)
		control->outstanding.word[i] &= granted.word[i];
	return control->outstanding;
}

void zi_deliver_outstanding(struct zoe_writer *writer, struct zi_mask *mask)
{
	memset(mask, 0, sizeof(*mask));
	for (uint32_t i = 0; i < writer->n_used; i++) {
		if (!writer->seat_controls[i].used)
			continue;
		struct zi_mask has = collect_outstanding(&writer->seat_controls[i]);
		for (unsigned j = 0; j < sizeof(has.word) / sizeof(has.word[0]); j++)
			mask->word[j] |= has.word[j];
	}
}

static bool put(struct zoe_writer *writer, struct zi_seat_control *control)
{
	uint64_t item = zi_writer_latest(writer);
	struct zi_put put;

	if (zi_mailbox_put(&control->box, item, &put))
		return false;
	control->asleep = put.asleep;
	ZI_PROBE(grant, writer->name, zi_seat_index(writer, control), zi_item_seq(item));
	if (put.displaced) {
		atomic_fetch_add(&control->seat->displaced, put.displaced);
		ZI_PROBE(drop, writer->name, zi_seat_index(writer, control), put.displaced);
	}
	zi_mask_add(&control->outstanding, zi_item_slot(item));
	struct zi_mask has = collect_outstanding(control);
	if (zi_mask_count(&has) <= control->reserved)
		return true;
	/*
	 * Only a seat that was written over gets here. It pins what is reserved for it, not more: taken back in
	 * our own book, too, since it may write that it has this one all the same.
	 */
	zi_grants_revoke(control->box.grants, zi_item_slot(item));
	zi_mask_remove(&control->outstanding, zi_item_slot(item));
	return false;
}

/* Say in the seat that it is owed the latest frame, or is not. */
static void note(struct zi_seat_control *control, bool owed)
{
	control->owed = owed;
	atomic_store(&control->seat->owed, owed);
}

/* Grant the latest frame to one seat, or note that it is owed. */
static bool deliver(struct zoe_writer *writer, struct zi_seat_control *control)
{
	bool done = put(writer, control);

	if (!done) {
		/*
		 * Noted before another try: a reader that has the lock now looks at the note after its
		 * unlock and rings, so one of the two sees the other. Nearly always the first try succeeds,
		 * and the note's cache line stays with the reader.
		 */
		note(control, true);
		done = put(writer, control);
		if (!done)
			ZI_PROBE(drop, writer->name, zi_seat_index(writer, control), 0);
	}
	if (done && control->owed)
		note(control, false);
	return done;
}

/* Wake those who were granted something in their sleep: all grants come before the first system call. */
static void wake(struct zoe_writer *writer)
{
	for (uint32_t i = 0; i < writer->n_used; i++) {
		struct zi_seat_control *control = &writer->seat_controls[i];
		if (!control->asleep)
			continue;
		ZI_PROBE(wake, writer->name, i);
		zi_mailbox_ring(&control->box);
		control->asleep = false;
	}
}

/* Groups */

static bool is_member(const struct zi_seat_control *control, const struct zi_group *group)
{
	return control->seated && control->group == group;
}

/* True when this member has space for a frame that it would work on at once. */
static bool is_idle(struct zi_seat_control *control)
{
	struct zi_mask has = collect_outstanding(control);
	return zi_grants_waiting(control->box.grants) == 0 && zi_mask_count(&has) < control->policy.hold;
}

static void note_group(struct zoe_writer *writer, const struct zi_group *group, bool owed)
{
	for (uint32_t i = 0; i < writer->n_used; i++)
		if (is_member(&writer->seat_controls[i], group))
			note(&writer->seat_controls[i], owed);
}

/* Of the idle members not tried yet the one that has waited longest. */
static struct zi_seat_control *choose(struct zoe_writer *writer, const struct zi_group *group, uint64_t tried)
{
	struct zi_seat_control *chosen = NULL;
	int64_t now = zoe_now_ns();

	for (uint32_t i = 0; i < writer->n_used; i++) {
		struct zi_seat_control *control = &writer->seat_controls[i];
		if (!is_member(control, group) || tried >> i & 1 || !is_idle(control) ||
			!zi_policy_wants(&control->policy, writer->slots.seq, now))
			continue;
		if (!chosen || control->policy.next_seq < chosen->policy.next_seq)
			chosen = control;
	}
	return chosen;
}

/* The latest frame to one idle member, or note with all of them that who is idle first gets it. */
static bool deliver_to_group(struct zoe_writer *writer, struct zi_group *group)
{
	struct zi_seat_control *control;
	uint64_t tried = 0;

	if (group->given_seq == writer->slots.seq)
		return true;
	/* Noted before the choice, as above: who becomes idle meanwhile sees it, and rings. */
	note_group(writer, group, true);
	while ((control = choose(writer, group, tried))) {
		if (put(writer, control)) {
			group->given_seq = writer->slots.seq;
			zi_policy_pass(&control->policy, writer->slots.seq, zoe_now_ns());
			note_group(writer, group, false);
			return true;
		}
		tried |= UINT64_C(1) << zi_seat_index(writer, control);
	}
	return false;
}

void zi_deliver_quit(struct zi_seat_control *control)
{
	if (control->group)
		control->group->n_members--;
	control->group = NULL;
}

void zi_deliver_join(struct zoe_writer *writer, struct zi_seat_control *control, const char *name)
{
	struct zi_group *unused = NULL;

	zi_deliver_quit(control);
	if (!name[0])
		return;
	for (uint32_t i = 0; i < writer->n_groups && !control->group; i++) {
		struct zi_group *group = &writer->groups[i];
		if (strcmp(group->name, name) == 0)
			control->group = group;
		else if (group->n_members == 0)
			unused = group;
	}
	if (!control->group) {
		/* One that is empty keeps its name while it can: a worker that comes back gets no frame again. */
		control->group = writer->n_groups < ZOE_MAX_SEATS ? &writer->groups[writer->n_groups++] : unused;
		assert(control->group); /* there are as many groups as seats */
		*control->group = (struct zi_group){ 0 };
		snprintf(control->group->name, sizeof(control->group->name), "%s", name);
	}
	control->group->n_members++;
}

/* Everybody */

void zi_deliver_to_all(struct zoe_writer *writer, int64_t now_ns)
{
	assert(writer->slots.seq > 0);
	for (uint32_t i = 0; i < writer->n_used; i++) {
		struct zi_seat_control *control = &writer->seat_controls[i];
		if (!control->seated || control->group)
			continue;
		if (!zi_policy_wants(&control->policy, writer->slots.seq, now_ns)) {
			atomic_fetch_add(&control->seat->withheld, 1);
			continue;
		}
		zi_policy_pass(&control->policy, writer->slots.seq, now_ns);
		if (!deliver(writer, control))
			writer->n_busy++;
	}
	for (uint32_t i = 0; i < writer->n_groups; i++)
		if (writer->groups[i].n_members > 0)
			deliver_to_group(writer, &writer->groups[i]);
	wake(writer);
}

void zi_deliver_to(struct zoe_writer *writer, struct zi_seat_control *control)
{
	assert(control->seated && writer->slots.seq > 0);
	if (control->group)
		deliver_to_group(writer, control->group);
	else
		deliver(writer, control);
	wake(writer);
}

static bool owes(const struct zoe_writer *writer, bool lossless_only)
{
	for (uint32_t i = 0; i < writer->n_used; i++) {
		const struct zi_seat_control *control = &writer->seat_controls[i];
		/* Nobody waits for the busy members of a group that may miss frames. */
		if (control->seated && control->owed &&
			(control->policy.lossless || (!control->group && !lossless_only)))
			return true;
	}
	return false;
}

bool zi_deliver_owes(const struct zoe_writer *writer)
{
	return owes(writer, false);
}

bool zi_deliver_owes_lossless(const struct zoe_writer *writer)
{
	return owes(writer, true);
}

bool zi_deliver_would_lose(struct zoe_writer *writer, struct zi_seat_control *control)
{
	if (!control->seated || !control->policy.lossless)
		return false;
	if (control->owed)
		return true;
	if (!zi_policy_wants(&control->policy, writer->slots.seq + 1, zoe_now_ns()))
		return false;
	if (!control->group)
		return zi_grants_waiting(control->box.grants) >= control->box.depth;
	for (uint32_t i = 0; i < writer->n_used; i++)
		if (is_member(&writer->seat_controls[i], control->group) && is_idle(&writer->seat_controls[i]))
			return false;
	return true;
}
