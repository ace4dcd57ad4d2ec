/* SPDX-License-Identifier: BSD-2-Clause */
/* Posting a result on the board of one's seat, whole or not at all. */
#include <zoetrope/result.h>

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "pool/layout/marks.h"
#include "pool/reader/state.h"
#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/object.h"

/* What the writer may take to make a board, and how often we look up whether it lives meanwhile. */
#define GRACE_NS ZI_S
#define LOOK_UP_NS (50 * ZI_MS)

static int check(const struct zoe_mark *marks, uint32_t n_marks, const char *json)
{
	if (n_marks > ZOE_MAX_MARKS)
		return zi_fail(EINVAL, "%u marks are too many for one result: at most %d", n_marks, ZOE_MAX_MARKS);
	for (uint32_t i = 0; i < n_marks; i++) {
		const char *fault = zi_mark_fault(&marks[i]);
		if (fault)
			return zi_fail(EINVAL, "mark %u %s", i, fault);
	}
	if (json && strnlen(json, ZOE_MAX_JSON_BYTES) == ZOE_MAX_JSON_BYTES)
		return zi_fail(EINVAL, "the JSON text is too long for one result: at most %d bytes",
			ZOE_MAX_JSON_BYTES - 1);
	return 0;
}

/* The attachment that this frame came through, while its seat is ours. */
static struct zi_attachment *attachment_of(const struct zoe_reader *reader, const struct zoe_frame *frame)
{
	struct zi_attachment *attachment = reader->attachment;
	if (!attachment || attachment->view.reel->epoch != frame->epoch)
		for (attachment = reader->old; attachment && attachment->view.reel->epoch != frame->epoch;
			attachment = attachment->older)
			;
	return attachment && attachment->seat && attachment->seated && zi_attachment_owns_seat(attachment) ? attachment
													   : NULL;
}

/* The number of the newest result: readers who had this seat before have posted, too. */
static uint64_t newest_number(const struct zi_board *board)
{
	uint64_t newest = 0;
	for (int i = 0; i < ZI_BOARD_POSTS; i++) {
		uint64_t number = atomic_load(&board->post[i].number);
		if (number > newest)
			newest = number;
	}
	/* Such a number stands there only if somebody wrote over it. */
	return newest < UINT64_MAX / 2 ? newest : 0;
}

static int map_board(struct zi_attachment *attachment, const char *name, uint32_t number)
{
	const struct zi_seats *layout = &attachment->view.layout;

	if (!zi_view_board(&attachment->view, number - 1))
		return zi_fail(ENOSPC, "pool '%s' has no board for this reader", name);
	attachment->board_bytes = layout->board_bytes;
	attachment->board = zi_object_map(attachment->view.descriptors.fds[ZI_SEATS],
		layout->boards_offset + (number - 1) * layout->board_bytes, layout->board_bytes, true);
	if (!attachment->board)
		return zi_fail(errno, "cannot map a board of pool '%s': %s", name, strerror(errno));
	attachment->posted = newest_number(attachment->board);
	return 0;
}

static void ask_for_board(struct zi_attachment *attachment)
{
	/* It may have been refused once; there may be room by now. */
	atomic_store(&attachment->seat->board_error, 0);
	atomic_store(&attachment->seat->wants_board, 1);
	zi_futex_ring(&attachment->doorbells->doorbell);
}

/* Ask the writer for a board, if the seat has none yet, and map it. */
static int find_board(struct zi_attachment *attachment, const char *name)
{
	const _Atomic uint32_t *board = &attachment->view.seats->board[attachment->seat_index];
	int64_t deadline = zoe_now_ns() + GRACE_NS;
	uint32_t number;

	for (bool asked = false; (number = atomic_load(board)) == 0; asked = true) {
		uint32_t error = asked ? atomic_load(&attachment->seat->board_error) : 0;
		/* In shared memory there may stand any number: of two kinds is what it can mean. */
		if (error)
			return zi_fail(error == ENOMEM ? ENOMEM : ENOSPC,
				"pool '%s' could not get the shared memory for results", name);
		if (zi_view_state(&attachment->view, true) != ZI_VIEW_LIVE || !zi_attachment_owns_seat(attachment))
			return zi_fail(ESTALE, "pool '%s' ended just now", name);
		if (zoe_now_ns() >= deadline)
			return zi_fail(ETIMEDOUT, "the writer of pool '%s' (pid %u) does not answer: is it stopped?",
				name, attachment->view.reel->writer_pid);
		if (!asked)
			ask_for_board(attachment);
		zi_futex_wait(board, 0, zi_slice(deadline, LOOK_UP_NS));
	}
	return map_board(attachment, name, number);
}

static void write_post(struct zi_post *post, int64_t posted_ns, const struct zoe_frame *frame,
	const struct zoe_mark *marks, uint32_t n_marks, const char *json)
{
	post->seq = frame->seq;
	post->posted_ns = posted_ns;
	post->n_marks = n_marks;
	post->json_bytes = json ? (uint32_t)strlen(json) : 0;
	if (n_marks)
		memcpy(post->marks, marks, n_marks * sizeof(*marks));
	if (json)
		memcpy(post->json, json, post->json_bytes);
}

int zoe_reader_post(struct zoe_reader *reader, const struct zoe_frame *frame, const struct zoe_mark *marks,
	uint32_t n_marks, const char *json)
{
	if (zi_descriptors_check(&reader->follow.descriptors, "reader"))
		return -ECHILD;
	int error = check(marks, n_marks, json);
	if (error)
		return error;
	struct zi_attachment *attachment = attachment_of(reader, frame);
	if (!attachment)
		return zi_fail(ESTALE, "frame %llu of pool '%s' is of an epoch that is over",
			(unsigned long long)frame->seq, reader->follow.name);
	if (!attachment->board && (error = find_board(attachment, reader->follow.name)))
		return error;

	uint64_t number = ++attachment->posted;
	struct zi_post *post = &attachment->board->post[number % ZI_BOARD_POSTS];
	/* Who reads it meanwhile finds another number afterwards; who dies here leaves the two results before. */
	atomic_store(&post->number, 0);
	atomic_thread_fence(memory_order_seq_cst);
	memcpy(post->worker, reader->request.label, sizeof(post->worker));
	write_post(post, (int64_t)((uint64_t)zoe_now_ns() - (uint64_t)attachment->view.clock_ns), frame, marks, n_marks,
		json);
	atomic_store_explicit(&post->number, number, memory_order_release);
	zi_futex_ring(&attachment->doorbells->posts);
	return 0;
}
