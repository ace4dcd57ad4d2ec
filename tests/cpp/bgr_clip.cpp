/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every frame of a lossless pool as BGR is what cv::cvtColor makes of a copy of the same
 * bytes, to one level. Usage: bgr_clip POOL
 */
#include <algorithm>
#include <iostream>
#include <map>

#include "pool.hpp"

#include <zoetrope/opencv.hpp>

struct copied {
	int type, rows_of_2; /* of the matrix that OpenCV wants: its rows in halves of the picture's */
	int code;
};

static const std::map<std::string_view, copied> formats = {
	{ "yuv420p", { CV_8UC1, 3, cv::COLOR_YUV2BGR_I420 } },
	{ "nv12", { CV_8UC1, 3, cv::COLOR_YUV2BGR_NV12 } },
	{ "nv21", { CV_8UC1, 3, cv::COLOR_YUV2BGR_NV21 } },
	{ "yuyv422", { CV_8UC2, 2, cv::COLOR_YUV2BGR_YUY2 } },
	{ "uyvy422", { CV_8UC2, 2, cv::COLOR_YUV2BGR_UYVY } },
	{ "rgb24", { CV_8UC3, 2, cv::COLOR_RGB2BGR } },
	{ "rgba", { CV_8UC4, 2, cv::COLOR_RGBA2BGR } },
	{ "bgra", { CV_8UC4, 2, cv::COLOR_BGRA2BGR } },
	{ "gray", { CV_8UC1, 2, cv::COLOR_GRAY2BGR } },
};

static cv::Mat by_opencv(const zoetrope::frame &frame)
{
	const copied &copied = formats.at(frame.format());
	cv::Mat copy(int(frame.height()) * copied.rows_of_2 / 2, int(frame.width()), copied.type), bgr;
	std::uint8_t *to = copy.data;

	for (const zoetrope::plane &plane : frame.planes())
		for (std::size_t y = 0; y < plane.rows; y++)
			to = std::copy_n(plane.row(y), plane.row_bytes, to);
	cv::cvtColor(copy, bgr, copied.code);
	return bgr;
}

static std::string pool_to_read;

static void compare()
{
	zoetrope::options options;
	double apart = 0;
	int n = 0;

	options.policy = ZOE_LOSSLESS;
	options.timeout = std::chrono::seconds(60);
	for (const zoetrope::frame &frame : zoetrope::reader{ pool_to_read, options }) {
		const cv::Mat wanted = by_opencv(frame), bgr = zoetrope::bgr(frame);

		check(bgr.size() == wanted.size() && bgr.type() == CV_8UC3, "another shape");
		apart = std::max(apart, cv::norm(bgr, wanted, cv::NORM_INF));
		check(apart <= 1,
			"frame " + std::to_string(frame.seq()) + " is " + std::to_string(apart) + " levels away");
		n++;
	}
	std::cout << n << " frames, at most " << apart << " levels away\n";
	check(n > 0, "no frames");
}

int main(int argc, char **argv)
{
	cv::setNumThreads(1); /* OpenCV's others spin, and take the time from capture on a busy machine */
	pool_to_read = argc > 1 ? argv[1] : "main";
	return run({ compare });
}
