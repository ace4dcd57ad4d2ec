/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames as OpenCV's matrices: over the same memory, or converted to BGR. Needs the core
 * and imgproc of OpenCV 4, and a program that is linked with them.
 */
#ifndef ZOETROPE_OPENCV_HPP
#define ZOETROPE_OPENCV_HPP

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include <zoetrope/reader.hpp>

namespace zoetrope {

namespace detail {

/* How the bytes of a pixel format lie; "foreign": mat() alone knows it. */
enum class layout { gray, rgb, planar, semi_planar, packed_422, foreign };

struct pixels {
	std::string_view format;
	enum layout layout;
	int first, others; /* OpenCV's types of plane 0, and of those that follow */
	int code;          /* to BGR, as cv::cvtColor calls it; -1: it is BGR */
};

inline error unknown(const frame &frame)
{
	return { -EOPNOTSUPP,
		"pixel format (" + std::string(frame.format()) +
			"): not for zoetrope/opencv.hpp; run zoe-capture with --pix-fmt bgr24" };
}

inline const pixels &pixels_of(const frame &frame)
{
	constexpr int byte = CV_8UC1, two = CV_8UC2, three = CV_8UC3, four = CV_8UC4;
	constexpr int word = CV_16UC1, words = CV_16UC2;
	constexpr int planar = cv::COLOR_YUV2BGR_NV12;
	static const pixels known[] = {
		{ "gray", layout::gray, byte, byte, cv::COLOR_GRAY2BGR },
		{ "bgr24", layout::rgb, three, three, -1 },
		{ "rgb24", layout::rgb, three, three, cv::COLOR_RGB2BGR },
		{ "bgra", layout::rgb, four, four, cv::COLOR_BGRA2BGR },
		{ "bgr0", layout::rgb, four, four, cv::COLOR_BGRA2BGR },
		{ "rgba", layout::rgb, four, four, cv::COLOR_RGBA2BGR },
		{ "rgb0", layout::rgb, four, four, cv::COLOR_RGBA2BGR },
		{ "yuv420p", layout::planar, byte, byte, planar },
		{ "yuvj420p", layout::planar, byte, byte, planar },
		{ "yuv422p", layout::planar, byte, byte, planar },
		{ "yuvj422p", layout::planar, byte, byte, planar },
		{ "yuv444p", layout::planar, byte, byte, planar },
		{ "yuvj444p", layout::planar, byte, byte, planar },
		{ "nv12", layout::semi_planar, byte, two, cv::COLOR_YUV2BGR_NV12 },
		{ "nv16", layout::semi_planar, byte, two, cv::COLOR_YUV2BGR_NV12 },
		{ "nv24", layout::semi_planar, byte, two, cv::COLOR_YUV2BGR_NV12 },
		{ "nv21", layout::semi_planar, byte, two, cv::COLOR_YUV2BGR_NV21 },
		{ "yuyv422", layout::packed_422, two, two, cv::COLOR_YUV2BGR_YUY2 },
		{ "yvyu422", layout::packed_422, two, two, cv::COLOR_YUV2BGR_YVYU },
		{ "uyvy422", layout::packed_422, two, two, cv::COLOR_YUV2BGR_UYVY },
		{ "argb", layout::foreign, four, four, 0 },
		{ "abgr", layout::foreign, four, four, 0 },
		{ "gbrp", layout::foreign, byte, byte, 0 },
		{ "gray16le", layout::foreign, word, word, 0 },
		{ "yuv420p10le", layout::foreign, word, word, 0 },
		{ "yuv422p10le", layout::foreign, word, word, 0 },
		{ "yuv444p10le", layout::foreign, word, word, 0 },
		{ "p010le", layout::foreign, word, words, 0 },
	};

	for (const pixels &pixels : known)
		if (frame.format() == pixels.format)
			return pixels;
	throw unknown(frame);
}

/* What the frame says of its luma and chroma; where it says nothing, what OpenCV takes for granted. */
struct colour {
	double kr = 0.299, kb = 0.114; /* BT.601 */
	bool is_ycgco = false;
	bool full_range;

	explicit colour(const frame &frame)
	{
		switch (frame.info().matrix) { /* H.273 */
		case 1:
			kr = 0.2126, kb = 0.0722;
			break; /* BT.709 */
		case 4:
			kr = 0.30, kb = 0.11;
			break; /* FCC */
		case 7:
			kr = 0.212, kb = 0.087;
			break; /* SMPTE 240M */
		case 8:
			is_ycgco = true;
			break; /* YCgCo */
		case 9:
			kr = 0.2627, kb = 0.0593;
			break; /* BT.2020 */
		default:
			break;
		}
		full_range = frame.info().range == ZOE_RANGE_FULL ||
			(frame.info().range == ZOE_RANGE_UNKNOWN && frame.format().substr(0, 4) == "yuvj");
	}

	bool is_opencv() const { return kr == 0.299 && !is_ycgco && !full_range; }

	/* B, G, R from Y, Cb, Cr of 8 bits, or from Y, Cr, Cb. */
	cv::Matx34f to_bgr(bool cr_first) const
	{
		const double y = full_range ? 1 : 255. / 219, c = full_range ? 1 : 255. / 224, kg = 1 - kr - kb;
		const double b = 2 * (1 - kb) * c, r = 2 * (1 - kr) * c, black = full_range ? 0 : -16 * y;
		const cv::Vec3d of_cb = is_ycgco ? cv::Vec3d(-c, c, -c) : cv::Vec3d(b, -b * kb / kg, 0);
		const cv::Vec3d of_cr = is_ycgco ? cv::Vec3d(-c, 0, c) : cv::Vec3d(0, -r * kr / kg, r);
		cv::Matx34f matrix;

		for (int i = 0; i < 3; i++) {
			matrix(i, 0) = static_cast<float>(y);
			matrix(i, cr_first ? 2 : 1) = static_cast<float>(of_cb[i]);
			matrix(i, cr_first ? 1 : 2) = static_cast<float>(of_cr[i]);
			matrix(i, 3) = static_cast<float>(black - 128 * (of_cb[i] + of_cr[i]));
		}
		return matrix;
	}
};

} // namespace detail

/*
 * A plane of a frame as a matrix over the same memory: packed pixels as they lie, luma and
 * chroma one by one (chroma of nv12 as two channels). The matrix does not own the memory: it
 * must not outlive the frame, and neither must a shallow copy or a region of it; clone()
 * what is to be kept. Writing to it is a SIGSEGV. Throws: a format without a type in
 * OpenCV, a plane that is not there.
 */
inline cv::Mat mat(const frame &frame, std::size_t plane = 0)
{
	const detail::pixels &pixels = detail::pixels_of(frame);
	const int type = plane == 0 ? pixels.first : pixels.others;
	const planes planes = frame.planes();

	if (plane >= planes.size())
		throw error(-EINVAL,
			"plane " + std::to_string(plane) + " of a frame in " + std::string(frame.format()) +
				": it has " + std::to_string(planes.size()));
	return { static_cast<int>(planes[plane].rows),
		static_cast<int>(planes[plane].row_bytes / static_cast<std::size_t>(CV_ELEM_SIZE(type))), type,
		const_cast<std::uint8_t *>(planes[plane].data), planes[plane].stride_bytes };
}

namespace detail {

inline cv::Mat gray_to_bgr(const frame &frame)
{
	cv::Mat stretched, out;

	if (frame.info().range == ZOE_RANGE_LIMITED)
		mat(frame).convertTo(stretched, -1, 255. / 219, -16 * 255. / 219);
	cv::cvtColor(stretched.empty() ? mat(frame) : stretched, out, cv::COLOR_GRAY2BGR);
	return out;
}

inline cv::Mat yuv_to_bgr(const frame &frame, const pixels &pixels)
{
	const bool cr_first = pixels.code == cv::COLOR_YUV2BGR_NV21 || pixels.code == cv::COLOR_YUV2BGR_YVYU;
	const cv::Size size(static_cast<int>(frame.width()), static_cast<int>(frame.height()));
	const colour colour{ frame };
	const cv::Mat first = mat(frame);
	cv::Mat luma = first, chroma, large, yuv, out;

	if (pixels.layout == layout::packed_422) {
		if (colour.is_opencv() && first.cols == size.width) {
			cv::cvtColor(first, out, pixels.code);
			return out;
		}
		const bool luma_first = pixels.code != cv::COLOR_YUV2BGR_UYVY;
		luma.release(); /* what follows has memory of its own */
		cv::extractChannel(first, luma, luma_first ? 0 : 1);
		cv::extractChannel(first, chroma, luma_first ? 1 : 0);
		chroma = chroma.reshape(2);
	} else if (pixels.layout == layout::planar) {
		cv::merge(std::array<cv::Mat, 2>{ mat(frame, 1), mat(frame, 2) }, chroma);
	} else {
		chroma = mat(frame, 1);
	}
	if (chroma.empty())
		throw error(-EBADMSG,
			"a plane of this frame does not hold one sample: its writer describes it wrongly");
	if (colour.is_opencv() && luma.cols == 2 * chroma.cols && luma.rows == 2 * chroma.rows) {
		cv::cvtColorTwoPlane(luma, chroma, out, pixels.code);
		return out;
	}
	/* Chroma as large as the picture, each sample repeated, as cv::cvtColor does it. */
	const int right = (size.width + chroma.cols - 1) / chroma.cols;
	const int down = (size.height + chroma.rows - 1) / chroma.rows;
	cv::resize(chroma, large, { chroma.cols * right, chroma.rows * down }, 0, 0, cv::INTER_NEAREST);
	const cv::Rect visible({ 0, 0 }, size);
	cv::merge(std::array<cv::Mat, 2>{ luma(visible), large(visible) }, yuv);
	if (!colour.full_range) /* what is blacker than black is black to it, too */
		cv::max(yuv, cv::Scalar(16, 0, 0), yuv);
	cv::transform(yuv, out, colour.to_bgr(cr_first));
	return out;
}

} // namespace detail

/*
 * A frame as OpenCV wants it: 8-bit BGR, in memory of its own. By cv::cvtColor where that is
 * right, else with the matrix and the range that the frame states (BT.709, BT.2020 and so
 * on, full range) and the chroma sampling of cv::cvtColor. Throws: a format that it does
 * not convert; zoe-capture --pix-fmt bgr24 does.
 */
inline cv::Mat bgr(const frame &frame)
{
	const detail::pixels &pixels = detail::pixels_of(frame);
	cv::Mat out;

	switch (pixels.layout) {
	case detail::layout::foreign:
		throw detail::unknown(frame);
	case detail::layout::gray:
		return detail::gray_to_bgr(frame);
	case detail::layout::rgb:
		if (pixels.code < 0)
			return mat(frame).clone();
		cv::cvtColor(mat(frame), out, pixels.code);
		return out;
	default:
		return detail::yuv_to_bgr(frame, pixels);
	}
}

/*
 * A picture of this frame as it lies in memory (bgr(), mat()), mirrored and turned as it is to
 * be shown, in memory of its own where that changes it. Marks on it become those to post by
 * frame::lying().
 */
inline cv::Mat upright(const frame &frame, const cv::Mat &lying)
{
	cv::Mat mirrored, out;

	if (frame.mirrored())
		cv::flip(lying, mirrored, 1);
	else
		mirrored = lying;
	if (frame.rotation() == 0)
		return mirrored;
	cv::rotate(mirrored, out,
		frame.rotation() == 90            ? cv::ROTATE_90_CLOCKWISE
			: frame.rotation() == 180 ? cv::ROTATE_180
						  : cv::ROTATE_90_COUNTERCLOCKWISE);
	return out;
}

} // namespace zoetrope
#endif
