/* SPDX-License-Identifier: BSD-2-Clause */
/* The reading side of a pool, for C++: frames that return themselves, and a range of them. */
#ifndef ZOETROPE_READER_HPP
#define ZOETROPE_READER_HPP

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <zoetrope/pool.hpp>
#include <zoetrope/reader.h>
#include <zoetrope/result.hpp>

namespace zoetrope {

/* One plane of a frame: `rows` rows of `row_bytes` bytes; row r begins at row(r). Read-only. */
struct plane {
	const std::uint8_t *data = nullptr;
	std::uint32_t stride_bytes = 0;
	std::uint32_t row_bytes = 0;
	std::uint32_t rows = 0;

	const std::uint8_t *row(std::size_t r) const noexcept { return data + r * stride_bytes; }
};

/* The planes of a frame, in FFmpeg's order for its format. */
class planes {
public:
	explicit planes(const zoe_frame &frame) noexcept : n_(frame.info.n_planes)
	{
		for (std::size_t i = 0; i < n_; i++) {
			const zoe_plane &from = frame.info.planes[i];
			planes_[i] = { frame.data[i], from.stride_bytes, from.row_bytes, from.rows };
		}
	}

	std::size_t size() const noexcept { return n_; }
	const plane &operator[](std::size_t i) const noexcept { return planes_[i]; }
	const plane *begin() const noexcept { return planes_.data(); }
	const plane *end() const noexcept { return planes_.data() + n_; }

private:
	std::array<plane, ZOE_MAX_PLANES> planes_{};
	std::size_t n_;
};

/*
 * A frame that a reader holds: the lease itself. Until it is destroyed, assigned to or
 * moved from, neither pixels nor info change, and the frame counts against the reader's
 * `hold`. It has a share in its reader's seat: a frame that outlives its reader stays
 * valid, and the seat is given up with the last of them. What planes() and info() point at
 * does not outlive the frame.
 *
 * Threads: a frame belongs to its reader's thread, also where it is destroyed.
 */
class frame {
public:
	/* None: false as a bool, and there is nothing else to ask of it. */
	frame() noexcept = default;

	explicit operator bool() const noexcept { return bool(frame_); }

	std::uint64_t seq() const noexcept { return frame_->seq; }
	std::uint64_t epoch() const noexcept { return frame_->epoch; }
	std::uint64_t skipped() const noexcept { return frame_->skipped; }

	const zoe_frame_info &info() const noexcept { return frame_->info; }
	std::uint32_t width() const noexcept { return frame_->info.width_px; }
	std::uint32_t height() const noexcept { return frame_->info.height_px; }
	/* What shows it upright: mirror it left to right, if that is said, and then turn it clockwise by so many degrees. */
	bool mirrored() const noexcept { return frame_->info.mirrored != 0; }
	std::uint32_t rotation() const noexcept { return frame_->info.rotation_deg; }
	std::string_view format() const noexcept { return frame_->info.format; }
	zoetrope::planes planes() const noexcept { return zoetrope::planes{ *frame_ }; }

	/* When it was published, and how long ago that is. */
	std::chrono::steady_clock::time_point published() const noexcept
	{
		return detail::point_of(frame_->info.published_ns);
	}
	std::chrono::nanoseconds age() const noexcept
	{
		return std::chrono::nanoseconds{ zoe_now_ns() - frame_->info.published_ns };
	}

	/* Its time in the stream, if that is known. */
	std::optional<std::chrono::duration<double>> time() const noexcept
	{
		const zoe_frame_info &i = frame_->info;

		if (i.pts == INT64_MIN || i.time_base_den == 0)
			return std::nullopt;
		return std::chrono::duration<double>{ double(i.pts) * i.time_base_num / i.time_base_den };
	}

	/* A mark whose place was found in the upright picture (upright() of opencv.hpp), as post() takes it. */
	mark lying(mark upright) const noexcept { return detail::lying(upright, rotation(), mirrored()); }

	/*
	 * Post what was seen in it: marks (none is news, too) and a JSON text ("": none). See
	 * zoe_reader_post(). False: the pool is over, or its writer does not answer, so there is
	 * nobody to tell. Throws: a malformed mark, no room for the board.
	 */
	bool post(const std::vector<mark> &marks, const std::string &json = {}) const
	{
		const int result = zoe_reader_post(frame_.get_deleter().reader.get(), frame_.get(), marks.data(),
			static_cast<std::uint32_t>(marks.size()), json.c_str());

		if (result < 0 && result != -ESTALE && result != -ETIMEDOUT)
			throw error(result);
		return result == 0;
	}

	/* The C record, for the calls of reader.h that are not here. */
	const zoe_frame *get() const noexcept { return frame_.get(); }

private:
	friend class reader;

	struct give_back {
		std::shared_ptr<zoe_reader> reader;

		void operator()(const zoe_frame *raw) const noexcept { zoe_reader_release(reader.get(), raw); }
	};

	frame(const zoe_frame *raw, std::shared_ptr<zoe_reader> owner) noexcept
		: frame_(raw, give_back{ std::move(owner) })
	{}

	std::unique_ptr<const zoe_frame, give_back> frame_;
};

/* Which frames, and how many: zoe_reader_options, where the words are explained. */
struct options {
	zoe_policy policy = ZOE_LATEST;
	std::uint32_t hold = 0;
	std::uint32_t depth = 0;
	std::uint32_t every = 0;
	double max_fps = 0;
	bool spin = false;
	std::string group = {};
	std::string label = {};
	std::string owner = {}; /* whose pool it may be, beside this user's and root's; "any": anybody's */
	zoe_follow follow = ZOE_FOLLOW_RESTARTS;    /* with which next pools of the name to go on */
	std::chrono::nanoseconds timeout = forever; /* how long to wait for the pool to appear */
};

/*
 * A reader of the pool of one name, and the range of its frames. The range waits for each
 * frame, goes on with the next capture when one was stopped, failed, died or changes its
 * format, and ends with the end of its input, unless options::follow says otherwise. It holds
 * one frame at a time; one to be kept is moved from the loop: `before = std::move(frame)`
 * (see `hold`).
 *
 * Threads: a reader and its frames belong to one thread at a time.
 */
class reader {
public:
	using iterator = detail::iterator<reader, frame>;

	/* Take a seat, waiting for the pool. Throws as zoe_reader_attach() fails. */
	explicit reader(const std::string &name, const options &options = {}) : after_{ options.follow }
	{
		zoe_reader_options plain{};
		zoe_reader *raw = nullptr;

		plain.policy = options.policy;
		plain.hold = options.hold;
		plain.depth = options.depth;
		plain.every = options.every;
		plain.max_fps = options.max_fps;
		plain.spin = options.spin;
		plain.group = options.group.empty() ? nullptr : options.group.c_str();
		plain.label = options.label.empty() ? nullptr : options.label.c_str();
		plain.owner = options.owner.empty() ? nullptr : options.owner.c_str();
		plain.follow = options.follow;
		const int result = zoe_reader_attach_sized(&raw, name.c_str(), &plain, sizeof(plain),
			detail::deadline(options.timeout));
		if (result < 0)
			throw error(result);
		reader_.reset(raw, [](zoe_reader *last) { zoe_reader_detach(&last); });
	}

	reader(reader &&) noexcept = default;
	reader &operator=(reader &&) noexcept = default;

	/*
	 * The next frame. None if nothing new came by then, or, before that, when the pool is over:
	 * ended() says from then on, until a new one begins, that no other is to be expected, and waits()
	 * that one is. Calling again waits for it. Throws as zoe_reader_acquire() fails otherwise; with
	 * ZOE_FOLLOW_NEVER also, once, of a writer that failed or died (std::errc::owner_dead).
	 */
	std::optional<frame> acquire(std::chrono::nanoseconds timeout = forever)
	{
		const zoe_frame *raw = nullptr;
		const int result = zoe_reader_acquire(reader_.get(), &raw, detail::deadline(timeout));

		after_.heard(result);
		if (result == 0)
			return frame{ raw, reader_ };
		return std::nullopt;
	}

	bool ended() const noexcept { return after_.ended; }
	bool waits() const noexcept { return after_.waits; }

	/* The next frame, however long it takes and whoever writes it; none: the stream has ended. */
	frame next()
	{
		std::optional<frame> next;

		do
			next = acquire();
		while (!next && !ended());
		return next ? std::move(*next) : frame{};
	}

	iterator begin() { return iterator{ *this }; }
	detail::end_of_range end() noexcept { return {}; }

	zoe_status status() const noexcept
	{
		zoe_status status;

		zoe_reader_get_status(reader_.get(), &status);
		return status;
	}

	/* How the source of the present pool does. None: its writer has not said, or there is no pool now. */
	std::optional<zoe_source> source() const
	{
		zoe_source source;
		const int result = zoe_reader_get_source(reader_.get(), &source);

		if (result == -ENODATA)
			return std::nullopt;
		if (result < 0)
			throw error(result);
		return source;
	}

	/* For poll() and event loops; see zoe_reader_get_fd(). The reader's own, not to be closed. */
	int fd() const
	{
		const int result = zoe_reader_get_fd(reader_.get());

		if (result < 0)
			throw error(result);
		return result;
	}

	/* For the calls of reader.h that are not here. */
	zoe_reader *get() const noexcept { return reader_.get(); }

private:
	std::shared_ptr<zoe_reader> reader_;
	detail::after after_;
};

} // namespace zoetrope
#endif
