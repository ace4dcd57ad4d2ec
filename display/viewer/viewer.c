/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop: commands, a frame, limits, drawing. */
#include "viewer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zoetrope/pool.h>

#include "commands.h"
#include "feed.h"
#include "graph.h"
#include "png.h"
#include "program/message.h"
#include "program/signals.h"
#include "source.h"
#include "statistics.h"
#include "verify.h"
#include "window.h"

#define FRAME_WAIT_MS 10 /* between two polls of the keyboard */
#define PAUSED_WAIT_MS 50
#define HIDDEN_MS 250 /* the window stays hidden so long: its first content is the picture of a pool that exists */
#define STATISTICS_MS 500
#define PATIENCE_NS INT64_C(1000000000) /* with a worker who does not post */
#define FADE_MS 50                      /* marks grow faint in steps, if no frame makes them */
#define WHY_BYTES 100                   /* of why there is no signal: a line of the window */

struct viewer {
	const struct settings *settings;
	struct window *window;
	struct feed feed;
	struct statistics statistics;
	struct verify verify;
	int64_t began_ns, first_ns; /* when it was made; when the first frame came, 0: none did */
	bool is_done, has_failed;
	bool is_paused, wants_step;
	int64_t paused_ns; /* since when */
	bool shows_statistics;
	bool shows_marks;
	struct worker_result *result; /* in the frame that is shown; NULL: nothing is known to belong to it */
	struct layers marks;          /* as they are on the screen */
	int64_t marks_ns;             /* when their age was reckoned */
	bool is_dirty;                /* what is on the screen is out of date */
	bool has_new_picture;         /* in the texture, not yet presented */
	char message[192];            /* as it is on the screen */
	char corner[512];
	int64_t corner_ns; /* when it was written */
	char display[64];
};

int viewer_create(struct viewer **viewer, const struct settings *settings)
{
	const struct window_options options = {
		.title = settings->title ? settings->title : settings->name,
		.font = settings->font,
		.width_px = settings->size.width_px,
		.height_px = settings->size.height_px,
		.fullscreen = settings->fullscreen,
	};
	struct viewer *v = calloc(1, sizeof(*v));
	int error;

	if (!v)
		return -ENOMEM;
	v->settings = settings;
	v->began_ns = zoe_now_ns();
	v->shows_marks = settings->overlay;
	feed_init(&v->feed, settings, &v->verify);
	error = window_create(&v->window, &options);
	if (error) {
		free(v);
		return error;
	}
	window_describe(v->window, v->display, sizeof(v->display));
	*viewer = v;
	return 0;
}

/* Commands */

static void finish(struct viewer *v)
{
	v->is_done = true;
}

static void toggle_fullscreen(struct viewer *v)
{
	window_toggle_fullscreen(v->window);
	v->is_dirty = true;
}

static void leave(struct viewer *v)
{
	if (window_is_fullscreen(v->window))
		toggle_fullscreen(v);
	else
		finish(v);
}

static void toggle_pause(struct viewer *v)
{
	const char *name = v->settings->title ? v->settings->title : v->settings->name;
	char title[256];

	v->is_paused = !v->is_paused;
	if (v->is_paused)
		v->paused_ns = zoe_now_ns();
	else
		statistics_resume(&v->statistics, zoe_now_ns() - v->paused_ns);
	v->wants_step = false;
	snprintf(title, sizeof(title), "%.200s%s", name, v->is_paused ? " (paused)" : "");
	window_set_title(v->window, title);
}

static void step(struct viewer *v)
{
	v->wants_step = v->is_paused;
}

static void save_picture(struct viewer *v)
{
	struct png_pixels pixels;
	char path[ZOE_NAME_BYTES + 64];
	int error = window_read(v->window, NULL, &pixels);

	snprintf(path, sizeof(path), "zoe-%s-%" PRIu64 ".png", v->settings->name, v->statistics.seq);
	if (!error) {
		error = png_write(path, &pixels);
		free(pixels.rgb);
	}
	if (error == -ENODATA)
		zi_message("nothing to save yet: no frame was shown");
	else if (error)
		zi_message_error("cannot save the frame (%s): %s", path, strerror(-error));
	else
		zi_message("saved %s", path);
	v->is_dirty = true;
}

static void toggle_statistics(struct viewer *v)
{
	v->shows_statistics = !v->shows_statistics;
	v->corner_ns = 0;
	v->is_dirty = true;
}

static void toggle_marks(struct viewer *v)
{
	v->shows_marks = !v->shows_marks;
	v->is_dirty = true;
}

static void redraw(struct viewer *v)
{
	v->is_dirty = true;
}

static void (*const commands[N_COMMANDS])(struct viewer *v) = {
	[COMMAND_QUIT] = finish,
	[COMMAND_LEAVE] = leave,
	[COMMAND_FULLSCREEN] = toggle_fullscreen,
	[COMMAND_PAUSE] = toggle_pause,
	[COMMAND_STEP] = step,
	[COMMAND_SAVE] = save_picture,
	[COMMAND_STATISTICS] = toggle_statistics,
	[COMMAND_OVERLAY] = toggle_marks,
	[COMMAND_REDRAW] = redraw,
};

static bool rests(const struct viewer *v)
{
	return v->is_paused && !v->wants_step;
}

static void handle_commands(struct viewer *v)
{
	enum command command = commands_next(rests(v) ? PAUSED_WAIT_MS : 0);

	for (; command != COMMAND_NONE && !v->is_done; command = commands_next(0))
		commands[command](v);
}

/* Frames */

static void fail(struct viewer *v)
{
	v->has_failed = true;
	v->is_done = true;
}

/* The result that was shown with the last frame makes room for this one's. */
static void take_result(struct viewer *v, const struct match_pair *pair)
{
	free(v->result);
	v->result = pair->result;
	if (!v->settings->match)
		return;
	v->statistics.matched += pair->result != NULL;
	v->statistics.unmatched += !pair->result;
	if (pair->result)
		zi_waiting_worker_came(&v->feed.source.waiting, v->settings->match);
	else if (v->statistics.matched == 0 && zoe_now_ns() - v->first_ns > PATIENCE_NS)
		zi_waiting_for_workers(&v->feed.source.waiting, &v->settings->match, 1);
	if (pair->result && v->settings->verify)
		verify_matched(&v->verify, pair->frame, pair->number, pair->result);
}

/* From acquire to release the frame is only read: checked, uploaded, checked. */
static void take_frame(struct viewer *v, const struct match_pair *pair)
{
	int error = window_upload(v->window, pair->frame);

	if (v->first_ns == 0)
		v->first_ns = pair->acquired_ns;
	take_result(v, pair);
	if (!error)
		statistics_frame(&v->statistics, pair->frame, window_converts(v->window), pair->acquired_ns);
	feed_return(&v->feed, pair);
	if (error)
		fail(v);
	v->has_new_picture = !error;
	v->wants_step = false;
}

static void note_end(struct viewer *v, enum source_event event)
{
	struct source *source = &v->feed.source;

	if (event == SOURCE_WRITER_GONE && v->settings->follow != ZOE_FOLLOW_NEVER) {
		zi_waiting_for_next(&source->waiting, source->why);
		return;
	}
	v->is_done = true;
	if (event == SOURCE_WRITER_GONE) {
		zi_message_error("%s", source->why);
		v->has_failed = true;
	}
}

static void next_frame(struct viewer *v)
{
	struct match_pair pair;
	enum source_event event = feed_next(&v->feed, &pair, FRAME_WAIT_MS, v->shows_marks);

	switch (event) {
	case SOURCE_FRAME:
		take_frame(v, &pair);
		break;
	case SOURCE_ENDED:
	case SOURCE_WRITER_GONE:
		note_end(v, event);
		break;
	case SOURCE_FAILED:
		fail(v);
		break;
	case SOURCE_NOTHING:
		break;
	}
}

/* Drawing */

/* How long there has been no signal, and why, below it. */
static void describe_silence(struct viewer *v, char *message, size_t n_bytes, int64_t since_ns)
{
	char why[WHY_BYTES];

	source_get_why(&v->feed.source, why, sizeof(why));
	snprintf(message, n_bytes, "no signal for %" PRId64 " s%s%s", (zoe_now_ns() - since_ns) / 1000000000,
		why[0] ? "\n" : "", why);
}

static void describe_state(struct viewer *v, char *message, size_t n_bytes)
{
	int64_t since_ns;
	enum zoe_end end;
	enum source_state state = source_get_state(&v->feed.source, &since_ns, &end);

	message[0] = '\0';
	if (state == SOURCE_IS_SILENT)
		describe_silence(v, message, n_bytes, since_ns);
	else if (state == SOURCE_IS_WAITING ||
		(state == SOURCE_IS_LIVE && v->statistics.shown == 0 && !v->has_new_picture))
		snprintf(message, n_bytes, "waiting for %s", v->settings->name);
	else if (state != SOURCE_IS_LIVE && !v->is_done)
		snprintf(message, n_bytes, "%s", source_over_text(state, end));
}

/* While the window rests its statistics stand still. */
static int64_t statistics_now(const struct viewer *v)
{
	return rests(v) ? v->paused_ns : zoe_now_ns();
}

static void write_corner(struct viewer *v)
{
	int64_t now_ns = statistics_now(v);

	if (!v->shows_statistics) {
		v->corner[0] = '\0';
	} else if (now_ns - v->corner_ns > STATISTICS_MS * INT64_C(1000000)) {
		statistics_describe(&v->statistics, now_ns, v->settings->name, v->display,
			source_skipped(&v->feed.source), v->corner, sizeof(v->corner));
		v->corner_ns = now_ns;
		v->is_dirty = true;
	}
}

/* The workers' results as they are drawn at marks_ns. */
static void get_marks(struct viewer *v)
{
	v->marks.n = 0;
	if (v->shows_marks)
		worker_results_get_layers(&v->feed.results, v->result, v->marks_ns, &v->marks);
}

/* Marks change with each frame; without one they grow faint, unless the window rests. */
static void choose_marks(struct viewer *v)
{
	int64_t now_ns = zoe_now_ns();
	bool had_some = v->marks.n > 0;
	bool is_time = v->has_new_picture || (!rests(v) && now_ns - v->marks_ns > FADE_MS * INT64_C(1000000));

	if (is_time)
		v->marks_ns = now_ns;
	get_marks(v);
	if (is_time && (had_some || v->marks.n > 0))
		v->is_dirty = true;
}

static void draw(struct viewer *v)
{
	char message[sizeof(v->message)];
	struct graph graph = { .figures = &v->statistics.second_figures,
		.history = &v->statistics.history,
		.now_ns = statistics_now(v) };
	struct window_overlay overlay = { .marks = &v->marks,
		.message = message,
		.statistics = v->corner,
		.graph = v->shows_statistics ? &graph : NULL };

	if (zoe_now_ns() - v->began_ns > HIDDEN_MS * INT64_C(1000000))
		window_show(v->window);
	describe_state(v, message, sizeof(message));
	overlay.dimmed = message[0] != '\0';
	write_corner(v);
	choose_marks(v);
	if (!v->has_new_picture && !v->is_dirty && strcmp(message, v->message) == 0)
		return;
	window_draw(v->window, &overlay);
	if (v->has_new_picture)
		statistics_presented(&v->statistics, zoe_now_ns());
	strcpy(v->message, message);
	v->has_new_picture = false;
	v->is_dirty = false;
}

static bool has_had_enough(const struct viewer *v)
{
	const struct settings *settings = v->settings;

	if (settings->n_frames > 0 && v->statistics.shown >= settings->n_frames)
		return true;
	return settings->run_ns >= 0 && zoe_now_ns() - v->began_ns >= settings->run_ns;
}

int viewer_run(struct viewer *viewer)
{
	while (!viewer->is_done && !zi_signals_stopped() && !has_had_enough(viewer)) {
		handle_commands(viewer);
		if (!viewer->is_done && !rests(viewer))
			next_frame(viewer);
		if (!viewer->has_failed)
			draw(viewer);
	}
	return viewer->has_failed ? -1 : 0;
}

/* The end */

static int write_screenshot(struct viewer *v)
{
	const char *path = v->settings->screenshot;
	struct png_pixels pixels;
	int error;

	get_marks(v);
	error = window_read(v->window, &v->marks, &pixels);

	if (!error) {
		error = png_write(path, &pixels);
		free(pixels.rgb);
	}
	if (error)
		zi_message_error("cannot write the screenshot (%s): %s", path,
			error == -ENODATA ? "no frame was shown" : strerror(-error));
	return error;
}

int viewer_conclude(struct viewer *viewer, int run_error)
{
	const struct settings *settings = viewer->settings;
	int64_t since_ns;
	enum zoe_end why;
	struct statistics_end end = {
		.pool = settings->name,
		.state = source_state_name(source_get_state(&viewer->feed.source, &since_ns, &why)),
		.display = viewer->display,
		.skipped = source_skipped(&viewer->feed.source),
		.late = viewer->feed.match.n_late,
		.verify = &viewer->verify,
		.status = run_error ? 1 : 0,
	};

	if (settings->screenshot && write_screenshot(viewer) < 0)
		end.status = 1;
	if (settings->verify && !run_error && verify_conclude(&viewer->verify, settings->name) < 0)
		end.status = 1;
	if (settings->json && statistics_print_json(&viewer->statistics, &end) < 0)
		end.status = 1;
	else if (!settings->json && viewer->statistics.shown > 0)
		statistics_say(&viewer->statistics, &end);
	if (end.late > 0)
		zi_message("%" PRIu64
			   " results of %s came too late for their frames: more than --match-frames %u waits longer",
			end.late, settings->match, settings->match_frames);
	return end.status;
}

void viewer_destroy(struct viewer **viewer)
{
	if (!*viewer)
		return;
	feed_finish(&(*viewer)->feed);
	free((*viewer)->result);
	window_destroy(&(*viewer)->window);
	free(*viewer);
	*viewer = NULL;
}
