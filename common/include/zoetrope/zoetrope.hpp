/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zoetrope for C++17: a reader is a range of frames, and a frame returns itself.
 *
 *	for (zoetrope::frame &frame : zoetrope::reader{"cam0"}) {
 *		process(frame.planes()[0].data, frame.planes()[0].stride_bytes);
 *		frame.post({zoetrope::box(0.1, 0.2, 0.3, 0.4, "person", 0.93)});
 *	}
 *
 * A thin cover over the C headers, which remain the manual; no pixel is copied. What fails
 * throws zoetrope::error with the text of zoe_error(). Timeouts are std::chrono durations,
 * times are std::chrono::steady_clock's (CLOCK_MONOTONIC), unless a name says otherwise.
 * Frames as OpenCV's matrices: <zoetrope/opencv.hpp>.
 */
#ifndef ZOETROPE_HPP
#define ZOETROPE_HPP

#include <zoetrope/pool.hpp>
#include <zoetrope/reader.hpp>
#include <zoetrope/result.hpp>
#include <zoetrope/zoetrope.h>

#endif
