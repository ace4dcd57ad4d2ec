/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each epoch names the one before it as its predecessor, so none leaves from the middle
 * of the list: epochs leave at its head, or all those without the name leave together.
 */
#include "epoch_list.h"

#include <stdio.h>
#include <string.h>

#include <libavutil/pixdesc.h>

/* The least that a slot may have. */
#define EMPTY_SLOT_BYTES 4096

void epoch_list_init(struct epoch_list *list, const struct settings *settings)
{
	*list = (struct epoch_list){ .settings = settings };
	pthread_mutex_init(&list->lock, NULL);
}

void epoch_list_lock(struct epoch_list *list)
{
	pthread_mutex_lock(&list->lock);
}

void epoch_list_unlock(struct epoch_list *list)
{
	pthread_mutex_unlock(&list->lock);
}

int epoch_list_prepare(struct epoch_list *list, const struct layout *layout, uint32_t n_reserved, struct epoch **out)
{
	const struct settings *settings = list->settings;
	struct zoe_frame_info stream = list->stream;
	struct zoe_writer_options options = {
		.slot_bytes = layout->total_bytes,
		.max_slots = settings->max_slots,
		.max_bytes = settings->max_bytes,
		.reserved_slots = n_reserved,
		.lossless = settings->lossless,
		.mailbox = settings->mailbox,
		.cond = settings->cond,
		.members_group = settings->members_group,
		.observers_group = settings->observers_group,
		.stream = &stream,
		.predecessor = list->last ? list->last->writer : NULL,
	};

	const char *format = av_get_pix_fmt_name(layout->format);
	stream.width_px = (uint32_t)layout->visible_width_px;
	stream.height_px = (uint32_t)layout->visible_height_px;
	snprintf(stream.format, sizeof(stream.format), "%s", format ? format : "");
	int error = epoch_create(out, settings->name, &options, layout);
	if (error < 0)
		return error;
	zoe_writer_set_end((*out)->writer, list->end);
	if (list->last)
		list->last->next = *out;
	else
		list->first = *out;
	list->last = *out;
	return 0;
}

int epoch_list_announce_empty(struct epoch_list *list)
{
	const struct layout none = { .format = AV_PIX_FMT_NONE, .total_bytes = EMPTY_SLOT_BYTES };
	struct epoch *epoch = list->first;

	if (epoch && epoch->announced)
		return 0;
	/* One may be prepared, whose pictures nobody got to see. */
	int error = epoch ? 0 : epoch_list_prepare(list, &none, 0, &epoch);
	if (error < 0)
		return error;
	zoe_writer_set_end(epoch->writer, ZOE_END_STOPPED);
	error = zoe_writer_announce(epoch->writer);
	if (error < 0)
		epoch_list_drop_prepared(list);
	else
		epoch->announced = true;
	return error;
}

struct epoch *epoch_list_find(struct epoch_list *list, const AVFrame *frame, struct slot_buffer **buffer)
{
	for (struct epoch *epoch = list->first; epoch; epoch = epoch->next) {
		*buffer = epoch_find_buffer(epoch, frame);
		if (*buffer)
			return epoch;
	}
	return NULL;
}

struct epoch *epoch_list_find_alike(struct epoch_list *list, const AVFrame *frame)
{
	for (struct epoch *epoch = list->first; epoch; epoch = epoch->next)
		if (!atomic_load(&epoch->is_damaged) && (int)epoch->layout.format == frame->format &&
			epoch->shown_width_px == frame->width && epoch->shown_height_px == frame->height)
			return epoch;
	return NULL;
}

bool epoch_list_has_lossless(const struct epoch_list *list)
{
	struct zoe_writer_stats stats;

	for (const struct epoch *epoch = list->first; list->settings->lossless && epoch; epoch = epoch->next) {
		zoe_writer_get_stats(epoch->writer, &stats);
		if (stats.n_lossless > 0)
			return true;
	}
	return false;
}

static void retire(struct epoch_list *list, struct epoch *epoch)
{
	epoch_close(epoch);
	epoch->next = list->retired;
	list->retired = epoch;
}

void epoch_list_advance(struct epoch_list *list, struct epoch *to)
{
	while (list->first != to) {
		struct epoch *epoch = list->first;
		list->first = epoch->next;
		retire(list, epoch);
	}
	if (!list->first)
		list->last = NULL;
	epoch_list_sweep(list);
}

void epoch_list_drop_prepared(struct epoch_list *list)
{
	struct epoch *named = list->first && list->first->announced ? list->first : NULL;
	struct epoch *epoch = named ? named->next : list->first;

	/* From the end, since a writer must outlive the one that names it as predecessor. */
	while (epoch) {
		struct epoch **tail = &epoch;
		while ((*tail)->next)
			tail = &(*tail)->next;
		struct epoch *last = *tail;
		*tail = NULL;
		retire(list, last);
	}
	if (named)
		named->next = NULL;
	list->first = named;
	list->last = named;
	epoch_list_sweep(list);
}

void epoch_list_sweep(struct epoch_list *list)
{
	struct epoch **at = &list->retired;

	while (*at) {
		struct epoch *epoch = *at;
		if (epoch_sweep(epoch)) {
			*at = epoch->next;
			epoch_drop(&epoch);
		} else {
			at = &epoch->next;
		}
	}
}

void epoch_list_finish(struct epoch_list *list)
{
	epoch_list_drop_prepared(list);
	epoch_list_advance(list, NULL);
	while (list->retired) {
		struct epoch *epoch = list->retired;
		list->retired = epoch->next;
		epoch_drop(&epoch);
	}
	pthread_mutex_destroy(&list->lock);
}
