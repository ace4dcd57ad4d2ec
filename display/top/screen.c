/* SPDX-License-Identifier: BSD-2-Clause */
/* The live table, by ncurses: the terminal and the time. */
#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <curses.h>

#include "screen.h"

static void resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
}

/* Draw and handle keys until the next snapshot is due. 0 or -ENOMEM. */
static int show(struct screen *screen)
{
	int64_t deadline_ns = zoe_now_ns() + screen->delay_ns;
	enum top_wake wake = TOP_WAKE_RESIZED;

	screen->refresh_now = false;
	while (!screen->done && !screen->refresh_now && wake != TOP_WAKE_TIME) {
		if (screen_draw(screen))
			return -ENOMEM;
		wake = top_wait(deadline_ns, STDIN_FILENO);
		if (wake == TOP_WAKE_END)
			screen->done = true;
		if (wake == TOP_WAKE_RESIZED)
			resize();
		for (int code; wake == TOP_WAKE_INPUT && !screen->done && (code = getch()) != ERR;)
			screen_press(screen, code);
	}
	return 0;
}

static int run(struct screen *screen, uint32_t iterations)
{
	for (uint32_t n = 1; !screen->done; n++) {
		struct top_snapshot *before = screen->snapshot;
		int error = top_snapshot_take(&screen->snapshot, before, screen->name);

		top_snapshot_destroy(&before);
		if (!error)
			error = show(screen);
		if (error)
			return error;
		if (n == iterations)
			break;
	}
	return 0;
}

/* Set the terminal up for the table. NULL: it cannot show it. */
static SCREEN *open_terminal(void)
{
	SCREEN *terminal = newterm(NULL, stdout, stdin);

	if (!terminal)
		return NULL;
	if (!tigetstr("cup") || tigetstr("cup") == (char *)-1) {
		endwin();
		delscreen(terminal);
		return NULL;
	}
	if (has_colors() && start_color() == OK) {
		use_default_colors();
		init_pair(SCREEN_ALARM, COLOR_RED, -1);
	}
	cbreak();
	noecho();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(25);
	return terminal;
}

int top_screen(const struct top_settings *settings, const char **why)
{
	struct screen screen = { .name = settings->name, .delay_ns = settings->delay_ns };
	SCREEN *terminal;
	int error;

	if (top_wait_prepare())
		return 1;
	terminal = open_terminal();
	if (!terminal) {
		*why = "the terminal cannot show it";
		return -ENOTSUP;
	}
	error = run(&screen, settings->iterations);
	endwin();
	delscreen(terminal);
	top_snapshot_destroy(&screen.snapshot);
	return error ? top_snapshot_complain(error) : 0;
}
