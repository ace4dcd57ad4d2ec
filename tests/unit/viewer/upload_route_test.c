/* SPDX-License-Identifier: BSD-2-Clause */
/* Which texture a frame gets, and with whose colours. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "upload_route.h"

static const struct texture_limit no_limit;
static struct upload_route route;

static struct zoe_frame_info info_of(const char *format)
{
	struct zoe_frame_info info = { .width_px = 640, .height_px = 480, .matrix = 2 };
	snprintf(info.format, sizeof(info.format), "%s", format);
	return info;
}

static int choose(const char *format)
{
	struct zoe_frame_info info = info_of(format);
	return upload_route_choose(&info, no_limit, &route);
}

TestSuite(formats);

/* Formats that SDL knows go to the card as they are. */
Test(formats, choose_native)
{
	static const struct {
		const char *name;
		Uint32 texture;
		enum upload upload;
	} native[] = {
		{ "yuv420p", SDL_PIXELFORMAT_IYUV, UPLOAD_YUV },
		{ "nv12", SDL_PIXELFORMAT_NV12, UPLOAD_NV },
		{ "nv21", SDL_PIXELFORMAT_NV21, UPLOAD_NV },
		{ "gray", SDL_PIXELFORMAT_IYUV, UPLOAD_GRAY },
		{ "yuyv422", SDL_PIXELFORMAT_YUY2, UPLOAD_PACKED },
		{ "uyvy422", SDL_PIXELFORMAT_UYVY, UPLOAD_PACKED },
		{ "rgb24", SDL_PIXELFORMAT_RGB24, UPLOAD_PACKED },
		{ "bgr24", SDL_PIXELFORMAT_BGR24, UPLOAD_PACKED },
		{ "rgb565", SDL_PIXELFORMAT_RGB565, UPLOAD_PACKED },
	};
	for (size_t i = 0; i < sizeof(native) / sizeof(native[0]); i++) {
		cr_assert(choose(native[i].name) == 0, "%s", native[i].name);
		cr_assert(route.texture == native[i].texture && route.upload == native[i].upload &&
				route.blend == SDL_BLENDMODE_NONE,
			"%s", native[i].name);
	}
}

/* The same, with planes that hold it, one after the other. */
static struct zoe_frame_info picture_of(const char *name)
{
	struct zoe_frame_info info = info_of(name);
	enum AVPixelFormat pixels = av_get_pix_fmt(name);
	const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(pixels);

	info.n_planes = format->flags & AV_PIX_FMT_FLAG_PAL ? 2 : (uint32_t)av_pix_fmt_count_planes(pixels);
	for (int i = 0; i < (int)info.n_planes; i++) {
		bool is_palette = i == 1 && format->flags & AV_PIX_FMT_FLAG_PAL;
		info.planes[i].row_bytes = is_palette ? 1024 : (uint32_t)av_image_get_linesize(pixels, 640, i);
		info.planes[i].rows = is_palette ? 1 : 480U >> (i == 1 || i == 2 ? format->log2_chroma_h : 0);
	}
	return info;
}

/* A writer may describe anything: what is a row or a byte short in any plane, of any format, is seen. */
Test(formats, fits)
{
	const AVPixFmtDescriptor *format = NULL;

	while ((format = av_pix_fmt_desc_next(format))) {
		struct zoe_frame_info info = picture_of(format->name);
		if (format->flags & AV_PIX_FMT_FLAG_HWACCEL)
			continue;
		cr_assert(upload_route_fits(&info), "%s", format->name);
		for (uint32_t i = 0; i < info.n_planes; i++) {
			info.planes[i].rows--;
			cr_assert(!upload_route_fits(&info), "%s, rows of %u", format->name, i);
			info.planes[i].rows++;
			info.planes[i].row_bytes--;
			cr_assert(!upload_route_fits(&info), "%s, bytes of %u", format->name, i);
			info.planes[i].row_bytes++;
		}
		info.n_planes--;
		cr_assert(!upload_route_fits(&info), "%s", format->name);
	}
}

/* The bytes of a packed RGB format are where the texture expects them: the same colour, as masks see it. */
Test(formats, choose_packed_by_its_bytes)
{
	static const char *const names[] = { "rgb24", "bgr24", "rgba", "bgra", "argb", "abgr", "rgb0", "bgr0", "0rgb",
		"0bgr" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(av_get_pix_fmt(names[i]));
		Uint8 bytes[4] = { 0 }, r, g, b, a;
		Uint32 pixel = 0;

		for (int c = 0; c < 3; c++)
			bytes[format->comp[c].offset] = (Uint8)(50 * (c + 1));
		cr_assert(choose(names[i]) == 0);
		SDL_PixelFormat *texture = SDL_AllocFormat(route.texture);
		cr_assert(texture && texture->BytesPerPixel == format->comp[0].step, "%s", names[i]);
		for (int k = 0; k < texture->BytesPerPixel; k++)
			pixel |= (Uint32)bytes[k]
				<< (SDL_BYTEORDER == SDL_LIL_ENDIAN ? 8 * k : 8 * (texture->BytesPerPixel - 1 - k));
		SDL_GetRGBA(pixel, texture, &r, &g, &b, &a);
		cr_assert(r == 50 && g == 100 && b == 150, "%s: %d %d %d", names[i], r, g, b);
		SDL_FreeFormat(texture);
	}
}

/* Transparent formats are blended; those whose fourth byte means nothing are not. */
Test(formats, choose_blending)
{
	cr_assert(choose("rgba") == 0 && route.blend == SDL_BLENDMODE_BLEND);
	cr_assert(choose("rgb0") == 0 && route.blend == SDL_BLENDMODE_NONE);
	cr_assert(choose("yuva420p") == 0 && route.blend == SDL_BLENDMODE_BLEND);
	cr_assert(choose("yuv444p") == 0 && route.blend == SDL_BLENDMODE_NONE);
}

/* Palettes, more than eight bits, and chroma that SDL has not are converted. */
Test(formats, choose_converted)
{
	static const char *const names[] = { "pal8", "yuv420p10le", "p010le", "yuv422p", "yuv444p", "rgb48le",
		"gray16le", "gbrp", "monow", "ya8" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cr_assert(choose(names[i]) == 0 && route.upload == UPLOAD_CONVERTED &&
				route.texture == SDL_PIXELFORMAT_ARGB8888,
			"%s", names[i]);
}

/* What nobody can read is an error. */
Test(formats, choose_the_unreadable)
{
	cr_assert(choose("no-such-format") == -EINVAL);
	cr_assert(choose("vaapi") == -EINVAL);
	cr_assert(choose("") == -EINVAL);
}

/* Whatever has a name and can be in memory gets an answer, and equal frames get equal ones. */
Test(formats, choose_every_format)
{
	for (const AVPixFmtDescriptor *d = NULL; (d = av_pix_fmt_desc_next(d));) {
		if (choose(d->name) != 0)
			continue;
		struct upload_route first = route;
		choose(d->name);
		cr_assert(upload_route_equal(&first, &route), "%s", d->name);
		cr_assert(route.pixels == av_pix_fmt_desc_get_id(d), "%s", d->name);
	}
}

/* A stream that does not say its matrix is BT.601 up to PAL's height and BT.709 above. */
Test(formats, choose_unsaid_matrix)
{
	struct zoe_frame_info info = info_of("yuv420p");
	info.height_px = 576;
	cr_assert(upload_route_choose(&info, no_limit, &route) == 0 && route.yuv == SDL_YUV_CONVERSION_BT601);
	info.height_px = 577;
	cr_assert(upload_route_choose(&info, no_limit, &route) == 0 && route.yuv == SDL_YUV_CONVERSION_BT709);
	info.matrix = 0; /* RGB, of a YUV picture */
	cr_assert(upload_route_choose(&info, no_limit, &route) == 0 && route.yuv == SDL_YUV_CONVERSION_BT709);
}

/* SDL has three combinations of matrix and range; all others go through libswscale. */
Test(formats, choose_by_matrix_and_range)
{
	static const struct {
		uint32_t matrix, range;
		bool native;
		SDL_YUV_CONVERSION_MODE yuv;
	} rows[] = {
		{ 1, ZOE_RANGE_LIMITED, true, SDL_YUV_CONVERSION_BT709 },
		{ 1, ZOE_RANGE_UNKNOWN, true, SDL_YUV_CONVERSION_BT709 },
		{ 1, ZOE_RANGE_FULL, false, SDL_YUV_CONVERSION_BT601 },
		{ 5, ZOE_RANGE_LIMITED, true, SDL_YUV_CONVERSION_BT601 },
		{ 6, ZOE_RANGE_LIMITED, true, SDL_YUV_CONVERSION_BT601 },
		{ 6, ZOE_RANGE_FULL, true, SDL_YUV_CONVERSION_JPEG },
		{ 7, ZOE_RANGE_LIMITED, false, SDL_YUV_CONVERSION_BT601 },
		{ 9, ZOE_RANGE_LIMITED, false, SDL_YUV_CONVERSION_BT601 },
		{ 8, ZOE_RANGE_LIMITED, false, SDL_YUV_CONVERSION_BT601 },
		{ 10, ZOE_RANGE_LIMITED, false, SDL_YUV_CONVERSION_BT601 },
		/* Reserved, and beyond what libswscale knows: as if nothing was said. */
		{ 3, ZOE_RANGE_LIMITED, true, SDL_YUV_CONVERSION_BT601 },
		{ 11, ZOE_RANGE_LIMITED, true, SDL_YUV_CONVERSION_BT601 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zoe_frame_info info = info_of("yuv420p");
		info.matrix = rows[i].matrix;
		info.range = rows[i].range;
		cr_assert(upload_route_choose(&info, no_limit, &route) == 0, "%zu", i);
		cr_assert((route.upload == UPLOAD_YUV) == rows[i].native, "%zu", i);
		cr_assert(!rows[i].native || route.yuv == rows[i].yuv, "%zu", i);
		cr_assert(route.full_range == (rows[i].range == ZOE_RANGE_FULL), "%zu", i);
		cr_assert(rows[i].native || route.matrix == (int)rows[i].matrix, "%zu", i);
	}
}

/* Names with a j, and gray that does not say otherwise, are full range. */
Test(formats, choose_range_by_format)
{
	struct zoe_frame_info info = info_of("yuvj420p");
	info.range = ZOE_RANGE_LIMITED;
	cr_assert(upload_route_choose(&info, no_limit, &route) == 0 && route.yuv == SDL_YUV_CONVERSION_JPEG);
	info = info_of("gray");
	info.matrix = 1;
	cr_assert(upload_route_choose(&info, no_limit, &route) == 0 && route.yuv == SDL_YUV_CONVERSION_JPEG);
	info.range = ZOE_RANGE_LIMITED;
	cr_assert(upload_route_choose(&info, no_limit, &route) == 0 && route.yuv == SDL_YUV_CONVERSION_BT601);
	cr_assert(route.upload == UPLOAD_GRAY);
	cr_assert(choose("ya8") == 0 && route.full_range);
}

/* Whatever changes midway, a texture for it is another one. */
Test(formats, equal)
{
	choose("yuv420p");
	struct upload_route changed[9], same = route;
	for (int i = 0; i < 9; i++)
		changed[i] = route;
	changed[0].pixels++;
	changed[1].texture++;
	changed[2].upload++;
	changed[3].blend++;
	changed[4].yuv++;
	changed[5].matrix++;
	changed[6].full_range ^= true;
	changed[7].width_px++;
	changed[8].height_px++;
	cr_assert(upload_route_equal(&route, &same));
	for (int i = 0; i < 9; i++)
		cr_assert(!upload_route_equal(&route, &changed[i]), "%d", i);
}

/* RGB of any depth goes through BT.601 on both sides, whatever matrix and height it has. */
Test(formats, choose_rgb_of_any_depth)
{
	static const char *const names[] = { "gbrp10le", "rgb48le", "rgba64le", "gbrpf32le", "xyz12le", "pal8" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct zoe_frame_info info = info_of(names[i]);
		info.height_px = 1080;
		cr_assert(upload_route_choose(&info, no_limit, &route) == 0 && route.matrix == SWS_CS_ITU601, "%s",
			names[i]);
		info.matrix = 1;
		cr_assert(upload_route_choose(&info, no_limit, &route) == 0 && route.matrix == SWS_CS_ITU601, "%s",
			names[i]);
	}
}

/* Of matrices that nothing here knows there is a word; RGB has none to know. */
Test(formats, knows_matrix)
{
	struct zoe_frame_info info = info_of("yuv420p"), rgb = info_of("gbrp");

	for (info.matrix = 0; info.matrix < 20; info.matrix++) {
		cr_assert(upload_route_knows_matrix(&info) == (info.matrix < 10), "%u", info.matrix);
		rgb.matrix = info.matrix;
		cr_assert(upload_route_knows_matrix(&rgb));
	}
}

/* A frame that is too large for a texture keeps its shape and is converted; one that just fits goes as it is. */
Test(formats, choose_within_a_limit)
{
	static const struct {
		uint32_t width_px, height_px;
		enum upload upload;
		int to_width_px, to_height_px;
	} rows[] = {
		{ 4096, 4096, UPLOAD_YUV, 4096, 4096 },
		{ 4097, 4096, UPLOAD_CONVERTED, 4096, 4095 },
		{ 8192, 4000, UPLOAD_CONVERTED, 4096, 2000 },
		{ 100, 16384, UPLOAD_CONVERTED, 25, 4096 },
		{ 100000, 1, UPLOAD_CONVERTED, 4096, 1 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zoe_frame_info info = info_of("yuvj420p");
		info.matrix = 5;
		info.width_px = rows[i].width_px;
		info.height_px = rows[i].height_px;
		cr_assert(upload_route_choose(&info, (struct texture_limit){ 4096, 4096 }, &route) == 0);
		cr_assert(route.upload == rows[i].upload && route.width_px == rows[i].to_width_px &&
				route.height_px == rows[i].to_height_px,
			"%zu: %dx%d", i, route.width_px, route.height_px);
		cr_assert(upload_route_choose(&info, no_limit, &route) == 0 && route.upload == UPLOAD_YUV);
	}
}
