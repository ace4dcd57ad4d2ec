/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys: top's where top has one for it. */
#include <string.h>

#include <curses.h>

#include "program/option.h"
#include "screen.h"

#define SIDESTEP 8 /* columns */

struct key {
	int codes[3];
	const char *shown, *help;
	void (*act)(struct screen *screen, int argument);
	int argument;
};

static void set_order(struct screen *screen, int order)
{
	screen->order = (enum top_order)order;
}

static void reverse(struct screen *screen, int unused)
{
	(void)unused;
	screen->reverse = !screen->reverse;
}

static void hide_idle(struct screen *screen, int unused)
{
	(void)unused;
	screen->hide_idle = !screen->hide_idle;
}

static void quit(struct screen *screen, int unused)
{
	(void)unused;
	screen->done = true;
}

static void refresh_now(struct screen *screen, int unused)
{
	(void)unused;
	screen->refresh_now = true;
}

static void ask_delay(struct screen *screen, int unused)
{
	(void)unused;
	screen->asking = true;
	screen->answer[0] = '\0';
}

static void show_help(struct screen *screen, int unused)
{
	(void)unused;
	screen->help = true;
}

/* Within what was drawn last: several keys may come between two drawings. */
static void scroll_lines(struct screen *screen, int lines)
{
	int line = screen->first_line + lines;

	screen->first_line = line < 0 ? 0 : line > screen->last_first_line ? screen->last_first_line : line;
}

static void scroll_pages(struct screen *screen, int pages)
{
	scroll_lines(screen, pages * (screen->body_rows > 2 ? screen->body_rows - 1 : 1));
}

static void scroll_aside(struct screen *screen, int columns)
{
	screen->first_column += columns;
	if (screen->first_column < 0)
		screen->first_column = 0;
}

static const struct key keys[] = {
	{ { 'q', 'Q' }, "q", "end", quit, 0 },
	{ { 'h', '?', KEY_F(1) }, "h ?", "this page", show_help, 0 },
	{ { ' ', '\n' }, "space", "refresh now", refresh_now, 0 },
	{ { 'd', 's' }, "d s", "change the delay between two snapshots", ask_delay, 0 },
	{ { 'N' }, "N", "sort by name", set_order, TOP_BY_NAME },
	{ { 'P' }, "P", "sort by frames per second", set_order, TOP_BY_FPS },
	{ { 'T' }, "T", "sort by age (p99)", set_order, TOP_BY_AGE },
	{ { 'D' }, "D", "sort by drops", set_order, TOP_BY_DROPS },
	{ { 'M' }, "M", "sort by memory; readers by the frames that they hold", set_order, TOP_BY_MEMORY },
	{ { 'R' }, "R", "the other way round", reverse, 0 },
	{ { 'i' }, "i", "hide pools from which nothing comes, or show them again", hide_idle, 0 },
	{ { KEY_UP }, "up", "scroll, also with down, left and right", scroll_lines, -1 },
	{ { KEY_DOWN }, NULL, NULL, scroll_lines, 1 },
	{ { KEY_PPAGE }, "PgUp", "scroll by pages, also with PgDn, Home and End", scroll_pages, -1 },
	{ { KEY_NPAGE }, NULL, NULL, scroll_pages, 1 },
	{ { KEY_HOME }, NULL, NULL, scroll_lines, -1000000 },
	{ { KEY_END }, NULL, NULL, scroll_lines, 1000000 },
	{ { KEY_LEFT }, NULL, NULL, scroll_aside, -SIDESTEP },
	{ { KEY_RIGHT }, NULL, NULL, scroll_aside, SIDESTEP },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static void take_answer(struct screen *screen)
{
	const char *why;
	int64_t delay_ns;

	screen->asking = false;
	if (screen->answer[0] == '\0')
		return;
	if (zi_option_seconds_ns(screen->answer, &delay_ns, &why) || delay_ns < TOP_SHORTEST_DELAY_NS) {
		screen->message = "That is no delay: expected seconds, at least 0.02.";
		return;
	}
	screen->delay_ns = delay_ns;
	screen->refresh_now = true;
}

static void edit_answer(struct screen *screen, int code)
{
	size_t length = strlen(screen->answer);

	if (code == '\n' || code == '\r' || code == KEY_ENTER)
		take_answer(screen);
	else if (code == 27)
		screen->asking = false;
	else if ((code == KEY_BACKSPACE || code == 127 || code == '\b') && length > 0)
		screen->answer[length - 1] = '\0';
	else if (code >= ' ' && code <= '~' && length + 1 < sizeof(screen->answer))
		memcpy(screen->answer + length, (char[]){ (char)code, '\0' }, 2);
}

void screen_press(struct screen *screen, int code)
{
	screen->message = NULL;
	if (screen->help) {
		screen->help = false;
		return;
	}
	if (screen->asking) {
		edit_answer(screen, code);
		return;
	}
	for (size_t i = 0; i < N_KEYS; i++)
		for (int c = 0; c < 3 && keys[i].codes[c]; c++)
			if (keys[i].codes[c] == code) {
				keys[i].act(screen, keys[i].argument);
				return;
			}
	screen->message = "No such key; h shows those that there are.";
}

int screen_list_keys(int row)
{
	for (size_t i = 0; i < N_KEYS; i++)
		if (keys[i].shown)
			mvprintw(row++, 2, "%-7s%.*s", keys[i].shown, COLS > 9 ? COLS - 9 : 0, keys[i].help);
	return row;
}
