/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets that say what they are, and those that do not. */
#include <criterion/criterion.h>

#include "codec_guess.h"

#define GUESS(...) codec_guess((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* Access unit delimiter, parameter sets and the head of a picture, as x264 and x265 write them. */
Test(codec_guess, key_frames)
{
	cr_assert(GUESS(0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x67, 100, 0, 40, 0xac, 0, 0, 0, 1, 0x68, 0xeb, 0, 0, 1, 0x65,
			  0x88) == AV_CODEC_ID_H264);
	cr_assert(GUESS(0, 0, 0, 1, 0x27, 66, 0, 40, 0xac, 0, 0, 1, 0x28, 0xeb) == AV_CODEC_ID_H264);
	cr_assert(GUESS(0, 0, 0, 1, 0x46, 1, 0x50, 0, 0, 0, 1, 0x40, 1, 12, 1, 0, 0, 0, 1, 0x42, 1, 1, 2, 0, 0, 1, 0x44,
			  1) == AV_CODEC_ID_HEVC);
}

/* Between key frames, cut, empty, in another format: nothing is known. */
Test(codec_guess, says_nothing)
{
	cr_assert(codec_guess(NULL, 0) == AV_CODEC_ID_NONE);
	cr_assert(GUESS(0, 0, 1) == AV_CODEC_ID_NONE);
	cr_assert(GUESS(0, 0, 1, 0x41, 0x9a, 0, 0, 1, 0x41, 0x9a) == AV_CODEC_ID_NONE);
	cr_assert(GUESS(0, 0, 1, 2, 1, 0xd0, 0, 0, 1, 2, 1, 0x50) == AV_CODEC_ID_NONE);
	cr_assert(GUESS(0, 0, 1, 0x67, 100, 0, 0, 0, 1) == AV_CODEC_ID_NONE);
	cr_assert(GUESS(0, 0, 1, 0x67, 100, 0, 40, 0, 0, 1, 0x68) == AV_CODEC_ID_NONE, "the second is cut");
	cr_assert(GUESS(0, 0, 0, 5, 0x67, 100, 0, 40, 1, 0, 0, 0, 3, 0x68, 0xeb, 1) == AV_CODEC_ID_NONE);
}

/* What one codec may mean by the other's head, alone. */
Test(codec_guess, one_head_is_none)
{
	cr_assert(GUESS(0, 0, 1, 0x40, 1, 12, 0, 0, 1, 0x65, 0x88) == AV_CODEC_ID_NONE);
	cr_assert(GUESS(0, 0, 1, 0x42, 1, 12, 0, 0, 1, 0x42, 1) == AV_CODEC_ID_NONE);
	cr_assert(GUESS(0, 0, 1, 0x67, 3, 0, 40, 0, 0, 1, 0x68, 0xeb) == AV_CODEC_ID_NONE, "no such profile");
	cr_assert(GUESS(0, 0, 1, 7, 100, 0, 40, 0, 0, 1, 8, 0xeb) == AV_CODEC_ID_NONE, "nal_ref_idc is 0");
	cr_assert(GUESS(0, 0, 1, 0x40, 1, 12, 0, 0, 1, 0x65, 0x88, 0, 0, 1, 0x42, 1) == AV_CODEC_ID_NONE);
}

/* Parameter sets far behind are not looked for. */
Test(codec_guess, looks_at_the_beginning)
{
	static const uint8_t sets[] = { 0, 0, 1, 0x67, 100, 0, 40, 0, 0, 1, 0x68, 0xeb };
	static uint8_t packet[100000];

	memcpy(packet + 4000, sets, sizeof(sets));
	cr_assert(codec_guess(packet, sizeof(packet)) == AV_CODEC_ID_H264);
	memset(packet, 0, sizeof(packet));
	memcpy(packet + 50000, sets, sizeof(sets));
	cr_assert(codec_guess(packet, sizeof(packet)) == AV_CODEC_ID_NONE);
}
