/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines for people, and the same as JSON lines for programs. */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program/json_line.h"
#include "program/message.h"
#include "program/text.h"
#include "settings.h"

#define PROGRESS_NS 250000000
#define NS_PER_S 1e9
#define TROUBLES_NS INT64_C(1000000000)
#define SAY_WAIT_NS INT64_C(1000000000)
#define JSON_DIGITS 6 /* of real numbers */

void report_init(struct report *report, const struct settings *settings)
{
	memset(report, 0, sizeof(*report));
	report->settings = settings;
	report->begun_ns = zoe_now_ns();
}

/*
 * One event as a line of JSON; takes the object. Returns 0 or a negative errno. That it could not be
 * printed is said once, and does not end a run that others look at; that who read the lines has gone
 * is no error.
 */
static int print_event(struct report *report, json_t *event)
{
	int error = 0;

	if (report->settings->json)
		error = zi_json_line(stdout, event, JSON_DIGITS);
	else
		json_decref(event);
	if (error == -EPIPE)
		error = 0;
	if (error && !report->lost_output) {
		report->lost_output = true;
		report_failure(report, "cannot write to stdout: %s", strerror(-error));
	}
	return error;
}

void report_input(struct report *report, const struct report_input *input)
{
	report->input = *input;
}

bool report_start(struct report *report)
{
	const struct settings *settings = report->settings;
	const struct report_input *input = &report->input;
	char threads[32] = "1 thread", rate[32] = "";

	int error = print_event(report,
		json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:s, s:b, s:b}", "event", "start", "pool",
			settings->name, "input", zi_json_text(settings->shown_input), "container",
			zi_json_text_or_null(input->container), "codec", zi_json_text_or_null(input->codec), "format",
			zi_json_text_or_null(input->pix_fmt), "width",
			zi_json_integer_if(input->width_px > 0, input->width_px), "height",
			zi_json_integer_if(input->height_px > 0, input->height_px), "fps",
			zi_json_real_if(input->rate_fps > 0, input->rate_fps), "threads", input->n_threads, "threading",
			input->threads, "in_place", input->in_place, "live", input->live));
	if (input->n_threads > 1)
		snprintf(threads, sizeof(threads), "%d %s threads", input->n_threads, input->threads);
	if (input->rate_fps > 0)
		snprintf(rate, sizeof(rate), ", %.4g fps", input->rate_fps);
	zi_message("pool (%s): %s %dx%d %s%s, from %s%s; %s, %s", settings->name, input->codec, input->width_px,
		input->height_px, input->pix_fmt, rate, input->container, input->live ? " (live)" : "", threads,
		input->in_place ? "no frame is copied" : "one copy per frame");
	/* Where it is closed nobody waits for the lines, and readers may for the frames. */
	return !error || error == -EBADF;
}

void report_epoch(struct report *report, const struct zoe_writer_stats *stats, const struct zoe_frame_info *info)
{
	char epoch[17];

	report->counters.epochs++;
	if (report->first_ns == 0)
		report->first_ns = zoe_now_ns();
	/* A string, since JSON numbers are doubles to many programs, too short for 64 bits. */
	snprintf(epoch, sizeof(epoch), "%016" PRIx64, stats->epoch);
	print_event(report,
		json_pack("{s:s, s:s, s:s, s:i, s:i, s:s}", "event", "epoch", "pool", report->settings->name, "epoch",
			epoch, "width", (int)info->width_px, "height", (int)info->height_px, "format", info->format));
	zi_message("pool (%s): epoch %" PRIu64 " (%s): %" PRIu32 "x%" PRIu32 " %s", report->settings->name,
		report->counters.epochs, epoch, info->width_px, info->height_px, info->format);
}

void report_wait(struct report *report, const struct zoe_wait *wait)
{
	int64_t waited_ns = zoe_now_ns() - wait->since_ns;
	char label[ZOE_LABEL_BYTES];

	if (report->said_wait_ns || waited_ns < SAY_WAIT_NS)
		return;
	report->said_wait_ns = wait->since_ns;
	print_event(report,
		json_pack("{s:s, s:s, s:o, s:o, s:o, s:f}", "event", "wait", "pool", report->settings->name, "reader",
			zi_json_text_or_null(wait->label), "pid", zi_json_integer_if(wait->pid > 0, wait->pid), "seat",
			zi_json_integer_if(wait->pid > 0, wait->seat), "waited_s", (double)waited_ns / NS_PER_S));
	zi_text_printable(label, sizeof(label), wait->label);
	if (wait->pid > 0)
		zi_message("pool (%s): waiting for lossless reader '%s' (pid %" PRIu32 ", seat %" PRIu32
			   ") for %.1f s: there is no frame until it takes one",
			report->settings->name, label, wait->pid, wait->seat, (double)waited_ns / NS_PER_S);
	else
		zi_message("pool (%s): waiting for a free slot for %.1f s: a lossless reader may miss no frame",
			report->settings->name, (double)waited_ns / NS_PER_S);
}

void report_wait_end(struct report *report)
{
	if (!report->said_wait_ns)
		return;
	double waited_s = (double)(zoe_now_ns() - report->said_wait_ns) / NS_PER_S;

	report->said_wait_ns = 0;
	print_event(report,
		json_pack("{s:s, s:s, s:f}", "event", "resume", "pool", report->settings->name, "waited_s", waited_s));
	zi_message("pool (%s): goes on, having waited %.1f s", report->settings->name, waited_s);
}

static void print_lost(struct report *report, const char *why, unsigned n_tries, json_t *pause_s)
{
	print_event(report,
		json_pack("{s:s, s:s, s:o, s:i, s:o}", "event", "lost", "pool", report->settings->name, "why",
			zi_json_text(why), "tries", (int)n_tries, "pause_s", pause_s));
}

/* What was never there does not come back. */
static const char *back_or_there(const struct report *report)
{
	return report->counters.decoded > 0 ? "back" : "there";
}

void report_lost(struct report *report, const char *why, unsigned n_tries, int64_t pause_ns)
{
	print_lost(report, why, n_tries, json_real((double)pause_ns / NS_PER_S));
	if (strcmp(report->lost_why, why) == 0)
		return;
	snprintf(report->lost_why, sizeof(report->lost_why), "%s", why);
	zi_message("input (%s): %s; it is tried again until it is %s", report->settings->shown_input, why,
		back_or_there(report));
}

void report_silent(struct report *report)
{
	print_lost(report, REPORT_SILENT, 0, json_null());
	zi_message("input (%s): nothing for 2 s", report->settings->shown_input);
}

void report_back(struct report *report, unsigned n_tries, int64_t lost_ns)
{
	char tries[32] = "";

	/* Not when it came for the first time. */
	if (n_tries > 0) {
		report->counters.reconnects += report->counters.published > 0;
		snprintf(tries, sizeof(tries), " (%u tr%s)", n_tries, n_tries == 1 ? "y" : "ies");
	}
	report->lost_why[0] = '\0';
	print_event(report,
		json_pack("{s:s, s:s, s:i, s:f}", "event", "back", "pool", report->settings->name, "tries",
			(int)n_tries, "lost_s", (double)lost_ns / NS_PER_S));
	zi_message("input (%s): is %s after %.1f s%s", report->settings->shown_input, back_or_there(report),
		(double)lost_ns / NS_PER_S, tries);
}

static void add_count(json_t *event, const char *key, uint64_t count)
{
	json_object_set_new(event, key, json_integer((json_int_t)count));
}

/* What may be wrong with what comes from the source. */
static void add_troubles(json_t *event, const struct counters *counters)
{
	add_count(event, "dropped", counters->dropped);
	add_count(event, "corrupt", counters->corrupt);
	add_count(event, "decode_errors", counters->decode_errors);
	add_count(event, "damaged", counters->damaged);
	add_count(event, "skipped", counters->skipped);
	add_count(event, "restamped", counters->restamped);
	add_count(event, "reconnects", counters->reconnects);
}

static void say_troubles(struct report *report)
{
	const struct counters *counters = &report->counters;
	const uint64_t counts[N_TROUBLES] = {
		[TROUBLE_SKIPPED] = counters->skipped,
		[TROUBLE_CORRUPT] = counters->corrupt,
		[TROUBLE_DAMAGED] = counters->damaged,
		[TROUBLE_DROPPED] = counters->dropped,
		[TROUBLE_ERROR] = counters->decode_errors,
		[TROUBLE_RESTAMPED] = counters->restamped,
	};
	char line[320];

	if (troubles_line(&report->troubles, counts, zoe_now_ns(), line, sizeof(line)))
		zi_message("pool (%s): %s", report->settings->name, line);
}

void report_troubles(struct report *report)
{
	const struct counters *counters = &report->counters;
	uint64_t n_troubles = counters->dropped + counters->damaged + counters->skipped + counters->corrupt +
		counters->decode_errors + counters->restamped;

	say_troubles(report);
	if (!report->settings->json || n_troubles == report->told_troubles ||
		zoe_now_ns() - report->told_ns < TROUBLES_NS)
		return;
	report->told_troubles = n_troubles;
	report->told_ns = zoe_now_ns();
	json_t *event = json_pack("{s:s, s:s}", "event", "source", "pool", report->settings->name);
	if (!event)
		return;
	add_count(event, "decoded", counters->decoded);
	add_count(event, "published", counters->published);
	add_troubles(event, counters);
	print_event(report, event);
}

bool report_progress_due(const struct report *report)
{
	return zi_message_has_progress() && zoe_now_ns() - report->progress_ns >= PROGRESS_NS;
}

void report_progress(struct report *report, const struct zoe_writer_stats *stats, int64_t time_ns)
{
	const struct counters *counters = &report->counters;
	int64_t now_ns = zoe_now_ns();
	double fps = (double)(counters->published - report->progress_published) * NS_PER_S /
		(double)(now_ns - (report->progress_ns ? report->progress_ns : report->begun_ns));
	char line[160];

	snprintf(line, sizeof(line),
		"%s %d:%02d:%04.1f  %.1f fps  published %" PRIu64 "  dropped %" PRIu64 "  readers %" PRIu32
		"  slots %" PRIu32,
		report->settings->name, (int)(time_ns / 3600000000000), (int)(time_ns / 60000000000 % 60),
		(double)(time_ns % 60000000000) / NS_PER_S, fps, counters->published, counters->dropped,
		stats->n_readers, stats->n_slots);
	zi_message_progress(line);
	report->progress_ns = now_ns;
	report->progress_published = counters->published;
}

void report_failure(struct report *report, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(report->failure, sizeof(report->failure), format, arguments);
	va_end(arguments);
	zi_message_error("%s", report->failure);
}

void report_pool_failure(struct report *report)
{
	report_failure(report, "pool (%s): %s", report->settings->name, zoe_error());
}

void report_pool(struct report *report, const struct zoe_writer_stats *stats)
{
	struct counters *counters = &report->counters;

	if (stats->n_slots > counters->n_slots)
		counters->n_slots = stats->n_slots;
	if (stats->shm_bytes > counters->shm_bytes)
		counters->shm_bytes = stats->shm_bytes;
}

static void print_end(struct report *report, double elapsed_s)
{
	const struct counters *counters = &report->counters;
	json_t *event = json_pack("{s:s, s:s}", "event", "end", "pool", report->settings->name);

	if (!event)
		return;
	add_count(event, "decoded", counters->decoded);
	add_count(event, "published", counters->published);
	add_count(event, "copied", counters->copied);
	add_count(event, "slots", counters->n_slots);
	add_count(event, "shm_bytes", counters->shm_bytes);
	add_count(event, "converted", counters->converted);
	add_count(event, "repeated", counters->repeated);
	add_count(event, "dropped_no_slot", counters->dropped - counters->dropped_shm_full);
	add_count(event, "dropped_shm_full", counters->dropped_shm_full);
	add_count(event, "before_seek", counters->before_seek);
	add_count(event, "private_buffers", atomic_load(&counters->private_buffers));
	add_troubles(event, counters);
	add_count(event, "left_behind", counters->left_behind);
	add_count(event, "epochs", counters->epochs);
	json_object_set_new(event, "elapsed_s", json_real(elapsed_s));
	json_object_set_new(event, "error", zi_json_text_or_null(report->failure));
	print_event(report, event);
}

/* ", 3 WORD" into the rest of a line, if there were any. */
static void append_count(char *line, size_t n_bytes, uint64_t count, const char *word)
{
	size_t used = strlen(line);

	if (count > 0)
		snprintf(line + used, n_bytes - used, ", %" PRIu64 " %s", count, word);
}

static void say_end(const struct report *report, double elapsed_s)
{
	const struct counters *counters = &report->counters;
	char more[256] = "";

	append_count(more, sizeof(more), counters->converted, "converted");
	append_count(more, sizeof(more), counters->repeated, "repeated");
	append_count(more, sizeof(more), counters->dropped - counters->dropped_shm_full, "dropped for want of a slot");
	append_count(more, sizeof(more), counters->dropped_shm_full, "dropped since shared memory is full");
	append_count(more, sizeof(more), counters->before_seek, "skipped before --seek");
	append_count(more, sizeof(more), counters->corrupt, "corrupt");
	append_count(more, sizeof(more), counters->decode_errors, "decode errors");
	append_count(more, sizeof(more), counters->damaged, "damaged and left out");
	append_count(more, sizeof(more), counters->skipped, "skipped to keep up");
	append_count(more, sizeof(more), counters->restamped, "restamped");
	append_count(more, sizeof(more), counters->reconnects, "reconnects");
	append_count(more, sizeof(more), counters->left_behind, "left behind");
	append_count(more, sizeof(more), counters->epochs > 1 ? counters->epochs : 0, "epochs");
	zi_message("pool (%s): %" PRIu64 " frames decoded, %" PRIu64 " published, %" PRIu64 " copied, %" PRIu64
		   " dropped%s; %" PRIu32 " slots, %.1f MB of shared memory; %.1f s, %.1f fps",
		report->settings->name, counters->decoded, counters->published, counters->copied, counters->dropped,
		more, counters->n_slots, (double)counters->shm_bytes / 1e6, elapsed_s,
		elapsed_s > 0 ? (double)counters->published / elapsed_s : 0);
}

bool report_end(struct report *report)
{
	int64_t since_ns = report->first_ns ? report->first_ns : report->begun_ns;
	double elapsed_s = (double)(zoe_now_ns() - since_ns) / NS_PER_S;

	/* Of a run that never began the error says it all. */
	if (report->counters.published > 0 || !report->failure[0])
		say_end(report, elapsed_s);
	print_end(report, elapsed_s);
	return !report->lost_output;
}
