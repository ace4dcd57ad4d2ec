/* SPDX-License-Identifier: BSD-2-Clause */
/* For the tests in C++: a pool of their own that they fill by hand, and what they say. */
#ifndef TEST_POOL_HPP
#define TEST_POOL_HPP

#include <unistd.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <zoetrope/zoetrope.hpp>

inline void check(bool holds, const std::string &what)
{
	if (!holds)
		throw std::runtime_error(what);
}

/* Run them; the first failure ends it, and takes its pool away. */
inline int run(std::initializer_list<void (*)()> tests)
{
	try {
		for (void (*test)() : tests)
			test();
	} catch (const std::exception &failure) {
		std::cerr << "FAIL: " << failure.what() << std::endl;
		return 1;
	}
	return 0;
}

/* The name of a pool that no other test has. */
inline std::string pool_name(const std::string &what)
{
	return "cpp" + std::to_string(getpid()) + what;
}

/* A picture without padding, its planes one after the other, each `rows` rows of `row_bytes`. */
struct shape {
	std::string format;
	std::uint32_t width, height;
	struct size {
		std::uint32_t row_bytes, rows;
	};
	std::vector<size> planes;
};

class pool {
public:
	explicit pool(const std::string &name, bool lossless = false)
	{
		zoe_writer_options options{};

		options.slot_bytes = 1 << 20;
		options.lossless = lossless;
		check(zoe_writer_create(&writer_, name.c_str(), &options) == 0, zoe_error());
	}
	pool(const pool &) = delete;
	pool &operator=(const pool &) = delete;
	~pool() { zoe_writer_destroy(&writer_); }

	/* Publish one that `draw` fills, byte by byte: draw(plane, x, y). Rows are `padding` apart. */
	void publish(const shape &shape, const std::function<std::uint8_t(int, int, int)> &draw,
		std::uint32_t range = 0, std::uint32_t matrix = 2, std::uint32_t rotation_deg = 0,
		bool mirrored = false)
	{
		zoe_frame_info info{};
		zoe_slot slot;
		std::uint64_t offset = 0;

		check(zoe_writer_begin(writer_, &slot) == 0, zoe_error());
		info.width_px = shape.width;
		info.height_px = shape.height;
		shape.format.copy(info.format, sizeof(info.format) - 1);
		info.range = range;
		info.matrix = matrix;
		info.rotation_deg = rotation_deg;
		info.mirrored = mirrored;
		info.pts = pts_++;
		info.time_base_num = 1;
		info.time_base_den = 25;
		for (const shape::size &size : shape.planes) {
			zoe_plane &plane = info.planes[info.n_planes];

			plane.offset_bytes = offset;
			plane.stride_bytes = size.row_bytes + 16;
			plane.row_bytes = size.row_bytes;
			plane.rows = size.rows;
			for (std::uint32_t y = 0; y < size.rows; y++)
				for (std::uint32_t x = 0; x < size.row_bytes; x++)
					slot.data[offset + y * plane.stride_bytes + x] = draw(int(info.n_planes),
						int(x), int(y));
			offset += std::uint64_t{ plane.stride_bytes } * size.rows;
			info.n_planes++;
		}
		check(zoe_writer_publish(writer_, slot.index, &info, 0, zoe_deadline_in_ms(5000)) == 0, zoe_error());
	}

	/* A small gray one, each byte of the value that is asked for. */
	void publish(std::uint8_t value)
	{
		publish({ "gray", 32, 16, { { 32, 16 } } }, [value](int, int, int) { return value; });
	}

	void end(zoe_end why = ZOE_END_INPUT)
	{
		zoe_writer_set_end(writer_, why);
		zoe_writer_end(writer_, zoe_deadline_in_ms(1000));
	}

	void set_source(const zoe_source &source) { zoe_writer_set_source(writer_, &source); }

	zoe_writer_stats stats() const
	{
		zoe_writer_stats stats;

		zoe_writer_get_stats(writer_, &stats);
		return stats;
	}

private:
	zoe_writer *writer_ = nullptr;
	std::int64_t pts_ = 0;
};

/* Wait until it holds, for at most five seconds. */
inline void comes(const std::function<bool()> &holds, const std::string &what)
{
	for (int i = 0; i < 500 && !holds(); i++)
		usleep(10000);
	check(holds(), what);
}

#endif
