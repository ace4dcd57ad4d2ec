/* SPDX-License-Identifier: BSD-2-Clause */
/* Each place keeps the texture of its last text, so that a text is set once and drawn often. */
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <SDL_ttf.h>

#include "geometry.h"
#include "program/message.h"

#define MARGIN_PX 8
#define TAG_POINTS 12
#define TAGS 256 /* kept; one that has another's place replaces it */

struct label {
	TTF_Font *font;
	char *lines; /* what the texture shows */
	SDL_Texture *texture;
	int width, height;
};

struct text {
	SDL_Renderer *renderer;
	struct label labels[TEXT_PLACES];
	TTF_Font *tag_font;
	struct label tags[TAGS];
};

static const int points[TEXT_PLACES] = { [TEXT_MIDDLE] = 26, [TEXT_CORNER] = 14 };

/* Where distributions put it. */
static const char *const usual_fonts[] = {
	"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
	"/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
	"/usr/share/fonts/dejavu/DejaVuSans.ttf",
	"/usr/share/fonts/TTF/DejaVuSans.ttf",
	"/usr/local/share/fonts/dejavu/DejaVuSans.ttf",
};

static const char *find_font(void)
{
	for (size_t i = 0; i < sizeof(usual_fonts) / sizeof(usual_fonts[0]); i++)
		if (access(usual_fonts[i], R_OK) == 0)
			return usual_fonts[i];
	return NULL;
}

static TTF_Font *open_font(const char *path, int size)
{
	TTF_Font *font = TTF_OpenFont(path, size);

	if (!font)
		zi_message_error("cannot open the font (%s): %s", path, TTF_GetError());
	return font;
}

static int open_fonts(struct text *text, const char *font)
{
	const char *path = font ? font : find_font();

	if (!path) {
		zi_message(
			"no text in the window: DejaVu Sans is not installed (fonts-dejavu-core); "
			"--font FILE names another font");
		return 0;
	}
	if (TTF_Init() < 0)
		return -ENOMEM;
	for (int place = 0; place < TEXT_PLACES; place++) {
		text->labels[place].font = open_font(path, points[place]);
		if (!text->labels[place].font)
			return -ENOENT;
	}
	text->tag_font = open_font(path, TAG_POINTS);
	return text->tag_font ? 0 : -ENOENT;
}

int text_create(struct text **text, SDL_Renderer *renderer, const char *font)
{
	struct text *t = calloc(1, sizeof(*t));
	int error;

	if (!t)
		return -ENOMEM;
	t->renderer = renderer;
	error = open_fonts(t, font);
	if (error) {
		text_destroy(&t);
		return error;
	}
	*text = t;
	return 0;
}

static void clear_label(struct label *label)
{
	if (label->texture)
		SDL_DestroyTexture(label->texture);
	label->texture = NULL;
	free(label->lines);
	label->lines = NULL;
}

static void set_label(struct text *text, struct label *label, const char *lines)
{
	const SDL_Color white = { 255, 255, 255, 255 };
	SDL_Surface *surface;

	clear_label(label);
	surface = TTF_RenderUTF8_Blended_Wrapped(label->font, lines, white, 0);
	if (!surface)
		return;
	label->texture = SDL_CreateTextureFromSurface(text->renderer, surface);
	label->width = surface->w;
	label->height = surface->h;
	label->lines = strdup(lines);
	SDL_FreeSurface(surface);
}

static SDL_Rect place_label(const struct label *label, enum text_place place, int width, int height)
{
	int room_x = width - 2 * MARGIN_PX, room_y = height - 2 * MARGIN_PX;
	struct area area = { MARGIN_PX, MARGIN_PX, label->width, label->height };

	if (area.width > room_x || area.height > room_y)
		area = geometry_fit(area.width, area.height, room_x > 1 ? room_x : 1, room_y > 1 ? room_y : 1);
	if (place == TEXT_MIDDLE) {
		area.x = (width - area.width) / 2;
		area.y = (height - area.height) / 2;
	} else {
		area.x = MARGIN_PX;
		area.y = MARGIN_PX;
	}
	return (SDL_Rect){ area.x, area.y, area.width, area.height };
}

int text_draw(struct text *text, enum text_place place, const char *lines, int width, int height)
{
	struct label *label = &text->labels[place];
	SDL_Rect at, back;

	if (!label->font || lines[0] == '\0')
		return 0;
	if (!label->lines || strcmp(label->lines, lines) != 0)
		set_label(text, label, lines);
	if (!label->texture)
		return 0;
	at = place_label(label, place, width, height);
	back = (SDL_Rect){ at.x - MARGIN_PX / 2, at.y - MARGIN_PX / 2, at.w + MARGIN_PX, at.h + MARGIN_PX };
	SDL_SetRenderDrawBlendMode(text->renderer, SDL_BLENDMODE_BLEND);
	SDL_SetRenderDrawColor(text->renderer, 0, 0, 0, 150);
	SDL_RenderFillRect(text->renderer, &back);
	SDL_RenderCopy(text->renderer, label->texture, NULL, &at);
	return back.y + back.h;
}

uint32_t text_hash(const char *string)
{
	uint32_t hash = 2166136261;

	for (; *string; string++)
		hash = (hash ^ (uint8_t)*string) * 16777619;
	return hash;
}

SDL_Texture *text_tag(struct text *text, const char *string, int *width, int *height)
{
	struct label *tag;

	if (!text->tag_font || string[0] == '\0')
		return NULL;
	tag = &text->tags[text_hash(string) % TAGS];
	tag->font = text->tag_font;
	if (!tag->lines || strcmp(tag->lines, string) != 0)
		set_label(text, tag, string);
	*width = tag->width;
	*height = tag->height;
	return tag->texture;
}

void text_destroy(struct text **text)
{
	if (!*text)
		return;
	for (int i = 0; i < TAGS; i++)
		clear_label(&(*text)->tags[i]);
	if ((*text)->tag_font)
		TTF_CloseFont((*text)->tag_font);
	for (int place = 0; place < TEXT_PLACES; place++) {
		clear_label(&(*text)->labels[place]);
		if ((*text)->labels[place].font)
			TTF_CloseFont((*text)->labels[place].font);
	}
	if (TTF_WasInit())
		TTF_Quit();
	free(*text);
	*text = NULL;
}
