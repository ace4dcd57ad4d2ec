/* SPDX-License-Identifier: BSD-2-Clause */
/* Counting, and its three outputs: in the window, as a line, as JSON. */
#include "statistics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/json_line.h"
#include "program/message.h"
#include "program/output.h"

#define SECOND_NS INT64_C(1000000000)

void statistics_frame(struct statistics *statistics, const struct zoe_frame *frame, bool converted, int64_t acquired_ns)
{
	statistics->epochs += frame->epoch != statistics->epoch;
	statistics->epoch = frame->epoch;
	statistics->seq = frame->seq;
	statistics->info = frame->info;
	statistics->acquired_ns = acquired_ns;
	statistics->converted += converted;
}

static void close_second(struct statistics *statistics, int64_t now_ns)
{
	int64_t length_ns = now_ns - statistics->second_began_ns;

	if (length_ns < SECOND_NS)
		return;
	statistics->fps = (double)statistics->second_shown * (double)SECOND_NS / (double)length_ns;
	statistics->p50_ns = statistics->second_shown ? zoe_histogram_quantile(&statistics->second_age, 0.5) : -1;
	statistics->p99_ns = statistics->second_shown ? zoe_histogram_quantile(&statistics->second_age, 0.99) : -1;
	stage_ages_get(&statistics->second_stages, &statistics->second_figures);
	statistics->second_began_ns = now_ns;
	statistics->second_shown = 0;
	memset(&statistics->second_stages, 0, sizeof(statistics->second_stages));
	memset(&statistics->second_age, 0, sizeof(statistics->second_age));
}

void statistics_presented(struct statistics *statistics, int64_t now_ns)
{
	int64_t age_ns = now_ns - statistics->info.published_ns;
	struct stages stages = stages_of(&statistics->info, statistics->acquired_ns, now_ns);

	if (statistics->shown == 0)
		statistics->second_began_ns = now_ns;
	close_second(statistics, now_ns);
	statistics->shown++;
	statistics->second_shown++;
	zoe_histogram_add(&statistics->age, age_ns);
	zoe_histogram_add(&statistics->second_age, age_ns);
	stage_ages_add(&statistics->stages, &stages);
	stage_ages_add(&statistics->second_stages, &stages);
	history_add(&statistics->history, now_ns, &stages);
}

void statistics_resume(struct statistics *statistics, int64_t paused_ns)
{
	statistics->second_began_ns += paused_ns;
}

void statistics_describe(struct statistics *statistics, int64_t now_ns, const char *pool, const char *display,
	uint64_t skipped, char *lines, size_t n_bytes)
{
	const struct zoe_frame_info *info = &statistics->info;
	char matched[96] = "", p50[STAGE_MS_BYTES], p99[STAGE_MS_BYTES];

	if (statistics->matched + statistics->unmatched)
		snprintf(matched, sizeof(matched), "%" PRIu64 " matched   %" PRIu64 " not\n", statistics->matched,
			statistics->unmatched);
	close_second(statistics, now_ns);
	snprintf(lines, n_bytes,
		"%s   frame %" PRIu64
		"\n"
		"%ux%u   %s%s\n"
		"%.1f fps   %" PRIu64 " shown   %" PRIu64
		" skipped\n"
		"%s"
		"age %s ms, p99 %s ms\n"
		"%s",
		pool, statistics->seq, info->width_px, info->height_px, info->format,
		statistics->converted ? " (converted)" : "", statistics->fps, statistics->shown, skipped, matched,
		stage_ms(p50, statistics->p50_ns), stage_ms(p99, statistics->p99_ns), display);
}

/* Microseconds, or null where nothing is known. */
static json_t *us_to_json(int64_t ns)
{
	return ns < 0 ? json_null() : json_integer(ns / 1000);
}

static json_t *stages_to_json(const struct stage_ages *ages)
{
	json_t *json = json_object();
	struct stage_figures figures;

	stage_ages_get(ages, &figures);
	for (enum stage i = 0; i < N_STAGES; i++)
		json_object_set_new(json, stage_span(i),
			json_pack("{s:o, s:o}", "p50", us_to_json(figures.p50_ns[i]), "p99",
				us_to_json(figures.p99_ns[i])));
	return json;
}

static json_t *age_to_json(const struct statistics *s, double quantile)
{
	bool is_known = zoe_histogram_total(&s->age) > 0;

	return us_to_json(is_known ? zoe_histogram_quantile(&s->age, quantile) : -1);
}

static json_t *to_json(const struct statistics *s, const struct statistics_end *end)
{
	const struct verify *verify = end->verify;

	return json_pack(
		"{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:{s:o, s:o}, "
		"s:o, s:I, s:o, s:o, s:o, s:s, s:o, s:i}",
		"event", "end", "pool", end->pool, "shown", (json_int_t)s->shown, "skipped", (json_int_t)end->skipped,
		"matched", (json_int_t)s->matched, "unmatched", (json_int_t)s->unmatched, "late", (json_int_t)end->late,
		"mismatched", (json_int_t)verify->mismatched, "torn", (json_int_t)verify->torn, "changed",
		(json_int_t)verify->changed, "repeated", (json_int_t)verify->repeated, "mislabelled",
		(json_int_t)verify->mislabelled, "verified", (json_int_t)verify->checked, "converted",
		(json_int_t)s->converted, "age_us", "p50", age_to_json(s, 0.5), "p99", age_to_json(s, 0.99),
		"stages_us", stages_to_json(&s->stages), "epochs", (json_int_t)s->epochs, "format",
		zi_json_text_or_null(s->info.format), "width",
		zi_json_integer_if(s->info.width_px > 0, s->info.width_px), "height",
		zi_json_integer_if(s->info.height_px > 0, s->info.height_px), "state", end->state, "display",
		zi_json_text_or_null(end->display), "status", end->status);
}

int statistics_print_json(const struct statistics *statistics, const struct statistics_end *end)
{
	int error = zi_json_line(stdout, to_json(statistics, end), 0);

	if (error)
		zi_output_fail(error);
	return error;
}

/* " decode 1.2/1.4, …": what is known of the stages. */
static void describe_stages(const struct stage_ages *ages, char *text, size_t n_bytes)
{
	struct stage_figures figures;
	char p50[STAGE_MS_BYTES], p99[STAGE_MS_BYTES];
	size_t used = 0;

	stage_ages_get(ages, &figures);
	text[0] = '\0';
	for (enum stage i = 0; i < N_STAGES && used < n_bytes; i++)
		if (figures.p50_ns[i] >= 0)
			used += (size_t)snprintf(text + used, n_bytes - used, "%s%s %s/%s", used ? ", " : " (",
				stage_name(i), stage_ms(p50, figures.p50_ns[i]), stage_ms(p99, figures.p99_ns[i]));
	if (used > 0 && used < n_bytes)
		snprintf(text + used, n_bytes - used, ")");
}

void statistics_say(const struct statistics *statistics, const struct statistics_end *end)
{
	char converted[64] = "", verified[64] = "", matched[96] = "", stages[256];
	char p50[STAGE_MS_BYTES], p99[STAGE_MS_BYTES];

	if (statistics->converted)
		snprintf(converted, sizeof(converted), ", %" PRIu64 " converted", statistics->converted);
	if (end->verify->checked)
		snprintf(verified, sizeof(verified), ", %" PRIu64 " verified", end->verify->checked);
	if (statistics->matched + statistics->unmatched)
		snprintf(matched, sizeof(matched), ", %" PRIu64 " matched, %" PRIu64 " not", statistics->matched,
			statistics->unmatched);
	describe_stages(&statistics->stages, stages, sizeof(stages));
	zi_message("%s: %" PRIu64 " shown, %" PRIu64 " skipped%s%s%s, age p50 %s ms, p99 %s ms%s, %s", end->pool,
		statistics->shown, end->skipped, converted, verified, matched,
		stage_ms(p50, zoe_histogram_quantile(&statistics->age, 0.5)),
		stage_ms(p99, zoe_histogram_quantile(&statistics->age, 0.99)), stages, end->state);
}
