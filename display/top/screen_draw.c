/* SPDX-License-Identifier: BSD-2-Clause */
/* What is on the screen: a summary, a line to ask and to answer, the tables; or help in place of it all. */
#include <string.h>

#include <curses.h>

#include "screen.h"

#define BODY 2 /* rows above the tables */

/* The row of the line that is being drawn, or -1: not on the screen. Headings above the first row stay in it. */
static int row_of(const struct screen *screen, enum top_style style)
{
	int row = screen->line - screen->first_line;

	if (row > 0)
		return row < screen->body_rows ? BODY + row : -1;
	return style == TOP_HEADING ? BODY : -1;
}

/* Text beyond the left or the right edge is cut off. The first column, which says whose line it is, stays. */
static void draw_text(struct top_canvas *canvas, enum top_style style, const char *text)
{
	static const int attributes[] = {
		[TOP_PLAIN] = A_NORMAL,
		[TOP_HEADING] = A_BOLD,
		[TOP_ALARM] = A_BOLD,
		[TOP_NOTE] = A_NORMAL,
	};
	struct screen *screen = (struct screen *)canvas;
	int row = row_of(screen, style), length = (int)strlen(text);
	bool is_first = screen->column == 0 && style != TOP_NOTE;
	int column = screen->column - (is_first ? 0 : screen->first_column);
	int edge = is_first || style == TOP_NOTE ? 0 : screen->edge, skipped = column < edge ? edge - column : 0;

	if (row == BODY && screen->column == 0) {
		move(row, 0);
		clrtoeol();
	}
	if (is_first)
		screen->edge = length + 2;
	screen->column += length;
	if (row < 0 || skipped >= length || column >= COLS)
		return;
	attrset(attributes[style]);
	if (style == TOP_ALARM && has_colors())
		color_set(SCREEN_ALARM, NULL);
	mvaddnstr(row, column + skipped, text + skipped, COLS - column - skipped);
	attrset(A_NORMAL);
}

static void draw_end(struct top_canvas *canvas)
{
	struct screen *screen = (struct screen *)canvas;

	screen->line++;
	screen->column = 0;
}

static void draw_help(void)
{
	static const char *const lines[] = {
		"Rates, AGE (published to taken) and HOLD (taken to returned) are about the time",
		"since the last snapshot; a newcomer's AGE and HOLD about all that it did so far.",
		"",
		"Any key goes back.",
	};
	int row;

	attrset(A_BOLD);
	mvaddnstr(0, 0, "zoe-top", COLS);
	attrset(A_NORMAL);
	row = screen_list_keys(2) + 1;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		mvaddnstr(row++, 0, lines[i], COLS);
}

static void draw_top(const struct screen *screen)
{
	static const char *const orders[] = {
		[TOP_BY_NAME] = "name",
		[TOP_BY_FPS] = "fps",
		[TOP_BY_AGE] = "age",
		[TOP_BY_DROPS] = "drops",
		[TOP_BY_MEMORY] = "memory",
	};
	char summary[160], all[240];
	double delay_s = (double)screen->delay_ns / 1e9;

	top_view_summary(summary, sizeof(summary), screen->snapshot);
	snprintf(all, sizeof(all), "%s   every %g s   by %s%s%s", summary, delay_s, orders[screen->order],
		screen->reverse ? ", reversed" : "", screen->hide_idle ? "   idle ones hidden" : "");
	mvaddnstr(0, 0, all, COLS);
	if (screen->asking)
		snprintf(all, sizeof(all), "Delay in seconds, instead of %g: %s", delay_s, screen->answer);
	else
		snprintf(all, sizeof(all), "%s", screen->message ? screen->message : "");
	mvaddnstr(1, 0, all, COLS);
}

static int draw_body(struct screen *screen)
{
	screen->canvas = (struct top_canvas){ draw_text, draw_end };
	screen->line = screen->column = 0;
	if (screen->snapshot->n_pools > 0)
		return top_view_tables(screen->snapshot, screen->hide_idle, &screen->canvas);
	mvaddnstr(BODY, 0, screen->name ? "there is no such pool now" : "no pools", COLS);
	return 0;
}

/* How far one can scroll is known once all is drawn: what was scrolled too far is drawn again. */
int screen_draw(struct screen *screen)
{
	int error = 0;

	screen->body_rows = LINES > BODY + 1 ? LINES - BODY : 1;
	top_snapshot_sort(screen->snapshot, screen->order, screen->reverse);
	erase();
	if (screen->help) {
		draw_help();
	} else {
		error = draw_body(screen);
		screen->last_first_line = screen->line > screen->body_rows ? screen->line - screen->body_rows : 0;
		if (screen->first_line > screen->last_first_line) {
			screen->first_line = screen->last_first_line;
			erase();
			error = draw_body(screen);
		}
		draw_top(screen);
	}
	curs_set(screen->asking && !screen->help);
	refresh();
	return error;
}
