/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How far a live source is behind, and what is to be left out when its decoder cannot keep up.
 *
 * A packet's lag is how much later it was read, by its own time, than the best of about a minute: so neither the
 * distance of two clocks nor their drift matters. What waited in a socket or a demuxer is late by just that.
 *
 * Not all lag is the decoder's. As long as reads wait for data nothing is behind that could be caught up with, and what
 * comes in a burst, after the network or this process was held up, a fast decoder catches up with by itself. Such lag is
 * excused. An excuse fades, by half a second each second: so fast is the lag to shrink.
 */
#ifndef CAPTURE_LAG_H
#define CAPTURE_LAG_H

#include <stdbool.h>
#include <stdint.h>

#define LAG_NO_TIME INT64_MIN /* as AV_NOPTS_VALUE */

struct lag_packet {
	int64_t time_ns;     /* its own: dts, or pts; LAG_NO_TIME: it has none, and changes nothing */
	int64_t arrival_ns;  /* when it was read; CLOCK_MONOTONIC */
	int64_t waited_ns;   /* for how long that slept */
	bool is_key;         /* decoding can begin with it, */
	bool has_parameters; /* and can no more without it */
};

enum lag_verdict {
	LAG_DECODE,
	LAG_DECODE_REFERENCES, /* it is not needed if no other picture is made from it */
	LAG_DROP,
};

struct lag {
	int64_t max_ns; /* 0: decode all */
	int64_t lag_ns; /* of the last packet */
	bool is_dropping;

	/* Private: */
	bool has_packet;
	int64_t time_ns, arrival_ns; /* of the last packet */
	int64_t least_ns[2];         /* arrival less time: the least since begun_ns, and of the half minute before */
	int64_t begun_ns;
	int64_t proven_ns; /* when last a read waited, and so nothing was behind; 0: never */
	int64_t excused_ns;
	unsigned n_keys;
	int64_t key_ns, next_key_ns, /* the time of the last, when by the distance of the last two the next is due, */
		longest_ns;          /* and the longest such distance */
};

void lag_init(struct lag *lag, int64_t max_ns);

/*
 * What to do with the packet that was read. From half of max_ns on behind: leave out what no other picture needs. From
 * max_ns on: drop all, up to a key packet that is less than half of it behind; and from three quarters of it on where the
 * next key packet is so near that nothing is behind any more when it comes. A stream of which no second key packet
 * has come yet is never dropped: there may be none.
 */
enum lag_verdict lag_judge(struct lag *lag, const struct lag_packet *packet);

#endif
