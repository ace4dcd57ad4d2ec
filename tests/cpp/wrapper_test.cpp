/* SPDX-License-Identifier: BSD-2-Clause */
/* zoetrope.hpp: leases come back by themselves, errors are exceptions, ranges end with the stream. */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <deque>
#include <memory>
#include <type_traits>

#include "pool.hpp"

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<zoetrope::frame> && !std::is_copy_assignable_v<zoetrope::frame>);
static_assert(std::is_nothrow_move_constructible_v<zoetrope::frame>);
static_assert(std::is_nothrow_move_assignable_v<zoetrope::frame>);
static_assert(!std::is_copy_constructible_v<zoetrope::reader> && !std::is_copy_assignable_v<zoetrope::reader>);
static_assert(std::is_nothrow_move_constructible_v<zoetrope::reader>);
static_assert(!std::is_copy_constructible_v<zoetrope::results>);
static_assert(std::is_nothrow_copy_constructible_v<zoetrope::error>);
static_assert(std::is_base_of_v<std::system_error, zoetrope::error>);

static zoetrope::options options(std::uint32_t hold, std::uint32_t depth)
{
	zoetrope::options options;

	options.hold = hold;
	options.depth = depth;
	options.timeout = 5s;
	return options;
}

/* A loop holds one frame at a time, also in a seat that may hold no more, and ends with the stream. */
static void test_range()
{
	pool pool{ pool_name("a") };
	zoetrope::reader reader = (pool.publish(1), zoetrope::reader{ pool_name("a"), options(1, 32) });
	std::uint64_t expected = 1;

	for (std::uint8_t i = 2; i <= 20; i++)
		pool.publish(i);
	pool.end();
	for (zoetrope::frame &frame : reader) {
		check(frame.seq() == expected && frame.planes()[0].row(15)[31] == expected, "frames come in order");
		check(reader.status().n_held == 1, "a loop holds one frame");
		expected++;
	}
	check(expected == 21 && reader.ended(), "a loop ends with the stream");
	check(reader.status().n_held == 0, "after a loop nothing is held");
}

/* What is moved out of the loop stays held and whole; assigning to it returns what it held. */
static void test_moved_frames()
{
	pool pool{ pool_name("b") };
	zoetrope::reader reader = (pool.publish(1), zoetrope::reader{ pool_name("b"), options(3, 32) });
	zoetrope::frame before;
	int n = 0;

	for (std::uint8_t i = 2; i <= 10; i++)
		pool.publish(i);
	pool.end();
	for (zoetrope::frame &frame : reader) {
		check(!before || before.planes()[0].data[0] == frame.planes()[0].data[0] - 1,
			"the one before is whole");
		before = std::move(frame);
		check(!frame && reader.status().n_held == 1, "the one before that has been returned");
		n++;
	}
	check(n == 10 && before.seq() == 10 && reader.status().n_held == 1, "the last is still held");
	before = {};
	check(reader.status().n_held == 0, "and then it is not");
}

/* Leaving a loop returns its frame. */
static void test_break()
{
	pool pool{ pool_name("c") };
	zoetrope::reader reader = (pool.publish(1), zoetrope::reader{ pool_name("c"), options(1, 1) });

	for (const zoetrope::frame &frame : reader) {
		check(frame.seq() == 1, "the first");
		break;
	}
	check(reader.status().n_held == 0, "a loop that was left holds nothing");
	check(!reader.acquire(0s) && !reader.ended(), "nothing new, and no end");
	pool.publish(2);
	std::optional<zoetrope::frame> frame = reader.acquire(5s);
	check(frame && frame->seq() == 2, "the second");
}

/* A frame that outlives its reader keeps the seat, and its pixels, until it goes. */
static void test_frame_outlives_reader()
{
	pool pool{ pool_name("d") };
	zoetrope::frame frame;

	pool.publish(77);
	{
		zoetrope::reader reader{ pool_name("d"), options(2, 1) };
		frame = *reader.acquire(5s);
	}
	for (std::uint8_t i = 0; i < 100; i++)
		pool.publish(i);
	for (const zoetrope::plane &plane : frame.planes())
		for (std::size_t y = 0; y < plane.rows; y++)
			for (std::size_t x = 0; x < plane.row_bytes; x++)
				check(plane.row(y)[x] == 77, "a held frame does not change");
	check(pool.stats().n_readers == 1, "the frame keeps the seat");
	frame = {};
	comes([&] { return pool.stats().n_readers == 0; }, "the seat is given up with the last frame");
}

template <typename Call> static void throws(std::errc code, const std::string &text, Call call)
{
	try {
		call();
	} catch (const zoetrope::error &error) {
		check(error.code() == code, "another code: " + error.code().message() + ", " + error.what());
		check(std::string(error.what()).find(text) != std::string::npos,
			"no '" + text + "' in: " + error.what());
		return;
	}
	check(false, "no exception with '" + text + "'");
}

static void test_errors()
{
	pool pool{ pool_name("e") };
	zoetrope::options lossless;
	zoetrope::frame kept;

	pool.publish(1);
	lossless.policy = ZOE_LOSSLESS;
	throws(std::errc::invalid_argument, "a/b", [] { zoetrope::reader{ "a/b" }; });
	throws(std::errc::invalid_argument, "64", [] { zoetrope::reader{ "main", options(65, 1) }; });
	throws(std::errc::operation_not_supported, "--lossless", [&] { zoetrope::reader{ pool_name("e"), lossless }; });
	throws(std::errc::no_such_file_or_directory, pool_name("none"), [] {
		zoetrope::options now;

		now.timeout = 0s;
		zoetrope::reader{ pool_name("none"), now };
	});
	throws(std::errc::no_such_file_or_directory, pool_name("none"), [] {
		zoetrope::results{ pool_name("none"), 0s };
	});

	zoetrope::reader reader{ pool_name("e"), options(1, 1) };
	kept = *reader.acquire(5s);
	pool.publish(2);
	throws(std::errc::device_or_resource_busy, "1 frames are held", [&] { reader.acquire(5s); });
	throws(std::errc::invalid_argument, "", [&] { kept.post({ zoetrope::box(5, 0, 1, 1) }); });
}

/* The end of a pool is an end; the death of its writer is none, and the next one is followed. */
static void test_writer_dies()
{
	const std::string name = pool_name("f");
	int ready[2];
	check(pipe(ready) == 0, "pipe");
	const pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pool first{ name };
		first.publish(1);
		check(write(ready[1], "", 1) == 1, "write");
		pause();
	}
	check(read(ready[0], ready, 1) == 1, "the first writer never published");
	zoetrope::reader reader{ name, options(1, 1) };
	const std::uint64_t first = reader.acquire(5s)->epoch();
	kill(child, SIGKILL);
	waitpid(child, nullptr, 0);
	check(!reader.acquire(5s) && !reader.ended(), "a death is no end");
	check(reader.status().state == ZOE_STATE_WRITER_GONE, "the status says what became of it");

	pool second{ name };
	second.publish(2);
	zoetrope::frame frame = reader.next();
	check(frame && frame.epoch() != first && frame.planes()[0].data[0] == 2, "the next writer's frame");
}

/* What a reader and results have to say of the end of a pool. */
struct onlookers {
	zoetrope::reader reader;
	zoetrope::results results;

	onlookers(const std::string &name, zoe_follow follow)
		: reader{ name, following(follow) }, results{ name, 5s, {}, follow }
	{}
	static zoetrope::options following(zoe_follow follow)
	{
		zoetrope::options all = options(1, 32);

		all.follow = follow;
		return all;
	}
	/* Both come to the end, and wait for another pool or do not. */
	void come_to_the_end(bool wait)
	{
		while (reader.acquire(5s))
			;
		check(reader.waits() == wait && reader.ended() == !wait, "the reader");
		check(!results.acquire(5s) && results.waits() == wait && results.ended() == !wait, "the results");
		check(!reader.acquire(0s) && reader.waits() == wait && reader.ended() == !wait, "still");
	}
	void go_on()
	{
		check(bool(reader.next()) && !reader.waits() && !reader.ended(), "the next pool's frame");
		check(!results.acquire(0s), "and nobody posted");
	}
};

/* A loop goes on after a stop and a failure; the end of the input ends it. */
static void test_restarts()
{
	const std::string name = pool_name("k");
	auto first = std::make_unique<pool>(name);

	first->publish(1);
	onlookers looking{ name, ZOE_FOLLOW_RESTARTS };
	for (zoe_end end : { ZOE_END_STOPPED, ZOE_END_FAILED }) {
		first->end(end);
		looking.come_to_the_end(true);
		check(looking.reader.status().end == end, "the status says why");
		first.reset();
		first = std::make_unique<pool>(name);
		first->publish(1);
		looking.go_on();
	}
	first->end();
	check(!looking.reader.next() && looking.reader.ended(), "a range ends with the input");
	check(!looking.results.next() && looking.results.ended(), "that of results, too");
}

static void test_always()
{
	const std::string name = pool_name("l");
	auto first = std::make_unique<pool>(name);

	first->publish(1);
	onlookers looking{ name, ZOE_FOLLOW_ALWAYS };
	first->end();
	looking.come_to_the_end(true);
	first.reset();
	pool second{ name };
	second.publish(1);
	looking.go_on();
}

/* A stop is an end like that of the input, and what comes after it is nobody's business. */
static void test_never()
{
	const std::string name = pool_name("m");
	auto first = std::make_unique<pool>(name);

	first->publish(1);
	onlookers looking{ name, ZOE_FOLLOW_NEVER };
	first->end(ZOE_END_STOPPED);
	looking.come_to_the_end(false);
	first.reset();
	pool second{ name };
	second.publish(1);
	looking.come_to_the_end(false);
	check(!looking.reader.next() && !looking.results.next(), "no other is followed");
}

/* A failure is thrown, so that no loop takes it for the end; and then it is over. */
static void test_never_after_a_failure()
{
	pool pool{ pool_name("n") };

	pool.publish(1);
	onlookers looking{ pool_name("n"), ZOE_FOLLOW_NEVER };
	pool.end(ZOE_END_FAILED);
	throws(std::errc::owner_dead, "failed", [&] {
		for (zoetrope::frame &frame : looking.reader)
			check(bool(frame), "a frame");
	});
	throws(std::errc::owner_dead, "failed", [&] { looking.results.next(); });
	looking.come_to_the_end(false);
}

static void test_source()
{
	pool pool{ pool_name("o") };
	zoe_source source{};

	pool.publish(1);
	zoetrope::reader reader{ pool_name("o"), options(1, 1) };
	check(!reader.source(), "its writer has not said");
	source.decoded = 7;
	pool.set_source(source);
	check(reader.source() && reader.source()->decoded == 7, "and now it has");
}

/* What is posted on a frame comes out of the results, marks and text. */
static void test_results()
{
	pool pool{ pool_name("g") };
	zoetrope::options named = options(1, 32);

	named.label = "tester";
	pool.publish(1);
	zoetrope::reader reader{ pool_name("g"), named };
	zoetrope::results results{ pool_name("g"), 5s };
	zoetrope::frame frame = *reader.acquire(5s);
	const bool posted = frame.post({ zoetrope::box(0.25, 0.5, 0.125, 0.25, "person", 0.75, 7),
					       zoetrope::point(0.5, 0.5),
					       zoetrope::line(0, 0, 1, -1, std::string(31, 'a') + "b"),
					       zoetrope::text(0, 0, std::string(30, 'a') + "ä") },
		"{\"n\":1}");
	check(posted, "somebody to tell");

	std::optional<zoetrope::result> result = results.acquire(5s);
	check(result && result->worker() == "tester" && result->seq() == 1 && result->epoch() == frame.epoch(),
		"whose");
	check(result->json() == "{\"n\":1}" && result->marks().size() == 4, "a text and four marks");
	const zoetrope::mark &box = result->marks()[0];
	check(box.kind == ZOE_MARK_BOX && box.x == 0.25f && box.y == 0.5f && box.width == 0.125f &&
			box.height == 0.25f && box.score == 0.75f && box.id == 7 && std::string(box.label) == "person",
		"the box as it was posted");
	check(result->marks()[1].kind == ZOE_MARK_POINT && result->marks()[1].x == 0.5f, "the point");
	check(result->marks()[2].kind == ZOE_MARK_LINE && result->marks()[2].label == std::string(31, 'a'), "the line");
	check(result->marks()[3].kind == ZOE_MARK_TEXT && result->marks()[3].label == std::string(30, 'a'),
		"a label is not cut within a character");
	check(!results.acquire(0s) && !results.ended(), "there is one");

	frame.post({});
	pool.end();
	int n = 0;
	for (const zoetrope::result &last : results)
		n += last.marks().empty() && last.json().empty() ? 1 : 100;
	check(n == 1 && results.ended(), "results end with the stream, after the last");
}

/* Whose first word comes after the end has nobody to say it to: that ends no loop. */
static void test_post_after_the_end()
{
	pool pool{ pool_name("i") };

	pool.publish(1);
	zoetrope::reader reader{ pool_name("i"), options(1, 32) };
	zoetrope::frame frame = *reader.acquire(5s);
	pool.end();
	check(!frame.post({}), "nobody to tell");
}

static void test_times()
{
	pool pool{ pool_name("h") };

	pool.publish(1);
	pool.publish(2);
	zoetrope::reader reader{ pool_name("h"), options(2, 1) };
	zoetrope::frame frame = *reader.acquire(5s);
	check(frame.time() && frame.time()->count() == 1. / 25, "time in the stream");
	check(frame.age() > 0s && frame.age() < 60s, "age");
	check(std::chrono::steady_clock::now() - frame.published() < 60s, "the clock is CLOCK_MONOTONIC");
	check(frame.format() == "gray" && frame.width() == 32 && frame.height() == 16, "what it is");

	const std::int64_t begin = zoe_now_ns();
	check(!reader.acquire(50ms), "nothing new");
	check(zoe_now_ns() - begin >= 50000000, "a timeout is waited for");
}

/* The C function can be pointed at, and passes on the size of this program's options. */
static void test_c_function_pointer()
{
	int (*const attach)(zoe_reader **, const char *, const zoe_reader_options *, std::int64_t) = zoe_reader_attach;
	pool pool{ pool_name("j") };
	zoe_reader_options options{};
	zoe_reader *reader = nullptr;

	pool.publish(1);
	options.reserved[3] = 1;
	check(attach(&reader, pool_name("j").c_str(), &options, ZOE_POLL) == -E2BIG, "what is reserved is 0");
	options.reserved[3] = 0;
	check(attach(&reader, pool_name("j").c_str(), &options, ZOE_POLL) == 0, zoe_error());
	zoe_reader_detach(&reader);
}

int main()
{
	return run({ test_range, test_moved_frames, test_break, test_frame_outlives_reader, test_errors,
		test_writer_dies, test_restarts, test_always, test_never, test_never_after_a_failure, test_source,
		test_results, test_post_after_the_end, test_times, test_c_function_pointer });
}
