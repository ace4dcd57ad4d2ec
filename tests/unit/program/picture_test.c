/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "program/picture.h"

TestSuite(picture);

#define PADDING 24 /* after each row; must stay as it was */

struct canvas {
	struct zi_picture picture;
	uint8_t *memory;
	size_t n_bytes;
};

static struct canvas make_canvas(uint32_t width, uint32_t height)
{
	struct canvas canvas = { .picture = { .width_px = width, .height_px = height } };
	struct zi_picture *picture = &canvas.picture;
	size_t offsets[3], at = 0;

	for (int plane = 0; plane < 3; plane++) {
		uint32_t rows = plane ? (height + 1) / 2 : height;

		picture->stride_bytes[plane] = (plane ? (width + 1) / 2 : width) + PADDING;
		offsets[plane] = at;
		at += (size_t)rows * picture->stride_bytes[plane];
	}
	canvas.n_bytes = at;
	canvas.memory = malloc(at);
	cr_assert(canvas.memory != NULL, "memory");
	memset(canvas.memory, 0xee, at);
	for (int plane = 0; plane < 3; plane++)
		picture->data[plane] = canvas.memory + offsets[plane];
	return canvas;
}

/* What was drawn is read back, in even and odd sizes and at the smallest. */
Test(picture, read_what_was_drawn)
{
	static const uint32_t sizes[][2] = { { 64, 16 }, { 65, 17 }, { 352, 288 }, { 1919, 1079 } };
	static const int64_t numbers[] = { 0, 1, 255, 256, 123456789012345, INT64_MAX };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct canvas canvas = make_canvas(sizes[i][0], sizes[i][1]);

		for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++) {
			zi_picture_draw(&canvas.picture, (uint64_t)numbers[k]);
			cr_assert(zi_picture_read(&canvas.picture) == numbers[k], "%ux%u, number %lld", sizes[i][0],
				sizes[i][1], (long long)numbers[k]);
		}
		free(canvas.memory);
	}
}

/* Every row of every plane is proved at both of its edges: one wrong byte in any is seen. */
Test(picture, read_with_one_wrong_byte)
{
	struct canvas canvas = make_canvas(98, 34);

	zi_picture_draw(&canvas.picture, 77);
	for (int plane = 0; plane < 3; plane++) {
		uint32_t width = plane ? 49 : 98, rows = plane ? 17 : 34;

		for (uint32_t row = 0; row < rows; row++) {
			uint8_t *start = canvas.picture.data[plane] + (size_t)row * canvas.picture.stride_bytes[plane];

			for (int i = 0; i < 16; i++) {
				uint8_t *byte = i < 8 ? start + i : start + width - 16 + i;

				*byte ^= 1;
				cr_assert(zi_picture_read(&canvas.picture) == -1, "plane %d, row %u, byte %d", plane,
					row, i);
				*byte ^= 1;
			}
		}
	}
	cr_assert(zi_picture_read(&canvas.picture) == 77, "mended");
	free(canvas.memory);
}

/* A picture of which one half is of another number is torn. */
Test(picture, read_torn)
{
	struct canvas canvas = make_canvas(160, 120), next = make_canvas(160, 120);

	zi_picture_draw(&canvas.picture, 4);
	zi_picture_draw(&next.picture, 5);
	memcpy(canvas.memory, next.memory, canvas.n_bytes / 3);
	cr_assert(zi_picture_read(&canvas.picture) == -1, "torn");
	free(canvas.memory);
	free(next.memory);
}

/* A row that stands at another row's place is not taken for the right one. */
Test(picture, read_displaced_row)
{
	struct canvas canvas = make_canvas(160, 120);
	uint8_t *rows = canvas.picture.data[0];
	uint32_t stride = canvas.picture.stride_bytes[0];

	zi_picture_draw(&canvas.picture, 4);
	memcpy(rows + 30 * (size_t)stride, rows + 31 * (size_t)stride, stride);
	cr_assert(zi_picture_read(&canvas.picture) == -1, "displaced");
	free(canvas.memory);
}

/* Zeroes, one grey, and a number that no frame can have are no test picture. */
Test(picture, read_something_else)
{
	struct canvas canvas = make_canvas(64, 16);

	memset(canvas.memory, 0, canvas.n_bytes);
	cr_assert(zi_picture_read(&canvas.picture) == -1, "zeroes");
	memset(canvas.memory, 128, canvas.n_bytes);
	cr_assert(zi_picture_read(&canvas.picture) == -1, "grey");
	zi_picture_draw(&canvas.picture, UINT64_MAX);
	cr_assert(zi_picture_read(&canvas.picture) == -1, "beyond INT64_MAX");
	free(canvas.memory);
}

/* Below the smallest size nothing is drawn and nothing is read. */
Test(picture, draw_too_small)
{
	struct canvas canvas = make_canvas(63, 16);

	zi_picture_draw(&canvas.picture, 1);
	cr_assert(canvas.memory[0] == 0xee, "drawn");
	cr_assert(zi_picture_read(&canvas.picture) == -1, "read");
	free(canvas.memory);
}

/* Padding between the rows stays as it was. */
Test(picture, draw_keeps_padding)
{
	struct canvas canvas = make_canvas(129, 77);

	for (uint64_t number = 0; number < 200; number += 7)
		zi_picture_draw(&canvas.picture, number);
	for (int plane = 0; plane < 3; plane++) {
		uint32_t width = plane ? 65 : 129, rows = plane ? 39 : 77;

		for (uint32_t i = 0; i < rows * PADDING; i++) {
			uint32_t row = i / PADDING, column = width + i % PADDING;

			cr_assert(canvas.picture.data[plane][row * (width + PADDING) + column] == 0xee,
				"plane %d, row %u", plane, row);
		}
	}
	free(canvas.memory);
}

/* The same number is the same picture, and the next one differs inside and not in its stamps alone. */
Test(picture, draw_is_a_function_of_the_number)
{
	struct canvas a = make_canvas(320, 240), b = make_canvas(320, 240);
	size_t n_different = 0;

	zi_picture_draw(&a.picture, 1000);
	zi_picture_draw(&b.picture, 9);
	zi_picture_draw(&b.picture, 1000);
	cr_assert(memcmp(a.memory, b.memory, a.n_bytes) == 0, "the same number");
	zi_picture_draw(&b.picture, 1001);
	for (uint32_t i = 0; i < 240; i++) {
		size_t middle = i * (size_t)a.picture.stride_bytes[0] + 8;

		n_different += memcmp(a.memory + middle, b.memory + middle, 320 - 16) != 0;
	}
	cr_assert(n_different > 200, "only %zu rows moved", n_different);
	free(a.memory);
	free(b.memory);
}
