/* SPDX-License-Identifier: BSD-2-Clause */
/* SDL's events to wishes; the keys are those of ffplay and mpv. */
#include "commands.h"

#include <stdbool.h>

#include <SDL.h>

static const struct {
	SDL_Keycode key;
	enum wish wish;
	bool repeats; /* while the key is held down */
} keys[] = {
	{ SDLK_q, WISH_QUIT, false },
	{ SDLK_ESCAPE, WISH_LEAVE, false },
	{ SDLK_f, WISH_FULLSCREEN, false },
	{ SDLK_p, WISH_PAUSE, false },
	{ SDLK_SPACE, WISH_PAUSE, false },
	{ SDLK_PERIOD, WISH_STEP, true },
	{ SDLK_s, WISH_SAVE, false },
	{ SDLK_i, WISH_STATISTICS, false },
	{ SDLK_o, WISH_OVERLAY, false },
};

static enum wish of_key(const SDL_KeyboardEvent *event)
{
	/* Ctrl, Alt and the like belong to the desktop. */
	if (event->keysym.mod & (KMOD_CTRL | KMOD_ALT | KMOD_GUI))
		return WISH_NONE;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == event->keysym.sym && (keys[i].repeats || !event->repeat))
			return keys[i].wish;
	return WISH_NONE;
}

static enum wish of_window(const SDL_WindowEvent *event)
{
	switch (event->event) {
	case SDL_WINDOWEVENT_CLOSE:
		return WISH_QUIT;
	case SDL_WINDOWEVENT_EXPOSED:
	case SDL_WINDOWEVENT_SIZE_CHANGED:
	case SDL_WINDOWEVENT_RESTORED:
		return WISH_REDRAW;
	default:
		return WISH_NONE;
	}
}

static enum wish of_event(const SDL_Event *event)
{
	switch (event->type) {
	case SDL_QUIT:
		return WISH_QUIT;
	case SDL_KEYDOWN:
		return of_key(&event->key);
	case SDL_WINDOWEVENT:
		return of_window(&event->window);
	case SDL_MOUSEBUTTONDOWN:
		/* A third click of the same run is not a second double click. */
		return event->button.button == SDL_BUTTON_LEFT && event->button.clicks == 2 ? WISH_FULLSCREEN
											    : WISH_NONE;
	default:
		return WISH_NONE;
	}
}

enum wish wishes_next(int wait_ms)
{
	SDL_Event event;
	enum wish wish = WISH_NONE;

	if (wait_ms > 0) {
		if (!SDL_WaitEventTimeout(&event, wait_ms))
			return WISH_NONE;
		wish = of_event(&event);
	}
	while (wish == WISH_NONE && SDL_PollEvent(&event))
		wish = of_event(&event);
	return wish;
}
