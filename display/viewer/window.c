/* SPDX-License-Identifier: BSD-2-Clause */
/* SDL's window and renderer, and how a picture lies in them. */
#include "window.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <SDL.h>

#include "geometry.h"
#include "graph.h"
#include "overlay.h"
#include "program/message.h"
#include "text.h"
#include "texture.h"

#define WAITING_WIDTH_PX 640
#define WAITING_HEIGHT_PX 360
#define SMALLEST_PX 16
#define MARGIN_PX 4

struct window {
	SDL_Window *sdl;
	SDL_Renderer *renderer;
	struct text *text;
	struct texture texture;
	struct zoe_frame_info info; /* of the picture in the texture */
	bool is_shown;
	bool is_sized; /* by --size, or for the first picture */
};

static bool has_desktop(void)
{
	const char *driver = SDL_GetCurrentVideoDriver();

	return driver && strcmp(driver, "dummy") != 0 && strcmp(driver, "offscreen") != 0;
}

static int start_sdl(void)
{
	/* main() handles signals; the desktop's compositor stays on. */
	SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
	SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
	SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
	/*
	 * SDL's own choice ends with drivers whose windows nobody sees. Wayland needs the folder,
	 * and complains on stderr without it. The environment overrides this.
	 */
	SDL_SetHint(SDL_HINT_VIDEODRIVER, getenv("XDG_RUNTIME_DIR") ? "x11,wayland,kmsdrm" : "x11,kmsdrm");
	if (SDL_Init(SDL_INIT_VIDEO) == 0)
		return 0;
	zi_message_error("no window: SDL finds no usable display (%s); without one, set SDL_VIDEODRIVER=dummy",
		SDL_GetError());
	return -ENODEV;
}

/*
 * Vertical sync keeps a picture from tearing, and only a graphics card has it: on the
 * software renderer SDL would imitate it by sleeping.
 */
static SDL_Renderer *create_renderer(SDL_Window *window)
{
	SDL_Renderer *renderer = NULL;
	SDL_RendererInfo info;

	if (has_desktop())
		renderer = SDL_CreateRenderer(window, -1, SDL_RENDERER_ACCELERATED | SDL_RENDERER_PRESENTVSYNC);
	if (!renderer)
		renderer = SDL_CreateRenderer(window, -1, SDL_RENDERER_SOFTWARE);
	if (renderer && SDL_GetRendererInfo(renderer, &info) == 0 && info.flags & SDL_RENDERER_SOFTWARE)
		SDL_RenderSetVSync(renderer, 0);
	return renderer;
}

static int open_window(struct window *w, const struct window_options *options)
{
	Uint32 flags = SDL_WINDOW_RESIZABLE | SDL_WINDOW_HIDDEN;
	int width = options->width_px ? options->width_px : WAITING_WIDTH_PX;
	int height = options->height_px ? options->height_px : WAITING_HEIGHT_PX;

	if (options->fullscreen)
		flags |= SDL_WINDOW_FULLSCREEN_DESKTOP;
	w->sdl = SDL_CreateWindow(options->title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, width, height, flags);
	if (w->sdl)
		w->renderer = create_renderer(w->sdl);
	if (!w->renderer) {
		zi_message_error("no window: %s; without a display, set SDL_VIDEODRIVER=dummy", SDL_GetError());
		return -ENODEV;
	}
	SDL_SetWindowMinimumSize(w->sdl, SMALLEST_PX, SMALLEST_PX);
	SDL_StopTextInput();
	return 0;
}

int window_create(struct window **window, const struct window_options *options)
{
	struct window *w;
	int error = start_sdl();

	if (error)
		return error;
	w = calloc(1, sizeof(*w));
	if (!w) {
		SDL_Quit();
		return -ENOMEM;
	}
	w->is_sized = options->width_px > 0;
	error = open_window(w, options);
	if (!error)
		error = text_create(&w->text, w->renderer, options->font);
	if (error)
		window_destroy(&w);
	else
		*window = w;
	return error;
}

void window_show(struct window *window)
{
	if (window->is_shown)
		return;
	SDL_ShowWindow(window->sdl);
	window->is_shown = true;
}

/* Give the window the picture's size, or what of it the desktop has room for. */
static void size_for_picture(struct window *window)
{
	SDL_Rect desktop;
	int width, height, display = SDL_GetWindowDisplayIndex(window->sdl);

	window->is_sized = true;
	geometry_upright(&window->info, &width, &height);
	if (has_desktop() && SDL_GetDisplayUsableBounds(display, &desktop) == 0 &&
		(width > desktop.w || height > desktop.h)) {
		struct area area = geometry_fit(width, height, desktop.w, desktop.h);

		width = area.width;
		height = area.height;
	}
	SDL_SetWindowSize(window->sdl, width, height);
	SDL_SetWindowPosition(window->sdl, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED);
}

/* A size that the user chose while there was only text is kept. */
static bool was_resized(struct window *window)
{
	int width, height;

	SDL_GetWindowSize(window->sdl, &width, &height);
	return width != WAITING_WIDTH_PX || height != WAITING_HEIGHT_PX;
}

int window_upload(struct window *window, const struct zoe_frame *frame)
{
	int error = texture_upload(&window->texture, window->renderer, frame);

	if (error)
		return error;
	window->info = frame->info;
	if (!window->is_sized && !window_is_fullscreen(window) && !was_resized(window))
		size_for_picture(window);
	window->is_sized = true;
	window_show(window);
	return 0;
}

bool window_converts(const struct window *window)
{
	return window->texture.sdl && window->texture.route.upload == UPLOAD_CONVERTED;
}

static void draw_picture(struct window *window, struct area area)
{
	struct orientation orientation = geometry_orientation(&window->info);
	struct area unturned = geometry_unturned(area, orientation);
	SDL_Rect at = { unturned.x, unturned.y, unturned.width, unturned.height };

	if (orientation.rotation_deg % 360 == 0 && !orientation.mirrored)
		SDL_RenderCopy(window->renderer, window->texture.sdl, NULL, &at);
	else
		SDL_RenderCopyEx(window->renderer, window->texture.sdl, NULL, &at, orientation.rotation_deg, NULL,
			orientation.mirrored ? SDL_FLIP_HORIZONTAL : SDL_FLIP_NONE);
}

static void clear(struct window *window)
{
	SDL_SetRenderDrawColor(window->renderer, 0, 0, 0, 255);
	SDL_RenderClear(window->renderer);
}

static void draw_scene(struct window *window, int width, int height, const struct layers *marks)
{
	int upright_width, upright_height;
	struct area area;

	clear(window);
	if (!window->texture.sdl)
		return;
	geometry_upright(&window->info, &upright_width, &upright_height);
	area = geometry_fit(upright_width, upright_height, width, height);
	draw_picture(window, area);
	overlay_draw(window->renderer, window->text, area, geometry_orientation(&window->info), marks);
}

static void dim(struct window *window)
{
	SDL_SetRenderDrawBlendMode(window->renderer, SDL_BLENDMODE_BLEND);
	SDL_SetRenderDrawColor(window->renderer, 0, 0, 0, 140);
	SDL_RenderFillRect(window->renderer, NULL);
}

void window_draw(struct window *window, const struct window_overlay *overlay)
{
	int width, height, corner;

	if (SDL_GetRendererOutputSize(window->renderer, &width, &height) < 0)
		return;
	draw_scene(window, width, height, overlay->marks);
	if (overlay->dimmed)
		dim(window);
	corner = text_draw(window->text, TEXT_CORNER, overlay->statistics, width, height);
	if (overlay->graph) {
		struct area room = { MARGIN_PX, corner + MARGIN_PX, width - 2 * MARGIN_PX,
			height - corner - 2 * MARGIN_PX };

		graph_draw(window->renderer, window->text, room, overlay->graph);
	}
	text_draw(window->text, TEXT_MIDDLE, overlay->message, width, height);
	SDL_RenderPresent(window->renderer);
}

bool window_is_fullscreen(const struct window *window)
{
	return SDL_GetWindowFlags(window->sdl) & SDL_WINDOW_FULLSCREEN;
}

void window_toggle_fullscreen(struct window *window)
{
	SDL_SetWindowFullscreen(window->sdl, window_is_fullscreen(window) ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
}

void window_set_title(struct window *window, const char *title)
{
	SDL_SetWindowTitle(window->sdl, title);
}

void window_describe(const struct window *window, char *text, size_t n_bytes)
{
	SDL_RendererInfo info = { .name = "?" };
	const char *driver = SDL_GetCurrentVideoDriver();

	SDL_GetRendererInfo(window->renderer, &info);
	snprintf(text, n_bytes, "%s, %s", driver ? driver : "?", info.name);
}

static int read_pixels(struct window *window, int width, int height, struct png_pixels *pixels)
{
	*pixels = (struct png_pixels){ .width_px = width,
		.height_px = height,
		.sar_num = 1,
		.sar_den = 1,
		.stride_bytes = width * 3 };
	pixels->rgb = malloc((size_t)width * 3 * (size_t)height);
	if (!pixels->rgb)
		return -ENOMEM;
	if (SDL_RenderReadPixels(window->renderer, NULL, SDL_PIXELFORMAT_RGB24, pixels->rgb, pixels->stride_bytes) == 0)
		return 0;
	free(pixels->rgb);
	pixels->rgb = NULL;
	return -EIO;
}

static int read_window(struct window *window, const struct layers *marks, struct png_pixels *pixels)
{
	int width, height;

	if (SDL_GetRendererOutputSize(window->renderer, &width, &height) < 0)
		return -EIO;
	draw_scene(window, width, height, marks);
	return read_pixels(window, width, height, pixels);
}

/* The slot was returned long ago, but its picture is still in the texture. */
static int read_picture(struct window *window, struct png_pixels *pixels)
{
	const struct zoe_frame_info *info = &window->info;
	bool on_its_side = geometry_lies_on_its_side(geometry_orientation(info));
	const struct upload_route *route = &window->texture.route;
	int width = on_its_side ? route->height_px : route->width_px;
	int height = on_its_side ? route->width_px : route->height_px;
	SDL_Texture *target = SDL_CreateTexture(window->renderer, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_TARGET,
		width, height);
	int error = -EIO;

	if (target && SDL_SetRenderTarget(window->renderer, target) == 0) {
		clear(window);
		draw_picture(window, (struct area){ 0, 0, width, height });
		error = read_pixels(window, width, height, pixels);
		SDL_SetRenderTarget(window->renderer, NULL);
	}
	if (target)
		SDL_DestroyTexture(target);
	if (!error && info->sar_num > 0 && info->sar_den > 0) {
		pixels->sar_num = on_its_side ? info->sar_den : info->sar_num;
		pixels->sar_den = on_its_side ? info->sar_num : info->sar_den;
	}
	return error;
}

int window_read(struct window *window, const struct layers *marks, struct png_pixels *pixels)
{
	if (!window->texture.sdl)
		return -ENODATA;
	return marks ? read_window(window, marks, pixels) : read_picture(window, pixels);
}

void window_destroy(struct window **window)
{
	struct window *w = *window;

	if (!w)
		return;
	texture_finish(&w->texture);
	text_destroy(&w->text);
	if (w->renderer)
		SDL_DestroyRenderer(w->renderer);
	if (w->sdl)
		SDL_DestroyWindow(w->sdl);
	SDL_Quit();
	free(w);
	*window = NULL;
}
