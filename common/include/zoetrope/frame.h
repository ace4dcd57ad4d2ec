/* SPDX-License-Identifier: BSD-2-Clause */
/* A frame: pixels in shared memory and what is known about them. */
#ifndef ZOETROPE_FRAME_H
#define ZOETROPE_FRAME_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ZOE_MAX_PLANES 4
#define ZOE_FORMAT_BYTES 32

/*
 * One plane: `rows` rows of `row_bytes` bytes of picture each; row r begins at
 * offset + r * stride_bytes. Strides are never negative; the bytes between row_bytes and
 * stride_bytes are padding of no meaning.
 */
struct zoe_plane {
	uint64_t offset_bytes; /* of the first visible byte, from the slot's first byte */
	uint32_t stride_bytes;
	uint32_t row_bytes;
	uint32_t rows;
	uint32_t reserved; /* 0 */
};

/* zoe_frame_info.flags */
enum {
	ZOE_FRAME_KEYFRAME = 1 << 0,
	ZOE_FRAME_CORRUPT = 1 << 1,       /* something is lacking in it or in what it was made from */
	ZOE_FRAME_DISCONTINUITY = 1 << 2, /* time does not run on from the frame before */
	ZOE_FRAME_REPEAT = 1 << 3,        /* the same picture as the frame before */
	ZOE_FRAME_COPIED = 1 << 4,        /* copied or converted into its slot, not decoded there */
	ZOE_FRAME_CAMERA_CLOCK = 1 << 5,  /* wall_ns is when the picture was taken, by the camera's clock */
};

/* zoe_frame_info.field_order, zoe_frame_info.range */
enum { ZOE_PROGRESSIVE = 0, ZOE_TOP_FIELD_FIRST = 1, ZOE_BOTTOM_FIELD_FIRST = 2 };
enum { ZOE_RANGE_UNKNOWN = 0, ZOE_RANGE_LIMITED = 1, ZOE_RANGE_FULL = 2 };

/*
 * Mastering display (SMPTE ST 2086) and content light level (CTA-861.3). Chromaticities
 * in steps of 0.00002, luminance in steps of 0.0001 cd/m2, light levels in cd/m2.
 */
struct zoe_hdr {
	uint32_t has_mastering;   /* 1: the first four members are known; otherwise 0 */
	uint32_t has_light_level; /* 1: the last two are; otherwise 0 */
	uint32_t primaries[3][2]; /* red, green, blue: x, y */
	uint32_t white_point[2];  /* x, y */
	uint32_t max_luminance;
	uint32_t min_luminance;
	uint32_t max_content; /* MaxCLL */
	uint32_t max_average; /* MaxFALL */
};

/*
 * What is known about a frame. The writer fills it in and every reader gets it
 * unchanged; 0 means unknown or none unless said otherwise. All fields have a fixed
 * width: the same record stands in shared memory (common/LAYOUT.md), and never grows; what is
 * new takes the place of something reserved.
 */
struct zoe_frame_info {
	uint32_t width_px; /* of the visible picture: cropping is already applied */
	uint32_t height_px;
	char format[ZOE_FORMAT_BYTES]; /* FFmpeg's name of the pixel format: "yuv420p" */
	/*
	 * Planes as FFmpeg orders them for this format. "pal8" has two: the indices, and
	 * the palette as one row of 256 native-endian 32-bit words 0xAARRGGBB.
	 */
	uint32_t n_planes;
	uint32_t flags; /* ZOE_FRAME_... */
	struct zoe_plane planes[ZOE_MAX_PLANES];

	uint32_t coded_width_px; /* the whole decoded picture, before cropping */
	uint32_t coded_height_px;
	uint32_t crop_left_px; /* where the visible picture begins within it */
	uint32_t crop_top_px;
	int32_t sar_num, sar_den; /* a pixel's width : height; 0:1 unknown, taken as square */
	uint32_t rotation_deg;    /* turn it by this clockwise to show it upright: 0, 90, 180, 270, */
	uint32_t field_order;

	/* Colour, with the code points of ITU-T H.273 (2 is unspecified). */
	uint32_t range;
	uint32_t matrix;
	uint32_t primaries;
	uint32_t transfer;
	uint32_t chroma_location; /* 0 unknown, else 1 + H.273 Chroma420SampleLocType */
	uint32_t mirrored;        /* 1: and before that turn exchange its left and right; otherwise 0 */

	int64_t pts;      /* presentation time in units of the time base; INT64_MIN unknown */
	int64_t duration; /* in the same units; 0 unknown */
	int32_t time_base_num, time_base_den;

	int64_t wall_ns;      /* CLOCK_REALTIME when the packet was read, or see ZOE_FRAME_CAMERA_CLOCK */
	int64_t read_ns;      /* CLOCK_MONOTONIC when the packet was read, */
	int64_t decoded_ns;   /* when its picture was complete, */
	int64_t published_ns; /* and when it was published (set by zoe_writer_publish) */

	struct zoe_hdr hdr;
	int32_t rate_num, rate_den; /* frames a second, on average, as the source says; 0:1 and 0:0 unknown */
	uint64_t reserved[7];       /* 0 */
};

/*
 * A frame that a reader holds. It is the reader's until zoe_reader_release(): neither
 * this record nor the pixels change before. The pixels are mapped read-only; writing to
 * them is a SIGSEGV.
 */
struct zoe_frame {
	uint64_t seq;                        /* 1, 2, 3 … within an epoch; a gap means frames not seen */
	uint64_t epoch;                      /* which life of the pool; random, never 0 */
	uint64_t skipped;                    /* frames published since this reader's last, and not acquired */
	const uint8_t *data[ZOE_MAX_PLANES]; /* first visible byte of each plane; NULL beyond n_planes */
	struct zoe_frame_info info;
	uint64_t reserved[4]; /* 0 */
};

#ifdef __cplusplus
}
#endif
#endif
