/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test picture: a drifting gradient, a bouncing disc, the number in large digits.
 * Everything is drawn with one memcpy or memset per row, so that a writer spends its time
 * in memory and not in arithmetic.
 */
#include "program/picture.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define STAMP_BYTES 8
#define MAX_PERIOD 1024

struct colour {
	uint8_t y, u, v;
};

/* Limited range, as video is. */
static const struct colour white = { 235, 128, 128 }, black = { 16, 128, 128 };
static const struct colour disc_colours[] = {
	{ 160, 60, 180 },  /* orange */
	{ 130, 200, 90 },  /* blue */
	{ 150, 80, 80 },   /* green */
	{ 110, 150, 210 }, /* pink */
};

/* 5 x 7, one byte a row, the leftmost column in bit 4. */
#define DIGIT_COLUMNS 5
#define DIGIT_ROWS 7
static const uint8_t digits[10][DIGIT_ROWS] = {
	{ 0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e },
	{ 0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e },
	{ 0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f },
	{ 0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e },
	{ 0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02 },
	{ 0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e },
	{ 0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e },
	{ 0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08 },
	{ 0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e },
	{ 0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c },
};

static uint32_t plane_width(const struct zi_picture *picture, int plane)
{
	return plane == 0 ? picture->width_px : picture->width_px / 2 + picture->width_px % 2;
}

static uint32_t plane_height(const struct zi_picture *picture, int plane)
{
	return plane == 0 ? picture->height_px : picture->height_px / 2 + picture->height_px % 2;
}

static uint8_t *row_of(const struct zi_picture *picture, int plane, uint32_t row)
{
	return picture->data[plane] + (size_t)row * picture->stride_bytes[plane];
}

/* Up from 0 to range - 1 and down again, one step a time. */
static uint32_t bounce(uint64_t time, uint32_t range)
{
	uint64_t at = time % (2 * (uint64_t)range);

	return (uint32_t)(at < range ? at : 2 * (uint64_t)range - 1 - at);
}

/* Fill a plane with a wave between low and high that slants, and drifts with the number. */
static void draw_gradient(const struct zi_picture *picture, int plane, uint64_t shift, uint8_t low, uint8_t high)
{
	uint8_t wave[2 * MAX_PERIOD];
	uint32_t width = plane_width(picture, plane), height = plane_height(picture, plane);
	uint32_t period = 64, n;

	while (period < width / 2 && period < MAX_PERIOD)
		period *= 2;
	for (uint32_t i = 0; i < 2 * period; i++)
		wave[i] = (uint8_t)(low + bounce(i, period / 2) * (uint32_t)(high - low) / (period / 2));
	for (uint32_t row = 0; row < height; row++) {
		uint8_t *to = row_of(picture, plane, row);
		const uint8_t *from = wave + (row / 2 + shift) % period;

		for (uint32_t at = 0; at < width; at += n) {
			n = width - at < period ? width - at : period;
			memcpy(to + at, from, n);
		}
	}
}

/* A rectangle in luma pixels, cut to the picture. */
static void fill(const struct zi_picture *picture, int64_t left, int64_t top, int64_t width, int64_t height,
	struct colour colour)
{
	const uint8_t values[3] = { colour.y, colour.u, colour.v };

	for (int plane = 0; plane < 3; plane++) {
		int part = plane == 0 ? 1 : 2;
		int64_t x0 = left / part, x1 = (left + width) / part;
		int64_t y0 = top / part, y1 = (top + height) / part;

		x0 = x0 < 0 ? 0 : x0;
		y0 = y0 < 0 ? 0 : y0;
		x1 = x1 > plane_width(picture, plane) ? plane_width(picture, plane) : x1;
		y1 = y1 > plane_height(picture, plane) ? plane_height(picture, plane) : y1;
		for (int64_t y = y0; x0 < x1 && y < y1; y++)
			memset(row_of(picture, plane, (uint32_t)y) + x0, values[plane], (size_t)(x1 - x0));
	}
}

static void draw_disc(const struct zi_picture *picture, int64_t x, int64_t y, int64_t radius, struct colour colour)
{
	int64_t half = 0;

	/* From the top down the disc's half width changes by little: no square root. */
	for (int64_t dy = -radius; dy <= radius; dy += 2) {
		while (half * half + dy * dy < radius * radius)
			half++;
		while (half > 0 && half * half + dy * dy > radius * radius)
			half--;
		fill(picture, x - half, y + dy, 2 * half, 2, colour);
	}
}

static void draw_ball(const struct zi_picture *picture, uint64_t number)
{
	uint32_t radius = picture->height_px / 8;
	uint32_t x_range, y_range, x_step = picture->width_px / 160 + 1, y_step = (x_step * 3 + 3) / 4;
	int64_t x, y;

	if (radius > picture->width_px / 8)
		radius = picture->width_px / 8;
	x_range = picture->width_px - 2 * radius;
	y_range = picture->height_px - 2 * radius;
	x = radius + bounce(number % (2 * (uint64_t)x_range) * x_step, x_range);
	y = radius + bounce(number % (2 * (uint64_t)y_range) * y_step, y_range);
	draw_disc(picture, x, y, radius, white);
	draw_disc(picture, x, y, radius - radius / 8, disc_colours[number / 120 % 4]);
	draw_disc(picture, x - radius * 3 / 8, y - radius * 3 / 8, radius / 6, white);
}

static void draw_digit(const struct zi_picture *picture, int64_t left, int64_t top, int64_t scale, unsigned digit,
	struct colour colour)
{
	for (int row = 0; row < DIGIT_ROWS; row++) {
		for (int column = 0; column < DIGIT_COLUMNS; column++) {
			if (digits[digit][row] >> (DIGIT_COLUMNS - 1 - column) & 1)
				fill(picture, left + column * scale, top + row * scale, scale, scale, colour);
		}
	}
}

/* In the lower left corner, white over a black shadow. */
static void draw_number(const struct zi_picture *picture, uint64_t number)
{
	int64_t scale = picture->height_px / 72 * 2, left, top;
	uint64_t power = 1;

	if (scale < 1)
		scale = 1;
	left = STAMP_BYTES * 2 + 2 * scale;
	top = picture->height_px - (DIGIT_ROWS + 2) * scale;
	while (number / power >= 10)
		power *= 10;
	for (; power > 0; power /= 10, left += (DIGIT_COLUMNS + 1) * scale) {
		unsigned digit = (unsigned)(number / power % 10);

		draw_digit(picture, left + (scale + 1) / 2, top + (scale + 1) / 2, scale, digit, black);
		draw_digit(picture, left, top, scale, digit, white);
	}
}

static void make_stamp(uint8_t stamp[STAMP_BYTES], uint64_t number, uint32_t row)
{
	for (int i = 0; i < STAMP_BYTES; i++)
		stamp[i] = (uint8_t)(number >> 8 * i ^ row);
}

static bool too_small(const struct zi_picture *picture)
{
	return picture->width_px < ZI_PICTURE_MIN_WIDTH || picture->height_px < ZI_PICTURE_MIN_HEIGHT;
}

void zi_picture_draw(const struct zi_picture *picture, uint64_t number)
{
	if (too_small(picture))
		return;
	draw_gradient(picture, 0, number * 2, 70, 170);
	draw_gradient(picture, 1, number, 105, 165);
	draw_gradient(picture, 2, UINT64_MAX - number, 95, 150);
	draw_ball(picture, number);
	draw_number(picture, number);
	for (int plane = 0; plane < 3; plane++) {
		for (uint32_t row = 0; row < plane_height(picture, plane); row++) {
			uint8_t *start = row_of(picture, plane, row), stamp[STAMP_BYTES];

			make_stamp(stamp, number, row);
			memcpy(start, stamp, STAMP_BYTES);
			memcpy(start + plane_width(picture, plane) - STAMP_BYTES, stamp, STAMP_BYTES);
		}
	}
}

static uint64_t read_number(const uint8_t *stamp)
{
	uint64_t number = 0;

	for (int i = 0; i < STAMP_BYTES; i++)
		number |= (uint64_t)stamp[i] << 8 * i;
	return number;
}

int64_t zi_picture_read(const struct zi_picture *picture)
{
	uint64_t number;

	if (too_small(picture))
		return -1;
	number = read_number(picture->data[0]);
	for (int plane = 0; plane < 3; plane++) {
		for (uint32_t row = 0; row < plane_height(picture, plane); row++) {
			const uint8_t *start = row_of(picture, plane, row);
			const uint8_t *end = start + plane_width(picture, plane);
			uint8_t stamp[STAMP_BYTES];

			make_stamp(stamp, number, row);
			if (memcmp(start, stamp, STAMP_BYTES) != 0 ||
				memcmp(end - STAMP_BYTES, stamp, STAMP_BYTES) != 0)
				return -1;
		}
	}
	return number <= INT64_MAX ? (int64_t)number : -1;
}
