/* SPDX-License-Identifier: BSD-2-Clause */
/* The live table, in three parts: the terminal and the time, what is drawn, what keys do. */
#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

#include "top.h"

#define SCREEN_ALARM 1 /* the pair of colours */

struct screen {
	struct top_canvas canvas; /* the tables are drawn on it */
	const char *name;
	int64_t delay_ns;
	struct top_snapshot *snapshot;
	enum top_order order;
	bool reverse, hide_idle, help, done, refresh_now;
	bool asking; /* for the delay */
	char answer[16];
	const char *message;          /* until the next key; NULL: none */
	int first_line, first_column; /* of the tables, the first that is on the screen */
	int edge;                     /* where the columns begin that can be scrolled, in the line being drawn */
	int line, column;             /* where the next text goes */
	int body_rows;                /* how many lines of the tables there is room for; set by screen_draw() */
	int last_first_line;          /* how far down first_line may be; set by screen_draw() */
};

/* Draw all of it. 0 or -ENOMEM. */
int screen_draw(struct screen *screen);

/* A key was pressed, as ncurses calls it. */
void screen_press(struct screen *screen, int code);

/* The keys as lines from this row on; the row below them. */
int screen_list_keys(int row);

#endif
