/* SPDX-License-Identifier: BSD-2-Clause */
/* What is left out when a decoder cannot keep up, with a source, a network and a decoder whose time is the test's. */
#include <criterion/criterion.h>

#include "lag.h"

#define MS INT64_C(1000000)
#define S (1000 * MS)
#define MAX_NS (500 * MS)
#define STEP_NS (40 * MS)

static struct {
	struct lag lag;
	int64_t now_ns;
	int64_t sent_ns; /* when the next packet comes out of the camera; by our clock */
	int64_t time_ns; /* by the camera's, */
	int drift_ppm;   /* which runs faster by so much */
	int64_t held_ns; /* the network delivers nothing before */
	int n_gop;
	bool has_b_frames; /* each second picture is needed by no other */
	int64_t decode_ns;
	int64_t step_ns;

	int n; /* packets, in all and by what became of them */
	int n_decoded, n_left_out, n_dropped;
	bool was_dropped;
	int64_t late_ns; /* the most that a packet which was decoded came late, by our clock */
} world;

static void begin(void)
{
	memset(&world, 0, sizeof(world));
	world.now_ns = world.sent_ns = 1000 * S;
	world.time_ns = 77 * S;
	world.n_gop = 25;
	world.decode_ns = 5 * MS;
	world.step_ns = STEP_NS;
	lag_init(&world.lag, MAX_NS);
}

TestSuite(lag, .init = begin);

static void decode(enum lag_verdict verdict, bool is_key)
{
	bool is_needed = !world.has_b_frames || world.n % 2 == 0;

	cr_assert(!world.was_dropped || is_key, "it went on without a key packet");
	if (verdict == LAG_DECODE_REFERENCES && !is_needed) {
		world.n_left_out++;
		return;
	}
	world.n_decoded++;
	if (world.now_ns - world.sent_ns > world.late_ns)
		world.late_ns = world.now_ns - world.sent_ns;
	world.now_ns += world.decode_ns;
}

/* The next packet, read as soon as it is there and its forerunner is decoded. */
static enum lag_verdict next(void)
{
	int64_t there_ns = world.sent_ns > world.held_ns ? world.sent_ns : world.held_ns, before_ns = world.now_ns;

	if (there_ns > world.now_ns)
		world.now_ns = there_ns;
	const struct lag_packet packet = {
		.time_ns = world.time_ns,
		.arrival_ns = world.now_ns,
		.waited_ns = world.now_ns - before_ns,
		.is_key = world.n % world.n_gop == 0,
	};
	enum lag_verdict verdict = lag_judge(&world.lag, &packet);
	if (verdict == LAG_DROP)
		world.n_dropped++;
	else
		decode(verdict, packet.is_key);
	world.was_dropped = verdict == LAG_DROP;
	world.n++;
	world.sent_ns += world.step_ns;
	world.time_ns += world.step_ns + world.step_ns * world.drift_ppm / 1000000;
	return verdict;
}

static void play(int64_t ns)
{
	for (int64_t end_ns = world.now_ns + ns; world.now_ns < end_ns;)
		next();
}

static void forget(void)
{
	world.n_decoded = world.n_left_out = world.n_dropped = 0;
	world.late_ns = 0;
}

static bool is_whole(void)
{
	return world.n_left_out == 0 && world.n_dropped == 0;
}

Test(lag, one_that_keeps_up_gets_all)
{
	play(600 * S);
	cr_assert(is_whole() && world.lag.lag_ns == 0);
	world.decode_ns = 39 * MS;
	play(600 * S);
	cr_assert(is_whole() && world.lag.lag_ns <= STEP_NS);
}

/* At 80 % of real time, and far below: once key packets are known to come, and for hours. */
Test(lag, one_that_cannot_is_bounded)
{
	static const int decode_ms[] = { 42, 50, 80, 150, 333 };

	for (unsigned i = 0; i < sizeof(decode_ms) / sizeof(decode_ms[0]); i++) {
		begin();
		world.decode_ns = decode_ms[i] * MS;
		play(10 * S);
		forget();
		play(4 * 3600 * S);
		cr_assert(world.late_ns <= MAX_NS + world.decode_ns, "%d ms: %lld", decode_ms[i],
			(long long)world.late_ns);
		/* Of what it could do, 40 of so many, at least 28. */
		cr_assert(world.n_decoded > world.n * 28 / decode_ms[i], "%d ms: %d of %d", decode_ms[i],
			world.n_decoded, world.n);
	}
}

/* Where that suffices, pictures that no other needs are all that is left out, and half of max_ns is never far away. */
Test(lag, leaves_out_what_is_not_needed_first)
{
	world.has_b_frames = true;
	play(10 * S);
	cr_assert(is_whole());
	forget();
	world.decode_ns = 50 * MS;
	play(300 * S);
	cr_assert(world.n_dropped == 0 && world.n_left_out > 0);
	cr_assert(world.n_decoded > 300 * 19, "%d", world.n_decoded);
	cr_assert(world.late_ns < MAX_NS / 2 + 2 * world.decode_ns, "%lld", (long long)world.late_ns);
}

/* Of what has key pictures only just so many are dropped that it is near. */
Test(lag, drops_few_of_key_pictures)
{
	world.n_gop = 1;
	world.decode_ns = 50 * MS;
	play(600 * S);
	cr_assert(world.n_decoded > 600 * 19, "%d", world.n_decoded);
	cr_assert(world.late_ns <= MAX_NS + world.decode_ns);
}

/* What the network or a busy machine held up comes in a burst, which a fast decoder reads by itself. */
Test(lag, forgives_a_burst)
{
	static const int64_t held_ns[] = { S / 2, 2 * S, 20 * S };

	for (unsigned i = 0; i < sizeof(held_ns) / sizeof(held_ns[0]); i++) {
		world.decode_ns = 20 * MS;
		play(10 * S);
		world.held_ns = world.now_ns + held_ns[i];
		next();
		cr_assert(world.lag.lag_ns > held_ns[i] - STEP_NS && world.lag.lag_ns <= held_ns[i]);
		play(50 * S);
		cr_assert(is_whole() && world.lag.lag_ns < STEP_NS, "the network: %d dropped", world.n_dropped);
		world.now_ns += held_ns[i];
		play(50 * S);
		cr_assert(is_whole() && world.lag.lag_ns < STEP_NS, "this process: %d dropped", world.n_dropped);
	}
}

/* A slow one would never have read it. */
Test(lag, forgives_no_slow_one)
{
	play(10 * S);
	world.decode_ns = 45 * MS;
	world.held_ns = world.now_ns + 4 * S;
	next();
	play(2 * S);
	cr_assert(world.n_dropped > 0);
}

/* Who waits for data is not behind: a camera that stops for a while, and is so much later from then on. */
Test(lag, forgives_who_waits)
{
	play(10 * S);
	world.decode_ns = 30 * MS;
	world.sent_ns += 10 * S;
	play(20 * S);
	cr_assert(is_whole() && world.lag.lag_ns > 9 * S);
	play(100 * S);
	cr_assert(is_whole() && world.lag.lag_ns < STEP_NS, "the window forgets");
}

/* Clocks that drift apart, though a decoder that is just held in check never waits. */
Test(lag, survives_drift)
{
	for (int ppm = -200; ppm <= 200; ppm += 400) {
		begin();
		world.drift_ppm = ppm;
		world.has_b_frames = true;
		world.decode_ns = 50 * MS;
		play(10 * 3600 * S);
		cr_assert(world.late_ns < MAX_NS, "%d ppm: %lld", ppm, (long long)world.late_ns);
		cr_assert(world.n_dropped < world.n / 100, "%d ppm: %d of %d", ppm, world.n_dropped, world.n);
	}
}

/* Nobody knows how late the first packets are: the first time that it cannot keep up it goes on when there is none. */
Test(lag, begins_late)
{
	world.now_ns += 10 * S;
	world.decode_ns = 50 * MS;
	play(20 * S);
	forget();
	play(600 * S);
	cr_assert(world.late_ns <= MAX_NS + world.decode_ns, "%lld", (long long)world.late_ns);
}

Test(lag, begins_anew_after_a_jump)
{
	static const int64_t jumps_ns[] = { -2 * S, 3600 * S, -3000 * S, 30 * S };

	play(10 * S);
	for (unsigned i = 0; i < sizeof(jumps_ns) / sizeof(jumps_ns[0]); i++) {
		world.time_ns += jumps_ns[i];
		next();
		cr_assert(world.lag.lag_ns == 0);
		play(10 * S);
		cr_assert(is_whole());
	}
	world.decode_ns = 50 * MS;
	play(10 * S);
	world.time_ns -= 100 * S;
	play(10 * S);
	forget();
	play(100 * S);
	cr_assert(world.n_dropped > 0 && world.late_ns <= MAX_NS + world.decode_ns);
}

/* A stream that begins with its only key packet is never dropped: nothing would be seen of it again. */
Test(lag, waits_for_no_key_that_may_not_come)
{
	world.n_gop = 1 << 30;
	world.decode_ns = 50 * MS;
	play(100 * S);
	cr_assert(world.n_dropped == 0 && world.lag.lag_ns > 10 * S);
}

/* Nor is one whose key packets have stopped coming: for as long as ever lay between two it waits, no longer. */
Test(lag, waits_for_no_key_that_comes_no_more)
{
	play(10 * S);
	world.n_gop = 1 << 30;
	play(10 * S);
	world.decode_ns = 50 * MS;
	play(100 * S);
	cr_assert(world.n_dropped == 0);
}

/* Of many small pictures each is waited for, too, if not for long; drift is known by that. */
Test(lag, survives_drift_of_fast_ones)
{
	for (int ppm = -600; ppm <= 600; ppm += 400) {
		begin();
		world.step_ns = S / 240;
		world.n_gop = 240;
		world.drift_ppm = ppm;
		world.has_b_frames = true;
		world.decode_ns = 3500000;
		play(600 * S);
		cr_assert(is_whole(), "%d ppm: %d of %d dropped, %d left out", ppm, world.n_dropped, world.n,
			world.n_left_out);
	}
}

/* Play until packets are dropped. */
static void play_until_dropped(void)
{
	world.decode_ns = 50 * MS;
	do
		cr_assert(world.n < 10000);
	while (next() != LAG_DROP);
}

Test(lag, goes_on_with_what_is_needed)
{
	struct lag_packet packet = { .time_ns = LAG_NO_TIME };

	play_until_dropped();
	packet.arrival_ns = world.now_ns;
	cr_assert(lag_judge(&world.lag, &packet) == LAG_DROP, "without a time");
	packet.is_key = true;
	cr_assert(lag_judge(&world.lag, &packet) == LAG_DECODE, "a key packet without a time");
	world.was_dropped = false;
	play_until_dropped();
	packet.time_ns = world.time_ns;
	packet.arrival_ns = world.now_ns;
	cr_assert(lag_judge(&world.lag, &packet) == LAG_DROP, "a key packet that is too late");
	packet.has_parameters = true;
	cr_assert(lag_judge(&world.lag, &packet) != LAG_DROP, "with what is not said again");
}

/* Without a bound all is decoded, and the lag is known all the same. */
Test(lag, judges_nothing_without_a_bound)
{
	lag_init(&world.lag, 0);
	world.decode_ns = 50 * MS;
	play(100 * S);
	cr_assert(is_whole());
	cr_assert(world.lag.lag_ns > 18 * S && world.lag.lag_ns < 21 * S, "%lld", (long long)world.lag.lag_ns);
}
