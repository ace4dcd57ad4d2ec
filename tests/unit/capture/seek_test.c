/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether decoding began early enough for --seek, and what is shown of what it gives. */
#include <criterion/criterion.h>

#include "seek.h"

#define NONE AV_NOPTS_VALUE
#define S INT64_C(1000000000)

static struct seek seek;
static AVFrame *frame;
static int64_t pts;
static bool is_dated = true;

/* 1 kHz, beginning at 500. */
static void begin(void)
{
	seek = (struct seek){ 0 };
	seek_begin_pass(&seek, (AVRational){ 1, 1000 }, 500, 10 * S);
	frame = av_frame_alloc();
	cr_assert(frame != NULL);
}

static void end(void)
{
	av_frame_free(&frame);
}

static enum seek_verdict packet(int64_t its_pts, int64_t dts, int flags)
{
	AVPacket packet = { .pts = its_pts, .dts = dts, .flags = flags };

	return seek_judge_packet(&seek, &packet, is_dated);
}

static enum seek_verdict picture(int64_t its_pts, int flags)
{
	frame->pts = its_pts;
	frame->flags = flags;
	return seek_judge_picture(&seek, frame, its_pts, true);
}

TestSuite(seek, .init = begin, .fini = end);

/* Without --seek everything is shown, and nothing is sought. */
Test(seek, none)
{
	seek_begin_pass(&seek, (AVRational){ 1, 1000 }, 500, 0);
	cr_assert(!seek_jump(&seek, &pts));
	cr_assert(packet(NONE, NONE, 0) == SEEK_USE && picture(0, AV_FRAME_FLAG_CORRUPT) == SEEK_USE);
}

/* From the key frame on packets are decoded; pictures are shown from the time on that was asked for. */
Test(seek, early_enough)
{
	cr_assert(seek_jump(&seek, &pts) && pts == 10500);
	cr_assert(packet(9000, 9000, 0) == SEEK_SKIP);
	cr_assert(packet(9500, 9400, AV_PKT_FLAG_KEY) == SEEK_USE);
	cr_assert(packet(9450, 9450, 0) == SEEK_USE);
	cr_assert(picture(9450, 0) == SEEK_SKIP, "leads the key frame");
	cr_assert(picture(9500, 0) == SEEK_SKIP);
	cr_assert(picture(10499, 0) == SEEK_SKIP);
	cr_assert(picture(10500, AV_FRAME_FLAG_CORRUPT) == SEEK_USE, "the file's own damage");
	cr_assert(picture(10400, 0) == SEEK_USE, "all that follows");
}

/* A key frame after that time, or none before it, is too late: further back, at last to the first packet. */
Test(seek, too_late)
{
	static const int64_t jumps[] = { 10500, 9500, 8500, 6500, 2500 };

	for (int i = 0; i < 5; i++) {
		cr_assert(seek_jump(&seek, &pts) && pts == jumps[i]);
		cr_assert(packet(10501, 10501, AV_PKT_FLAG_KEY) == SEEK_FURTHER_BACK);
		cr_assert(packet(10700, 10500, 0) == SEEK_SKIP && packet(10700, 10501, 0) == SEEK_FURTHER_BACK);
		cr_assert(seek_judge_end(&seek) == SEEK_FURTHER_BACK);
		seek_further_back(&seek);
	}
	cr_assert(!seek_jump(&seek, &pts));
	cr_assert(packet(600, 500, 0) == SEEK_USE && picture(600, AV_FRAME_FLAG_CORRUPT) == SEEK_SKIP);
	cr_assert(seek_judge_end(&seek) == SEEK_SKIP, "it ends before that time");
	cr_assert(picture(11000, 0) == SEEK_USE && seek_judge_end(&seek) == SEEK_USE);
}

/* A key frame whose time the index does not confirm is none to begin with. */
Test(seek, wrong_time)
{
	seek_jump(&seek, &pts);
	is_dated = false;
	cr_assert(packet(10000, 10000, 0) == SEEK_SKIP);
	cr_assert(packet(10000, 10000, AV_PKT_FLAG_KEY) == SEEK_FURTHER_BACK);
	is_dated = true;
	cr_assert(packet(10000, 10000, AV_PKT_FLAG_KEY) == SEEK_USE);
	is_dated = false;
	cr_assert(packet(10040, 10040, 0) == SEEK_USE);
}

/* The next pass goes back as far at once. */
Test(seek, the_next_pass)
{
	seek_further_back(&seek);
	seek_further_back(&seek);
	seek_begin_pass(&seek, (AVRational){ 1, 100 }, 50, 10 * S);
	cr_assert(seek_jump(&seek, &pts) && pts == 850);
	seek_from_start(&seek);
	seek_begin_pass(&seek, (AVRational){ 1, 100 }, 50, 10 * S);
	cr_assert(!seek_jump(&seek, &pts));
}

/* The decoder gives nothing whole until after that time (gradual refresh): further back. */
Test(seek, recovers_too_late)
{
	seek_jump(&seek, &pts);
	cr_assert(packet(10000, 10000, AV_PKT_FLAG_KEY) == SEEK_USE);
	cr_assert(picture(10000, AV_FRAME_FLAG_CORRUPT) == SEEK_SKIP);
	cr_assert(picture(10501, 0) == SEEK_FURTHER_BACK);
	seek_further_back(&seek);
	seek_jump(&seek, &pts);
	cr_assert(packet(9500, 9500, 0) == SEEK_SKIP, "its key frame is still to come");
	cr_assert(packet(9600, 9600, AV_PKT_FLAG_KEY | AV_PKT_FLAG_CORRUPT) == SEEK_SKIP);
	cr_assert(packet(9700, 9700, AV_PKT_FLAG_KEY) == SEEK_USE);
	frame->decode_error_flags = FF_DECODE_ERROR_MISSING_REFERENCE;
	cr_assert(picture(10501, 0) == SEEK_SKIP, "nor is that one whole");
}

/* Times that are made up of the order of packets are those of the first packet on, and so is the beginning. */
Test(seek, without_pts)
{
	seek_jump(&seek, &pts);
	cr_assert(packet(NONE, NONE, AV_PKT_FLAG_KEY) == SEEK_FROM_START);
	cr_assert(packet(NONE, 10000, AV_PKT_FLAG_KEY) == SEEK_USE);
	frame->pts = NONE;
	cr_assert(seek_judge_picture(&seek, frame, 10000, true) == SEEK_FROM_START);
	seek_from_start(&seek);
	cr_assert(!seek_jump(&seek, &pts));
	cr_assert(seek_judge_picture(&seek, frame, 540, true) == SEEK_SKIP);
	cr_assert(seek_judge_picture(&seek, frame, 10539, true) == SEEK_SKIP);
	cr_assert(seek_judge_picture(&seek, frame, 10540, true) == SEEK_USE);
}

/* A stream whose beginning is not known begins with its first picture. */
Test(seek, without_a_start)
{
	seek_begin_pass(&seek, (AVRational){ 1, 1000 }, NONE, 10 * S);
	cr_assert(!seek_jump(&seek, &pts));
	cr_assert(picture(7000, 0) == SEEK_SKIP && picture(16999, 0) == SEEK_SKIP && picture(17000, 0) == SEEK_USE);
}

/* A picture begins at that time or after it, but for what a container rounds. */
Test(seek, between_ticks)
{
	seek_begin_pass(&seek, (AVRational){ 1, 10 }, 0, S / 50);
	cr_assert(seek.target == 1);
	seek_begin_pass(&seek, (AVRational){ 1, 1000 }, 0, 33300000);
	cr_assert(seek.target == 33, "33 1/3 ms, as Matroska has it");
}

/* What cannot go back shows what comes, once it is whole and not before that time. */
Test(seek, take_what_comes)
{
	seek_take_what_comes(&seek);
	seek_jump(&seek, &pts);
	cr_assert(packet(11000, 10900, 0) == SEEK_SKIP && packet(11000, 11000, AV_PKT_FLAG_KEY) == SEEK_USE);
	cr_assert(seek_judge_end(&seek) == SEEK_SKIP, "there is no way back");
	cr_assert(picture(10900, 0) == SEEK_SKIP && picture(11000, 0) == SEEK_USE);
}
