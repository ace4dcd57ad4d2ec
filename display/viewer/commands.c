/* SPDX-License-Identifier: BSD-2-Clause */
/* SDL's events to commands; the keys are those of ffplay and mpv. */
#include "commands.h"

#include <stdbool.h>

#include <SDL.h>

static const struct {
	SDL_Keycode key;
	enum command command;
	bool repeats; /* while the key is held down */
} keys[] = {
	{ SDLK_q, COMMAND_QUIT, false },
	{ SDLK_ESCAPE, COMMAND_LEAVE, false },
	{ SDLK_f, COMMAND_FULLSCREEN, false },
	{ SDLK_p, COMMAND_PAUSE, false },
	{ SDLK_SPACE, COMMAND_PAUSE, false },
	{ SDLK_PERIOD, COMMAND_STEP, true },
	{ SDLK_s, COMMAND_SAVE, false },
	{ SDLK_i, COMMAND_STATISTICS, false },
	{ SDLK_o, COMMAND_OVERLAY, false },
};

static enum command of_key(const SDL_KeyboardEvent *event)
{
	/* Ctrl, Alt and the like belong to the desktop. */
	if (event->keysym.mod & (KMOD_CTRL | KMOD_ALT | KMOD_GUI))
		return COMMAND_NONE;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == event->keysym.sym && (keys[i].repeats || !event->repeat))
			return keys[i].command;
	return COMMAND_NONE;
}

static enum command of_window(const SDL_WindowEvent *event)
{
	switch (event->event) {
	case SDL_WINDOWEVENT_CLOSE:
		return COMMAND_QUIT;
	case SDL_WINDOWEVENT_EXPOSED:
	case SDL_WINDOWEVENT_SIZE_CHANGED:
	case SDL_WINDOWEVENT_RESTORED:
		return COMMAND_REDRAW;
	default:
		return COMMAND_NONE;
	}
}

static enum command of_event(const SDL_Event *event)
{
	switch (event->type) {
	case SDL_QUIT:
		return COMMAND_QUIT;
	case SDL_KEYDOWN:
		return of_key(&event->key);
	case SDL_WINDOWEVENT:
		return of_window(&event->window);
	case SDL_MOUSEBUTTONDOWN:
		/* A third click of the same run is not a second double click. */
		return event->button.button == SDL_BUTTON_LEFT && event->button.clicks == 2 ? COMMAND_FULLSCREEN
											    : COMMAND_NONE;
	default:
		return COMMAND_NONE;
	}
}

enum command commands_next(int wait_ms)
{
	SDL_Event event;
	enum command command = COMMAND_NONE;

	if (wait_ms > 0) {
		if (!SDL_WaitEventTimeout(&event, wait_ms))
			return COMMAND_NONE;
		command = of_event(&event);
	}
	while (command == COMMAND_NONE && SDL_PollEvent(&event))
		command = of_event(&event);
	return command;
}
