/* SPDX-License-Identifier: BSD-2-Clause */
/* What the C++ headers share: errors, timeouts, the iterator of their ranges. */
#ifndef ZOETROPE_POOL_HPP
#define ZOETROPE_POOL_HPP

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>

#include <zoetrope/pool.h>

namespace zoetrope {

/* As a timeout: wait without an end. Zero is not to wait. */
inline constexpr std::chrono::nanoseconds forever = std::chrono::nanoseconds::max();

/*
 * What a call failed with: what() is the one line of zoe_error(), code() the errno, which
 * compares with std::errc: `e.code() == std::errc::permission_denied`.
 */
class error : public std::system_error {
public:
	/* `result` is what the C function returned: a negative errno. */
	explicit error(int result) : error(result, zoe_error()) {}
	error(int result, const std::string &text) : std::system_error(-result, std::generic_category()), text_(text) {}

	const char *what() const noexcept override { return text_.what(); }

private:
	std::runtime_error text_; /* a string whose copies do not throw */
};

namespace detail {

inline std::int64_t deadline(std::chrono::nanoseconds timeout) noexcept
{
	const std::int64_t now = zoe_now_ns();

	if (timeout <= timeout.zero())
		return ZOE_POLL;
	return timeout.count() < ZOE_FOREVER - now ? now + timeout.count() : ZOE_FOREVER;
}

inline std::chrono::steady_clock::time_point point_of(std::int64_t ns) noexcept
{
	using std::chrono::steady_clock;
	const std::chrono::nanoseconds since{ ns };

	return steady_clock::time_point{ std::chrono::duration_cast<steady_clock::duration>(since) };
}

/* What comes after a pool that is over. */
struct after {
	zoe_follow follow = ZOE_FOLLOW_RESTARTS;
	bool ended = false; /* nothing */
	bool waits = false; /* another pool of the name */

	/* What a call for the next item returned; throws what is no matter of ends. */
	void heard(int result)
	{
		const bool goes_on = result == -EOWNERDEAD && follow != ZOE_FOLLOW_NEVER;

		if (result == 0 || result == -ENODATA || result == -EOWNERDEAD) {
			ended = result == -ENODATA;
			waits = goes_on;
		}
		if (result < 0 && result != -EAGAIN && result != -ENODATA && !goes_on)
			throw error(result);
	}
};

struct end_of_range {};

/*
 * Over what `source` gives, until that is empty. An item is let go before the next one is
 * asked for, and may be moved out of the loop.
 */
template <typename Source, typename Item> class iterator {
public:
	using iterator_category = std::input_iterator_tag;
	using value_type = Item;
	using difference_type = std::ptrdiff_t;
	using pointer = Item *;
	using reference = Item &;

	explicit iterator(Source &source) : source_(&source) { ++*this; }

	Item &operator*() noexcept { return item_; }
	Item *operator->() noexcept { return &item_; }
	iterator &operator++()
	{
		item_ = Item{};
		item_ = source_->next();
		return *this;
	}
	friend bool operator==(const iterator &i, end_of_range) noexcept { return !i.item_; }
	friend bool operator!=(const iterator &i, end_of_range) noexcept { return bool(i.item_); }

private:
	Source *source_;
	Item item_;
};

} // namespace detail

} // namespace zoetrope
#endif
