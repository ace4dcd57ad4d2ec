/* SPDX-License-Identifier: BSD-2-Clause */
/* The simplest frames: one plane of gray, its rows close to each other. */
#ifndef SUPPORT_FRAME_H
#define SUPPORT_FRAME_H

#include <zoetrope/writer.h>

/* The description of one. */
struct zoe_frame_info gray_frame(uint32_t width_px, uint32_t height_px);

/*
 * Publish one whose pixels all have this value, without waiting for readers. 0 or the
 * error of zoe_writer_begin or zoe_writer_publish; the slot is let go then.
 */
int publish_gray(struct zoe_writer *writer, uint32_t width_px, uint32_t height_px, int value);

#endif
