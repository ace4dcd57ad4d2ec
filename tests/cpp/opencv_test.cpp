/* SPDX-License-Identifier: BSD-2-Clause */
/* opencv.hpp: matrices over the same memory, and BGR that is right to one level, by the formula and by OpenCV. */
#include <algorithm>
#include <cmath>

#include "pool.hpp"

#include <zoetrope/opencv.hpp>

/* Bytes that look like noise, the same whenever they are asked for. */
static std::uint8_t noise(int plane, int x, int y)
{
	std::uint32_t n = std::uint32_t(plane * 7919 + x * 104729 + y * 1299709 + 1);

	n ^= n << 13;
	n ^= n >> 17;
	n ^= n << 5;
	return std::uint8_t(n >> 8);
}

struct colours {
	std::uint32_t range, matrix;
	double kr, kb;
};

/* As in the textbook, but that OpenCV takes luma below black for black. */
static cv::Vec3d by_formula(double y, double cb, double cr, const colours &colours, bool full)
{
	const double kg = 1 - colours.kr - colours.kb;

	y = full ? y : (std::max(y, 16.) - 16) * 255 / 219;
	cb = (cb - 128) * (full ? 1 : 255. / 224);
	cr = (cr - 128) * (full ? 1 : 255. / 224);
	const double r = y + 2 * (1 - colours.kr) * cr, b = y + 2 * (1 - colours.kb) * cb;
	const double g = (y - colours.kr * r - colours.kb * b) / kg;
	return { std::clamp(b, 0., 255.), std::clamp(g, 0., 255.), std::clamp(r, 0., 255.) };
}

/* Where luma and chroma of a pixel are: in which plane, at which byte of which row. */
struct place {
	int plane, first, step, right, down;

	double at(int x, int y) const { return noise(plane, x / right * step + first, y / down); }
};

struct yuv {
	std::string format;
	place y, cb, cr;
	std::function<std::vector<shape::size>(std::uint32_t, std::uint32_t)> planes;
};

static std::uint32_t half(std::uint32_t n)
{
	return (n + 1) / 2;
}

static const yuv yuvs[] = {
	{ "yuv420p", { 0, 0, 1, 1, 1 }, { 1, 0, 1, 2, 2 }, { 2, 0, 1, 2, 2 },
		[](auto w, auto h) {
			return std::vector<shape::size>{ { w, h }, { half(w), half(h) }, { half(w), half(h) } };
		} },
	{ "yuvj420p", { 0, 0, 1, 1, 1 }, { 1, 0, 1, 2, 2 }, { 2, 0, 1, 2, 2 },
		[](auto w, auto h) {
			return std::vector<shape::size>{ { w, h }, { half(w), half(h) }, { half(w), half(h) } };
		} },
	{ "yuv422p", { 0, 0, 1, 1, 1 }, { 1, 0, 1, 2, 1 }, { 2, 0, 1, 2, 1 },
		[](auto w, auto h) {
			return std::vector<shape::size>{ { w, h }, { half(w), h }, { half(w), h } };
		} },
	{ "yuv444p", { 0, 0, 1, 1, 1 }, { 1, 0, 1, 1, 1 }, { 2, 0, 1, 1, 1 },
		[](auto w, auto h) {
			return std::vector<shape::size>{ { w, h }, { w, h }, { w, h } };
		} },
	{ "nv12", { 0, 0, 1, 1, 1 }, { 1, 0, 2, 2, 2 }, { 1, 1, 2, 2, 2 },
		[](auto w, auto h) {
			return std::vector<shape::size>{ { w, h }, { 2 * half(w), half(h) } };
		} },
	{ "nv21", { 0, 0, 1, 1, 1 }, { 1, 1, 2, 2, 2 }, { 1, 0, 2, 2, 2 },
		[](auto w, auto h) {
			return std::vector<shape::size>{ { w, h }, { 2 * half(w), half(h) } };
		} },
	{ "nv16", { 0, 0, 1, 1, 1 }, { 1, 0, 2, 2, 1 }, { 1, 1, 2, 2, 1 },
		[](auto w, auto h) {
			return std::vector<shape::size>{ { w, h }, { 2 * half(w), h } };
		} },
	{ "nv24", { 0, 0, 1, 1, 1 }, { 1, 0, 2, 1, 1 }, { 1, 1, 2, 1, 1 },
		[](auto w, auto h) {
			return std::vector<shape::size>{ { w, h }, { 2 * w, h } };
		} },
	{ "yuyv422", { 0, 0, 2, 1, 1 }, { 0, 1, 4, 2, 1 }, { 0, 3, 4, 2, 1 },
		[](auto w, auto h) {
			return std::vector<shape::size>{ { 4 * half(w), h } };
		} },
	{ "yvyu422", { 0, 0, 2, 1, 1 }, { 0, 3, 4, 2, 1 }, { 0, 1, 4, 2, 1 },
		[](auto w, auto h) {
			return std::vector<shape::size>{ { 4 * half(w), h } };
		} },
	{ "uyvy422", { 0, 1, 2, 1, 1 }, { 0, 0, 4, 2, 1 }, { 0, 2, 4, 2, 1 },
		[](auto w, auto h) {
			return std::vector<shape::size>{ { 4 * half(w), h } };
		} },
};

static const colours known[] = {
	{ ZOE_RANGE_UNKNOWN, 2, 0.299, 0.114 },
	{ ZOE_RANGE_LIMITED, 6, 0.299, 0.114 },
	{ ZOE_RANGE_FULL, 5, 0.299, 0.114 },
	{ ZOE_RANGE_LIMITED, 1, 0.2126, 0.0722 },
	{ ZOE_RANGE_FULL, 1, 0.2126, 0.0722 },
	{ ZOE_RANGE_LIMITED, 9, 0.2627, 0.0593 },
};

static double furthest(const cv::Mat &bgr, const std::function<cv::Vec3d(int, int)> &wanted)
{
	double apart = 0;

	for (int y = 0; y < bgr.rows; y++)
		for (int x = 0; x < bgr.cols; x++)
			for (int i = 0; i < 3; i++)
				apart = std::max(apart, std::abs(bgr.at<cv::Vec3b>(y, x)[i] - wanted(x, y)[i]));
	return apart;
}

/* Every layout, matrix and range, of even and odd sizes, by the textbook's formula. */
static void test_yuv(pool &pool, zoetrope::reader &reader)
{
	for (const yuv &yuv : yuvs) {
		for (const colours &colours : known) {
			for (const cv::Size size :
				{ cv::Size(64, 48), cv::Size(65, 47), cv::Size(2, 2), cv::Size(1, 1) }) {
				const bool full = colours.range == ZOE_RANGE_FULL ||
					(colours.range == ZOE_RANGE_UNKNOWN && yuv.format == "yuvj420p");
				const auto w = std::uint32_t(size.width), h = std::uint32_t(size.height);

				pool.publish({ yuv.format, w, h, yuv.planes(w, h) }, noise, colours.range,
					colours.matrix);
				const cv::Mat bgr = zoetrope::bgr(*reader.acquire(std::chrono::seconds(5)));
				check(bgr.type() == CV_8UC3 && bgr.size() == size, yuv.format + ": another shape");
				const double apart = furthest(bgr, [&](int x, int y) {
					return by_formula(yuv.y.at(x, y), yuv.cb.at(x, y), yuv.cr.at(x, y), colours,
						full);
				});
				/* One level beside what a level is rounded from. */
				check(apart < 1.5,
					yuv.format + ", range " + std::to_string(colours.range) + ", matrix " +
						std::to_string(colours.matrix) + ": " + std::to_string(apart) +
						" levels away");
			}
		}
	}
}

struct rgb {
	std::string format;
	int bytes, blue, green, red;
};

static void test_rgb(pool &pool, zoetrope::reader &reader)
{
	static const rgb rgbs[] = {
		{ "gray", 1, 0, 0, 0 },
		{ "bgr24", 3, 0, 1, 2 },
		{ "rgb24", 3, 2, 1, 0 },
		{ "bgra", 4, 0, 1, 2 },
		{ "bgr0", 4, 0, 1, 2 },
		{ "rgba", 4, 2, 1, 0 },
		{ "rgb0", 4, 2, 1, 0 },
	};

	for (const rgb &rgb : rgbs) {
		pool.publish({ rgb.format, 63, 17, { { std::uint32_t(63 * rgb.bytes), 17 } } }, noise, ZOE_RANGE_FULL);
		const cv::Mat bgr = zoetrope::bgr(*reader.acquire(std::chrono::seconds(5)));
		check(furthest(bgr,
			      [&](int x, int y) {
				      return cv::Vec3d(noise(0, x * rgb.bytes + rgb.blue, y),
					      noise(0, x * rgb.bytes + rgb.green, y),
					      noise(0, x * rgb.bytes + rgb.red, y));
			      }) == 0,
			rgb.format + ": other colours");
	}
	pool.publish(
		{ "gray", 16, 16, { { 16, 16 } } }, [](int, int, int) { return std::uint8_t(235); }, ZOE_RANGE_LIMITED);
	const cv::Mat white = zoetrope::bgr(*reader.acquire(std::chrono::seconds(5)));
	check(white.at<cv::Vec3b>(0, 0) == cv::Vec3b(255, 255, 255), "gray of limited range is stretched");
}

/* What OpenCV itself makes of the same bytes, where it has no choice of a matrix. */
static void test_against_opencv(pool &pool, zoetrope::reader &reader)
{
	cv::Mat i420(48 * 3 / 2, 64, CV_8UC1), wanted, apart;

	pool.publish({ "yuv420p", 64, 48, { { 64, 48 }, { 32, 24 }, { 32, 24 } } }, noise, ZOE_RANGE_LIMITED, 6);
	const zoetrope::frame frame = *reader.acquire(std::chrono::seconds(5));
	std::uint8_t *to = i420.data;
	for (const zoetrope::plane &plane : frame.planes())
		for (std::size_t y = 0; y < plane.rows; y++)
			to = std::copy_n(plane.row(y), plane.row_bytes, to);
	cv::cvtColor(i420, wanted, cv::COLOR_YUV2BGR_I420);
	cv::absdiff(wanted, zoetrope::bgr(frame), apart);
	check(cv::norm(apart, cv::NORM_INF) <= 1, "yuv420p is not what OpenCV makes of it");
}

/* A matrix lies where the slot lies, with its stride; what has no type says so. */
static void test_same_memory(pool &pool, zoetrope::reader &reader)
{
	pool.publish({ "nv12", 64, 48, { { 64, 48 }, { 64, 24 } } }, noise);
	{
		const zoetrope::frame frame = *reader.acquire(std::chrono::seconds(5));
		const cv::Mat luma = zoetrope::mat(frame), chroma = zoetrope::mat(frame, 1);

		check(luma.data == frame.planes()[0].data && luma.step == 80 && luma.size() == cv::Size(64, 48) &&
				luma.type() == CV_8UC1,
			"luma");
		check(chroma.data == frame.planes()[1].data && chroma.size() == cv::Size(32, 24) &&
				chroma.type() == CV_8UC2,
			"chroma");
		try {
			zoetrope::mat(frame, 2);
			check(false, "nv12 has no third plane");
		} catch (const zoetrope::error &error) {
			check(std::string(error.what()) == "plane 2 of a frame in nv12: it has 2", error.what());
		}
	}
	for (const char *format : { "yuv420p10le", "monob" }) {
		pool.publish({ format, 8, 8, { { 16, 8 }, { 8, 4 }, { 8, 4 } } }, noise);
		try {
			zoetrope::bgr(*reader.acquire(std::chrono::seconds(5)));
			check(false, std::string(format) + " is not converted");
		} catch (const zoetrope::error &error) {
			check(std::string(error.what()) ==
					"pixel format (" + std::string(format) +
						"): not for zoetrope/opencv.hpp; run zoe-capture with --pix-fmt bgr24",
				error.what());
		}
	}
}

/* YCgCo has no weights of red and blue: red and green, of both ranges. */
static void test_ycgco(pool &pool, zoetrope::reader &reader)
{
	static const int colours[][4] = { { ZOE_RANGE_FULL, 64, 64, 255 }, { ZOE_RANGE_LIMITED, 71, 72, 240 },
		{ ZOE_RANGE_FULL, 128, 255, 128 }, { ZOE_RANGE_LIMITED, 126, 240, 128 } };

	for (int i = 0; i < 4; i++) {
		pool.publish(
			{ "yuv420p", 16, 8, { { 16, 8 }, { 8, 4 }, { 8, 4 } } },
			[&](int plane, int, int) { return std::uint8_t(colours[i][plane + 1]); },
			std::uint32_t(colours[i][0]), 8);
		const cv::Vec3b bgr = zoetrope::bgr(*reader.acquire(std::chrono::seconds(5))).at<cv::Vec3b>(3, 5);
		const cv::Vec3b wanted = i < 2 ? cv::Vec3b(0, 0, 255) : cv::Vec3b(0, 255, 0);
		check(cv::norm(bgr, wanted, cv::NORM_INF) <= 3, "YCgCo");
	}
}

/* In all eight ways a box on the upright picture lies on the same pixels. */
static void test_orientations(pool &pool, zoetrope::reader &reader)
{
	for (std::uint32_t way = 0; way < 8; way++) {
		pool.publish({ "gray", 12, 8, { { 12, 8 } } }, noise, ZOE_RANGE_FULL, 2, way % 4 * 90, way >= 4);
		const zoetrope::frame frame = *reader.acquire(std::chrono::seconds(5));
		const cv::Mat lying = zoetrope::mat(frame), upright = zoetrope::upright(frame, lying);
		const cv::Size size = upright.size();
		check(size == (way % 2 ? cv::Size(8, 12) : cv::Size(12, 8)), "the upright size");
		const zoetrope::mark box = frame.lying(
			zoetrope::box(1. / size.width, 2. / size.height, 3. / size.width, 4. / size.height));
		const cv::Rect at(int(std::lround(box.x * 12)), int(std::lround(box.y * 8)),
			int(std::lround(box.width * 12)), int(std::lround(box.height * 8)));
		check(cv::norm(zoetrope::upright(frame, lying(at)), upright({ 1, 2, 3, 4 }), cv::NORM_INF) == 0,
			"a box, way " + std::to_string(way));
		const zoetrope::mark line = frame.lying(zoetrope::line(0, 0, 0.25, 0.5));
		check(std::abs(line.width) + std::abs(line.height) == 0.75f, "a line keeps its length");
	}
	/* Once against numbers: mirrored, then turned by a quarter. */
	pool.publish(
		{ "gray", 2, 2, { { 2, 2 } } }, [](int, int x, int y) { return std::uint8_t(x + 2 * y); },
		ZOE_RANGE_FULL, 2, 90, true);
	const zoetrope::frame frame = *reader.acquire(std::chrono::seconds(5));
	const cv::Mat upright = zoetrope::upright(frame, zoetrope::mat(frame));
	check(upright.at<std::uint8_t>(0, 0) == 3 && upright.at<std::uint8_t>(0, 1) == 1 &&
			upright.at<std::uint8_t>(1, 0) == 2 && upright.at<std::uint8_t>(1, 1) == 0,
		"mirrored, then turned");
}

static void test_all()
{
	const std::string name = pool_name("cv");
	pool pool{ name };

	pool.publish(0);
	zoetrope::reader reader{ name };
	reader.acquire(std::chrono::seconds(5));
	test_yuv(pool, reader);
	test_rgb(pool, reader);
	test_against_opencv(pool, reader);
	test_same_memory(pool, reader);
	test_ycgco(pool, reader);
	test_orientations(pool, reader);
}

int main()
{
	return run({ test_all });
}
