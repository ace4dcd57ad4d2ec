/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each epoch names the one before it as its predecessor, so the list must not be mended in
 * the middle: epochs leave at its head, or all those without the name leave together.
 */
#include "epoch_list.h"

#include <stdio.h>
#include <string.h>

#include <libavutil/pixdesc.h>

void chain_init(struct chain *chain, const struct settings *settings)
{
	*chain = (struct chain){ .settings = settings };
	pthread_mutex_init(&chain->lock, NULL);
}

void chain_lock(struct chain *chain)
{
	pthread_mutex_lock(&chain->lock);
}

void chain_unlock(struct chain *chain)
{
	pthread_mutex_unlock(&chain->lock);
}

int chain_prepare(struct chain *chain, const struct layout *layout, uint32_t n_reserved, struct epoch **out)
{
	const struct settings *settings = chain->settings;
	struct zoe_frame_info stream = chain->stream;
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
		.predecessor = chain->last ? chain->last->writer : NULL,
	};

	stream.width_px = (uint32_t)layout->visible_width_px;
	stream.height_px = (uint32_t)layout->visible_height_px;
	snprintf(stream.format, sizeof(stream.format), "%s", av_get_pix_fmt_name(layout->format));
	int r = epoch_create(out, settings->name, &options, layout);
	if (r < 0)
		return r;
	if (chain->last)
		chain->last->next = *out;
	else
		chain->first = *out;
	chain->last = *out;
	return 0;
}

struct epoch *chain_find(struct chain *chain, const AVFrame *frame, struct slot_buffer **buffer)
{
	for (struct epoch *epoch = chain->first; epoch; epoch = epoch->next) {
		*buffer = epoch_find_buffer(epoch, frame);
		if (*buffer)
			return epoch;
	}
	return NULL;
}

struct epoch *chain_find_alike(struct chain *chain, const AVFrame *frame)
{
	for (struct epoch *epoch = chain->first; epoch; epoch = epoch->next)
		if ((int)epoch->layout.format == frame->format && epoch->shown_width_px == frame->width &&
			epoch->shown_height_px == frame->height)
			return epoch;
	return NULL;
}

static void retire(struct chain *chain, struct epoch *epoch)
{
	epoch_close(epoch);
	epoch->next = chain->retired;
	chain->retired = epoch;
}

void chain_advance(struct chain *chain, struct epoch *to)
{
	while (chain->first != to) {
		struct epoch *epoch = chain->first;
		chain->first = epoch->next;
		retire(chain, epoch);
	}
	if (!chain->first)
		chain->last = NULL;
	chain_sweep(chain);
}

void chain_drop_prepared(struct chain *chain)
{
	struct epoch *named = chain->first && chain->first->announced ? chain->first : NULL;
	struct epoch *epoch = named ? named->next : chain->first;

	/* From the end, since a writer must outlive the one that names it as predecessor. */
	while (epoch) {
		struct epoch **tail = &epoch;
		while ((*tail)->next)
			tail = &(*tail)->next;
		struct epoch *last = *tail;
		*tail = NULL;
		retire(chain, last);
	}
	if (named)
		named->next = NULL;
	chain->first = named;
	chain->last = named;
	chain_sweep(chain);
}

void chain_sweep(struct chain *chain)
{
	struct epoch **at = &chain->retired;

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

void chain_finish(struct chain *chain)
{
	chain_drop_prepared(chain);
	chain_advance(chain, NULL);
	while (chain->retired) {
		struct epoch *epoch = chain->retired;
		chain->retired = epoch->next;
		epoch_drop(&epoch);
	}
	pthread_mutex_destroy(&chain->lock);
}
