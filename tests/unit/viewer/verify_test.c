/* SPDX-License-Identifier: BSD-2-Clause */
/* --verify on test pictures that are whole, torn, changed, repeated and mislabelled. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/picture.h"
#include "verify.h"

#define WIDTH 65
#define HEIGHT 17
#define STRIDE 128

static uint8_t pixels[3][STRIDE * HEIGHT];
static struct zoe_frame frame;
static struct verify verify;
static char said[1024]; /* on stderr, to begin with nothing */

static void draw(uint64_t number)
{
	struct zi_picture picture = { .width_px = WIDTH, .height_px = HEIGHT };
	for (int i = 0; i < 3; i++) {
		picture.data[i] = pixels[i];
		picture.stride_bytes[i] = STRIDE;
	}
	zi_picture_draw(&picture, number);
}

static void begin(void)
{
	stderr = fmemopen(said, sizeof(said), "w");
	setbuf(stderr, NULL);
	frame = (struct zoe_frame){ .epoch = 1,
		.info = { .width_px = WIDTH, .height_px = HEIGHT, .format = "yuv420p", .n_planes = 3 } };
	for (int i = 0; i < 3; i++) {
		frame.data[i] = pixels[i];
		frame.info.planes[i].stride_bytes = STRIDE;
		frame.info.planes[i].row_bytes = i == 0 ? WIDTH : (WIDTH + 1) / 2;
		frame.info.planes[i].rows = i == 0 ? HEIGHT : (HEIGHT + 1) / 2;
	}
	verify = (struct verify){ 0 };
}

static int acquire(uint64_t number)
{
	draw(number);
	frame.info.pts = (int64_t)number;
	return verify_acquired(&verify, &frame);
}

TestSuite(verify, .init = begin);

/* Pictures whose numbers rise, with gaps, are right. */
Test(verify, acquired_in_order)
{
	static const uint64_t numbers[] = { 0, 1, 5, 1000 };
	for (int i = 0; i < 4; i++) {
		cr_assert(acquire(numbers[i]) == 0);
		verify_released(&verify, &frame, verify.acquired);
	}
	cr_assert(verify.checked == 4 && verify_conclude(&verify, "cam0") == 0);
}

/* A row of an older picture is seen, and nothing more is asked of that frame. */
Test(verify, acquired_torn)
{
	acquire(1);
	draw(2);
	pixels[2][STRIDE * 3] ^= 1;
	cr_assert(verify_acquired(&verify, &frame) == 0);
	verify_released(&verify, &frame, verify.acquired);
	cr_assert(verify.torn == 1 && verify.changed == 0 && verify.repeated == 0 && verify.mislabelled == 0);
	cr_assert(verify_conclude(&verify, "cam0") == -EBADMSG);
}

/* Another picture in a held frame is a broken promise; half of one is, too. */
Test(verify, released_changed)
{
	acquire(1);
	draw(2);
	verify_released(&verify, &frame, verify.acquired);
	cr_assert(verify.changed == 1 && verify.torn == 0);
	acquire(3);
	pixels[0][0] ^= 1;
	verify_released(&verify, &frame, verify.acquired);
	cr_assert(verify.changed == 1 && verify.torn == 1);
	cr_assert(verify_conclude(&verify, "cam0") == -EBADMSG);
	cr_assert(strstr(said, "of 2 frames 1 torn, 1 changed, 0 repeated"), "%s", said);
}

/* The first picture has a number like any other: 0. */
Test(verify, released_changed_from_the_first)
{
	acquire(0);
	draw(1);
	verify_released(&verify, &frame, verify.acquired);
	cr_assert(verify.changed == 1);
}

/* A number that does not rise is a repeat, the same one and an older one. */
Test(verify, acquired_repeated)
{
	acquire(5);
	acquire(5);
	acquire(4);
	cr_assert(verify.repeated == 2 && verify_conclude(&verify, "cam0") == -EBADMSG);
}

/* A new life of the pool counts from the beginning again. */
Test(verify, acquired_in_another_epoch)
{
	acquire(5);
	frame.epoch = 2;
	acquire(0);
	cr_assert(verify.repeated == 0 && verify_conclude(&verify, "cam0") == 0);
}

/* A picture under the time of another one is seen. */
Test(verify, acquired_mislabelled)
{
	draw(5);
	frame.info.pts = 6;
	cr_assert(verify_acquired(&verify, &frame) == 0);
	cr_assert(verify.mislabelled == 1 && verify_conclude(&verify, "cam0") == -EBADMSG);
}

/* A result about the frame is right, whether its mark has the picture's number or none. */
Test(verify, matched)
{
	struct worker_result *result = calloc(1, sizeof(*result) + sizeof(result->marks[0]));
	frame.seq = 3;
	result->epoch = 1;
	result->seq = 3;
	acquire(42);
	verify_matched(&verify, &frame, 42, result);
	result->n_marks = 1;
	verify_matched(&verify, &frame, 42, result);
	result->marks[0].id = 42;
	verify_matched(&verify, &frame, 42, result);
	cr_assert(verify.mismatched == 0 && verify_conclude(&verify, "cam0") == 0);
	free(result);
}

/* One about another frame, of another life, or with another picture's number is not. */
Test(verify, matched_with_another_result)
{
	struct worker_result *result = calloc(1, sizeof(*result) + sizeof(result->marks[0]));
	frame.seq = 3;
	result->epoch = 1;
	result->seq = 2;
	acquire(42);
	verify_matched(&verify, &frame, 42, result);
	cr_assert(verify.mismatched == 1);
	result->seq = 3;
	result->epoch = 2;
	verify_matched(&verify, &frame, 42, result);
	cr_assert(verify.mismatched == 2);
	result->epoch = 1;
	result->n_marks = 1;
	result->marks[0].id = 41;
	verify_matched(&verify, &frame, 42, result);
	cr_assert(verify.mismatched == 3 && verify_conclude(&verify, "cam0") == -EBADMSG);
	cr_assert(strstr(said, "3 with another frame's result"), "%s", said);
	free(result);
}

/* Frames that no test picture can be are an error at once. */
Test(verify, acquired_another_format)
{
	snprintf(frame.info.format, sizeof(frame.info.format), "nv12");
	cr_assert(acquire(1) == -EINVAL && verify.checked == 0);
	cr_assert(strstr(said, "nv12"), "%s", said);
}

/* The smallest picture that carries a number is verified, and nothing smaller. */
Test(verify, acquired_the_smallest)
{
	frame.info.width_px = ZI_PICTURE_MIN_WIDTH;
	frame.info.height_px = ZI_PICTURE_MIN_HEIGHT;
	cr_assert(verify_acquired(&verify, &frame) == 0);
	frame.info.width_px--;
	cr_assert(verify_acquired(&verify, &frame) == -EINVAL);
	frame.info.width_px++;
	frame.info.height_px--;
	cr_assert(verify_acquired(&verify, &frame) == -EINVAL && verify.checked == 1);
}

/* One right picture is enough; none is not. */
Test(verify, conclude_after_one_picture)
{
	cr_assert(verify_conclude(&verify, "cam0") == -EBADMSG);
	cr_assert(strstr(said, "nothing verified (cam0)"), "%s", said);
	acquire(7);
	verify_released(&verify, &frame, verify.acquired);
	cr_assert(verify_conclude(&verify, "cam0") == 0);
}

/* A film that is no test picture at all is told from one with torn frames. */
Test(verify, conclude_without_a_test_picture)
{
	for (int i = 0; i < 3; i++) {
		draw((uint64_t)i);
		pixels[0][0] ^= 1;
		verify_acquired(&verify, &frame);
	}
	cr_assert(verify.torn == 3 && verify_conclude(&verify, "cam0") == -EBADMSG);
	cr_assert(strstr(said, "none of 3 frames"), "%s", said);
}
