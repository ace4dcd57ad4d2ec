/* SPDX-License-Identifier: BSD-2-Clause */
/* Durations between the times that a frame carries, and what is kept of them. */
#include "stages.h"

#include <stdbool.h>
#include <stdio.h>

static const struct {
	const char *name, *span;
} names[N_STAGES] = {
	[STAGE_DECODE] = { "decode", "read_to_decoded" },
	[STAGE_PUBLISH] = { "publish", "decoded_to_published" },
	[STAGE_ACQUIRE] = { "acquire", "published_to_acquired" },
	[STAGE_PRESENT] = { "present", "acquired_to_presented" },
	[STAGE_ALL] = { "in all", "read_to_presented" },
};

const char *stage_name(enum stage stage)
{
	return names[stage].name;
}

const char *stage_span(enum stage stage)
{
	return names[stage].span;
}

const char *stage_ms(char text[STAGE_MS_BYTES], int64_t ns)
{
	double ms = (double)ns / 1e6, tens = 1;

	while (ms / tens >= 99.5)
		tens *= 10;
	if (ns < 0)
		snprintf(text, STAGE_MS_BYTES, "-");
	else
		snprintf(text, STAGE_MS_BYTES, "%.*f",
			ms >= 9.95            ? 0
				: ms >= 0.995 ? 1
					      : 2,
			ms >= 99.5 ? tens * (double)(int64_t)(ms / tens + 0.5) : ms);
	return text;
}

/* A time of 0 is none, and one after the next is not of this clock. */
static int64_t between(int64_t begun_ns, int64_t ended_ns)
{
	return begun_ns > 0 && ended_ns >= begun_ns ? ended_ns - begun_ns : -1;
}

struct stages stages_of(const struct zoe_frame_info *info, int64_t acquired_ns, int64_t presented_ns)
{
	return (struct stages){ .ns = {
					[STAGE_DECODE] = between(info->read_ns, info->decoded_ns),
					[STAGE_PUBLISH] = between(info->decoded_ns, info->published_ns),
					[STAGE_ACQUIRE] = between(info->published_ns, acquired_ns),
					[STAGE_PRESENT] = between(acquired_ns, presented_ns),
					[STAGE_ALL] = between(info->read_ns, presented_ns),
				} };
}

void stage_ages_add(struct stage_ages *ages, const struct stages *stages)
{
	for (enum stage i = 0; i < N_STAGES; i++)
		if (stages->ns[i] >= 0)
			zoe_histogram_add(&ages->of[i], stages->ns[i]);
}

void stage_ages_get(const struct stage_ages *ages, struct stage_figures *figures)
{
	for (enum stage i = 0; i < N_STAGES; i++) {
		bool is_known = zoe_histogram_total(&ages->of[i]) > 0;

		figures->p50_ns[i] = is_known ? zoe_histogram_quantile(&ages->of[i], 0.5) : -1;
		figures->p99_ns[i] = is_known ? zoe_histogram_quantile(&ages->of[i], 0.99) : -1;
	}
}

static int64_t known_age(const struct stages *stages)
{
	int64_t age_ns = 0;

	for (enum stage i = 0; i < STAGE_ALL; i++)
		age_ns += stages->ns[i] > 0 ? stages->ns[i] : 0;
	return age_ns;
}

void history_add(struct history *history, int64_t now_ns, const struct stages *stages)
{
	int64_t number = now_ns / HISTORY_COLUMN_NS, age_ns = known_age(stages);
	struct history_column *column = &history->columns[number % HISTORY_COLUMNS];

	if (column->number != number)
		*column = (struct history_column){ .number = number };
	if (column->n_frames == 0 || age_ns > column->oldest_ns) {
		column->oldest_ns = age_ns;
		column->oldest = *stages;
	}
	column->n_frames++;
	column->sum_ns += age_ns;
}

const struct history_column *history_get(const struct history *history, int64_t now_ns, int n_back)
{
	int64_t number = now_ns / HISTORY_COLUMN_NS - n_back;
	const struct history_column *column;

	if (number < 0 || n_back < 0 || n_back >= HISTORY_COLUMNS)
		return NULL;
	column = &history->columns[number % HISTORY_COLUMNS];
	return column->number == number && column->n_frames > 0 ? column : NULL;
}

int64_t history_oldest_ns(const struct history *history, int64_t now_ns)
{
	int64_t oldest_ns = 0;

	for (int i = 0; i < HISTORY_COLUMNS; i++) {
		const struct history_column *column = history_get(history, now_ns, i);

		if (column && column->oldest_ns > oldest_ns)
			oldest_ns = column->oldest_ns;
	}
	return oldest_ns;
}
