/* SPDX-License-Identifier: BSD-2-Clause */
/* What workers saw, for C++: marks to post, and the results of others as a range. */
#ifndef ZOETROPE_RESULT_HPP
#define ZOETROPE_RESULT_HPP

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <zoetrope/pool.hpp>
#include <zoetrope/result.h>

namespace zoetrope {

namespace detail {

inline zoe_mark mark(zoe_mark_kind kind, double x, double y, double width, double height, std::string_view label,
	double score, std::int64_t id) noexcept
{
	std::size_t length = label.size() < ZOE_LABEL_BYTES ? label.size() : ZOE_LABEL_BYTES - 1;
	zoe_mark mark{};

	/* Not in the middle of a character of UTF-8. */
	while (length > 0 && length < label.size() && (label[length] & 0xc0) == 0x80)
		length--;
	mark.kind = kind;
	mark.score = static_cast<float>(score);
	mark.x = static_cast<float>(x);
	mark.y = static_cast<float>(y);
	mark.width = static_cast<float>(width);
	mark.height = static_cast<float>(height);
	mark.id = id;
	label.copy(mark.label, length);
	return mark;
}

/* Where a spot of the upright picture is in the picture as it lies in memory. */
inline void lay(float &x, float &y, std::uint32_t rotation_deg, bool mirrored) noexcept
{
	const float across = x, down = y;

	if (rotation_deg == 90) {
		x = down;
		y = 1 - across;
	} else if (rotation_deg == 180) {
		x = 1 - across;
		y = 1 - down;
	} else if (rotation_deg == 270) {
		x = 1 - down;
		y = across;
	}
	if (mirrored)
		x = 1 - x;
}

inline zoe_mark lying(zoe_mark mark, std::uint32_t rotation_deg, bool mirrored) noexcept
{
	float x = mark.x + mark.width, y = mark.y + mark.height;

	lay(mark.x, mark.y, rotation_deg, mirrored);
	lay(x, y, rotation_deg, mirrored);
	mark.width = x - mark.x;
	mark.height = y - mark.y;
	if (mark.kind == ZOE_MARK_BOX && mark.width < 0) {
		mark.x = x;
		mark.width = -mark.width;
	}
	if (mark.kind == ZOE_MARK_BOX && mark.height < 0) {
		mark.y = y;
		mark.height = -mark.height;
	}
	return mark;
}

} // namespace detail

/*
 * Marks, for frame::post(). Coordinates are fractions of the picture, 0 to 1, as zoe_mark
 * draws them in result.h; a label that is too long is cut.
 */
using mark = zoe_mark;

inline mark box(double x, double y, double width, double height, std::string_view label = {}, double score = 0,
	std::int64_t id = 0) noexcept
{
	return detail::mark(ZOE_MARK_BOX, x, y, width, height, label, score, id);
}

inline mark point(double x, double y, std::string_view label = {}, double score = 0, std::int64_t id = 0) noexcept
{
	return detail::mark(ZOE_MARK_POINT, x, y, 0, 0, label, score, id);
}

/* From (x, y) to (x + width, y + height). */
inline mark line(double x, double y, double width, double height, std::string_view label = {}, double score = 0,
	std::int64_t id = 0) noexcept
{
	return detail::mark(ZOE_MARK_LINE, x, y, width, height, label, score, id);
}

inline mark text(double x, double y, std::string_view label, double score = 0, std::int64_t id = 0) noexcept
{
	return detail::mark(ZOE_MARK_TEXT, x, y, 0, 0, label, score, id);
}

/* What one worker said about one frame: zoe_result. Valid until the next one is asked for. */
class result {
public:
	class marks_view {
	public:
		marks_view(const mark *first, std::size_t n) noexcept : first_(first), n_(n) {}

		std::size_t size() const noexcept { return n_; }
		bool empty() const noexcept { return n_ == 0; }
		const mark &operator[](std::size_t i) const noexcept { return first_[i]; }
		const mark *begin() const noexcept { return first_; }
		const mark *end() const noexcept { return first_ + n_; }

	private:
		const mark *first_;
		std::size_t n_;
	};

	result() noexcept = default;
	explicit result(const zoe_result *raw) noexcept : result_(raw) {}

	explicit operator bool() const noexcept { return result_ != nullptr; }

	std::string_view worker() const noexcept { return result_->worker; }
	std::uint32_t seat() const noexcept { return result_->seat; }
	std::uint64_t epoch() const noexcept { return result_->epoch; }
	std::uint64_t seq() const noexcept { return result_->seq; }
	std::uint64_t number() const noexcept { return result_->number; }
	std::chrono::steady_clock::time_point posted() const noexcept { return detail::point_of(result_->posted_ns); }
	marks_view marks() const noexcept { return { result_->marks, result_->n_marks }; }
	std::string_view json() const noexcept { return result_->json; }

	const zoe_result *get() const noexcept { return result_; }

private:
	const zoe_result *result_ = nullptr;
};

/*
 * The results of everybody who reads the pool of one name, as a range that waits for each,
 * and goes on and ends as that of a reader's frames does.
 *
 * Threads: it belongs to one thread at a time.
 */
class results {
public:
	using iterator = detail::iterator<results, result>;

	/* `owner` and `follow` as those of options. Throws as zoe_results_open_owned() fails. */
	explicit results(const std::string &name, std::chrono::nanoseconds timeout = forever,
		const std::string &owner = {}, zoe_follow follow = ZOE_FOLLOW_RESTARTS)
		: after_{ follow }
	{
		zoe_results *raw = nullptr;
		const int result = zoe_results_open_owned(&raw, name.c_str(), owner.empty() ? nullptr : owner.c_str(),
			detail::deadline(timeout));

		if (result < 0)
			throw error(result);
		results_.reset(raw);
		zoe_results_set_follow(raw, follow);
	}

	/* The next one, or none: as reader::acquire(). */
	std::optional<result> acquire(std::chrono::nanoseconds timeout = forever)
	{
		const zoe_result *raw = nullptr;
		const int code = zoe_results_next(results_.get(), &raw, detail::deadline(timeout));

		after_.heard(code);
		if (code == 0)
			return result{ raw };
		return std::nullopt;
	}

	bool ended() const noexcept { return after_.ended; }
	bool waits() const noexcept { return after_.waits; }

	/* The next one, however long it takes; none: the stream has ended. */
	result next()
	{
		std::optional<result> next;

		do
			next = acquire();
		while (!next && !ended());
		return next.value_or(result{});
	}

	iterator begin() { return iterator{ *this }; }
	detail::end_of_range end() noexcept { return {}; }

	zoe_results *get() const noexcept { return results_.get(); }

private:
	struct close {
		void operator()(zoe_results *results) const noexcept { zoe_results_close(&results); }
	};

	std::unique_ptr<zoe_results, close> results_;
	detail::after after_;
};

} // namespace zoetrope
#endif
