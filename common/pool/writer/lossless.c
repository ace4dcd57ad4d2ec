/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/writer/lossless.h"

#include <stdatomic.h>
#include <string.h>

#include "pool/writer/delivery.h"

static bool is_lossless(const struct zi_seat_control *control)
{
	return control->seated && control->policy.lossless;
}

uint32_t zi_lossless_count(const struct zoe_writer *writer)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < writer->n_used; i++)
		n += is_lossless(&writer->seat_controls[i]);
	return n;
}

/* Note the reader in this seat as one that is waited for, unless there is one already. */
static void wait_for(struct zoe_wait *wait, const struct zi_seat *seat, uint32_t i)
{
	if (wait->since_ns)
		return;
	wait->since_ns = 1;
	wait->pid = seat->pid;
	wait->seat = i;
	memcpy(wait->label, seat->label, sizeof(wait->label) - 1);
}

static bool has_member(const struct zoe_writer *writer, const struct zi_group *group)
{
	for (uint32_t i = 0; i < writer->n_used; i++) {
		const struct zi_seat_control *control = &writer->seat_controls[i];
		if (is_lossless(control) && control->group && strcmp(control->group->name, group->name) == 0)
			return true;
	}
	return false;
}

/* True when this lossless reader, or for a group another of its members, has its seat in the new pool. */
static bool has_followed(const struct zi_seat_control *control, const struct zoe_writer *successor)
{
	if (atomic_load(&control->seat->followed))
		return true;
	return control->group && has_member(successor, control->group);
}

/*
 * Those that are still to come from the pools before, and what these owe them. A pool that gave no
 * frame is passed through: its readers may be on their way to it from the one before.
 */
static bool look_back(struct zoe_writer *writer, const struct zoe_writer *successor, struct zoe_wait *wait)
{
	pthread_mutex_lock(&writer->mutex);
	bool left = writer->over;
	for (uint32_t i = 0; i < writer->n_used; i++) {
		const struct zi_seat_control *control = &writer->seat_controls[i];
		if (!is_lossless(control))
			continue;
		if (control->owed || (successor->reel->lossless && !has_followed(control, successor))) {
			wait_for(wait, control->seat, i);
			left = false;
		}
	}
	if (writer->predecessor && !look_back(writer->predecessor, successor, wait))
		left = false;
	pthread_mutex_unlock(&writer->mutex);
	return left;
}

/* Say in the reel who is waited for: whoever reads it finds since_ns 0 while the rest changes. */
static void tell(struct zi_reel *reel, const struct zoe_wait *wait)
{
	if (atomic_load_explicit(&reel->waits_since_ns, memory_order_relaxed) == wait->since_ns &&
		(!wait->since_ns || (reel->waits_for_pid == wait->pid && reel->waits_for_seat == wait->seat)))
		return;
	atomic_store(&reel->waits_since_ns, 0);
	atomic_thread_fence(memory_order_seq_cst);
	reel->waits_for_pid = wait->pid;
	reel->waits_for_seat = wait->seat;
	memcpy(reel->waits_for, wait->label, sizeof(reel->waits_for));
	atomic_store(&reel->waits_since_ns, wait->since_ns);
}

bool zi_lossless_ready(struct zoe_writer *writer)
{
	struct zoe_wait wait = { 0 };
	bool ready = true;

	for (uint32_t i = 0; i < writer->n_used; i++) {
		if (!zi_deliver_would_lose(writer, &writer->seat_controls[i]))
			continue;
		wait_for(&wait, writer->seat_controls[i].seat, i);
		ready = false;
	}
	if (writer->predecessor && !look_back(writer->predecessor, writer, &wait))
		ready = false;
	if (ready)
		writer->waits_since_ns = 0;
	else if (!writer->waits_since_ns)
		writer->waits_since_ns = zoe_now_ns();
	wait.since_ns = wait.since_ns ? writer->waits_since_ns : 0;
	tell(writer->reel, &wait);
	return ready;
}

void zi_lossless_give_up(struct zoe_writer *writer)
{
	const struct zoe_wait none = { 0 };

	writer->waits_since_ns = 0;
	tell(writer->reel, &none);
}
