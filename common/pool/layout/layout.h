/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands in shared memory, byte for byte: the contract of LAYOUT.md. Fixed-width
 * fields, offsets and no pointers, little of it changing after the pool has its name.
 * A change here is a new ZI_LAYOUT_VERSION, but for what LAYOUT.md calls reserved: it is 0, and
 * whatever takes a part of it says "none" or "unknown" by that.
 */
#ifndef ZI_LAYOUT_H
#define ZI_LAYOUT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include <zoetrope/frame.h>
#include <zoetrope/histogram.h>
#include <zoetrope/pool.h>
#include <zoetrope/result.h>
#include <zoetrope/source.h>

#define ZI_LAYOUT_VERSION 4
#define ZI_REEL_MAGIC UINT64_C(0x4c4545522d454f5a)  /* "ZOE-REEL" */
#define ZI_SEATS_MAGIC UINT64_C(0x544145532d454f5a) /* "ZOE-SEAT" */

/* zi_reel.writer_release of this library, for who meets a pool of another layout version. */
#define ZI_RELEASE ((uint32_t)(ZOE_VERSION_MAJOR << 16 | ZOE_VERSION_MINOR << 8 | ZOE_VERSION_PATCH))

/* The two shared memory objects of a pool, and an empty file that is there while one replaces or removes it. */
enum zi_object { ZI_REEL, ZI_SEATS, ZI_LOCK };

enum zi_pool_state {
	ZI_POOL_LIVE = 0,
	ZI_POOL_RETIRED = 1, /* a successor has the name: follow it */
	ZI_POOL_ENDED = 2,   /* no frame follows */
};

/*
 * The reel's header, followed by the slot table at table_offset and the slots at
 * pixels_offset. Only the writer writes the reel; readers map it read-only.
 */
struct zi_reel {
	/* Constant once the pool has its name. */
	uint64_t magic;
	uint32_t layout_version;
	uint32_t page_bytes;
	uint64_t epoch;
	uint64_t slot_bytes; /* a whole number of pages */
	uint64_t table_offset;
	uint64_t pixels_offset; /* slot i is at pixels_offset + i * slot_bytes */
	uint32_t max_slots;
	uint32_t record_bytes; /* from one entry of the slot table to the next */
	uint32_t max_seats;
	uint32_t mailbox;           /* enum zoe_mailbox */
	uint32_t cond;              /* enum zoe_cond */
	uint32_t lossless;          /* 0 or 1 */
	uint32_t writer_pid;        /* in its own PID namespace */
	uint32_t writer_release;    /* of its libzoetrope, as ZI_RELEASE; 0: before 0.2.0 */
	uint64_t pid_namespace;     /* inode of the writer's /proc/self/ns/pid; 0 unknown */
	int64_t created_wall_ns;    /* CLOCK_REALTIME */
	char libc[32];              /* "glibc 2.36": pthread objects need the same on both sides */
	int64_t clock_offset_ns;    /* of the writer's CLOCK_MONOTONIC, by its time namespace; 0: none, or unknown */
	uint64_t reserved_pool[39]; /* for what else is said once: LAYOUT.md */

	/* Changed by the writer while others look: with each frame, in one cache line, */
	_Alignas(64) _Atomic uint64_t latest; /* item of the newest frame, see grants.h; 0 none yet */
	_Atomic int64_t published_ns;         /* when that was */
	_Atomic uint64_t copied;              /* frames so far that were copied into their slots */
	_Atomic uint32_t frame_counter;       /* + 1 for each frame; a futex word for onlookers */
	uint32_t reserved_frame[9];
	/* and now and then, in another, which readers look at with each call. */
	_Alignas(64) _Atomic uint32_t n_slots; /* slots that exist: every index is below */
	_Atomic uint32_t state;                /* enum zi_pool_state */
	_Atomic uint32_t wants_space; /* 1: the writer sleeps on the doorbell until a reader takes or returns */
	uint32_t end;                 /* enum zoe_end, before the state says so */
	_Atomic int64_t state_since_ns;
	_Atomic int64_t source_lost_ns; /* since when the source gives nothing; 0: it gives */
	_Atomic int64_t heartbeat_ns;   /* when the writer's housekeeping last ran */
	_Atomic int64_t
		waits_since_ns;  /* since when a frame waits for a lossless reader; 0: none does, or it changes */
	uint32_t waits_for_pid;  /* that reader's, and */
	uint32_t waits_for_seat; /* its seat, in this epoch or the one before */
	char waits_for[ZOE_LABEL_BYTES];
	_Atomic uint64_t source_number; /* + 1 before what follows is written, and + 1 after; 0: it never was */
	struct zoe_source source;

	/* The stream in general; zeroes where unknown. Constant, too. */
	_Alignas(64) struct zoe_frame_info stream;
};

/* One entry of the slot table. */
struct zi_record {
	_Alignas(64) _Atomic uint64_t seq; /* of the frame in this slot; 0: none that may be looked at */
	struct zoe_frame_info info;
};

/*
 * The seats object's header; the doorbell page and then the seats follow, a page or more each, and
 * behind them the boards, as many as were asked for.
 */
struct zi_seats {
	uint64_t magic;
	uint32_t layout_version;
	uint32_t n_seats;
	uint64_t epoch; /* equal to the reel's, or they are of different lives */
	uint64_t doorbell_offset;
	uint64_t seats_offset; /* seat i is at seats_offset + i * seat_bytes */
	uint64_t seat_bytes;
	uint64_t mailbox_offset; /* of the mailbox within a seat */
	uint64_t timing_offset;  /* of what the reader measured, within a seat */
	uint64_t boards_offset;  /* board i is at boards_offset + i * board_bytes */
	uint64_t board_bytes;
	/* Changed by the writer while others look: */
	_Atomic uint32_t n_boards;             /* boards that exist: every number below is at most this */
	_Atomic uint32_t board[ZOE_MAX_SEATS]; /* each seat's: 0 none, else 1 + its index */
};

/* Every member may write here, so nothing is here but two futex words. */
struct zi_doorbell_page {
	_Atomic uint32_t doorbell; /* + 1 for each ring: the writer sleeps on it */
	_Atomic uint32_t posts;    /* + 1 for each result: who reads results sleeps on it */
};

enum zi_seat_state {
	ZI_SEAT_FREE = 0,    /* only a reset writes this */
	ZI_SEAT_CLAIMED = 1, /* a reader has the lock and asks to be seated */
	ZI_SEAT_SEATED = 2,  /* the writer grants it frames */
	ZI_SEAT_LEAVING = 3, /* the reader is done with it */
};

/* What a seat was granted, a bit for each slot. The writer sets, the reader clears. */
struct zi_grants {
	_Atomic uint64_t granted[ZOE_MAX_SLOTS / 64];
	_Atomic uint64_t taken[ZOE_MAX_SLOTS / 64]; /* of these, those out of the mailbox */
};

#define ZI_MAX_INTERVAL_NS UINT64_C(1000000000000) /* of zi_seat.interval_ns: 1,000 s */
#define ZI_VERDICT_PENDING 0
#define ZI_VERDICT_WELCOME 1 /* any other verdict is an errno: refused */

/*
 * One seat; its mailbox (mailbox.h) follows, on the same page, and on pages behind it what it
 * measured.
 * What the writer changes with each frame, what the reader does and what both do lie in
 * cache lines of their own.
 */
struct zi_seat {
	_Atomic uint32_t state;       /* enum zi_seat_state */
	_Atomic uint32_t verdict;     /* the writer's answer to a claim; a futex word */
	_Atomic uint64_t incarnation; /* + 1 with each reset */
	/* The claim, written by the reader before CLAIMED. */
	_Atomic uint32_t policy;
	_Atomic uint32_t hold;
	_Atomic uint32_t depth;
	uint32_t pid;
	char label[ZOE_LABEL_BYTES];
	char group[ZOE_LABEL_BYTES];  /* "" none */
	_Atomic uint64_t interval_ns; /* from one frame to the next, at least */
	_Atomic uint32_t every;       /* one frame in so many; 0: each */
	_Atomic uint32_t wants_board; /* 1: the reader has something to post */
	_Atomic uint32_t board_error; /* the errno for which the writer could make no board */
	_Atomic uint32_t followed;    /* 1: the reader has its seat in the next epoch */
	/* The numbers behind a refusal for want of slots. */
	uint32_t slots_needed;
	uint32_t slots_allowed;

	_Alignas(64) struct zi_grants grants;
	/* The writer's: */
	_Alignas(64) _Atomic uint32_t owed; /* 1: the writer owes this seat the latest frame */
	uint32_t reserved;
	_Atomic uint64_t displaced; /* frames that a newer one replaced in the mailbox */
	_Atomic uint64_t withheld;  /* frames that every, interval_ns kept from it */
	uint64_t reserved_writer[5];
	/* The reader's: */
	_Alignas(64) _Atomic uint64_t received; /* frames that it took */
	uint64_t reserved_reader[7];
};

/* What the reader measured in its seat, in histograms as zoe_histogram. Only the reader writes here. */
struct zi_timing {
	_Atomic uint32_t age[ZOE_HISTOGRAM_BUCKETS];  /* from published to acquired */
	_Atomic uint32_t hold[ZOE_HISTOGRAM_BUCKETS]; /* from acquired to released */
};

/*
 * One result on a board. The reader writes number = 0, the rest, then the number: who
 * finds the same number before and after has read one whole result.
 */
struct zi_post {
	_Atomic uint64_t number; /* 1, 2, 3 … on this board; 0: none, or being written */
	uint64_t seq;            /* of the frame that it is about */
	int64_t posted_ns;
	uint32_t n_marks;
	uint32_t json_bytes; /* without the '\0' */
	char worker[ZOE_LABEL_BYTES];
	struct zoe_mark marks[ZOE_MAX_MARKS];
	char json[ZOE_MAX_JSON_BYTES];
};

/* Three results deep, so that the newest whole one stays while the next is written. */
#define ZI_BOARD_POSTS 3

struct zi_board {
	struct zi_post post[ZI_BOARD_POSTS]; /* number n is in post[n % 3] */
};

/* The byte of the seats object that the writer locks, beside one for each seat. */
#define ZI_WRITER_BYTE ZOE_MAX_SEATS

#define ZI_AT(type, field, offset) static_assert(offsetof(struct type, field) == (offset), #type "." #field " moved")

ZI_AT(zoe_plane, stride_bytes, 8);
ZI_AT(zoe_plane, row_bytes, 12);
ZI_AT(zoe_plane, rows, 16);
static_assert(sizeof(struct zoe_plane) == 24, "zoe_plane");

ZI_AT(zoe_frame_info, height_px, 4);
ZI_AT(zoe_frame_info, format, 8);
ZI_AT(zoe_frame_info, n_planes, 40);
ZI_AT(zoe_frame_info, flags, 44);
ZI_AT(zoe_frame_info, planes, 48);
ZI_AT(zoe_frame_info, coded_width_px, 144);
ZI_AT(zoe_frame_info, coded_height_px, 148);
ZI_AT(zoe_frame_info, crop_left_px, 152);
ZI_AT(zoe_frame_info, crop_top_px, 156);
ZI_AT(zoe_frame_info, sar_num, 160);
ZI_AT(zoe_frame_info, sar_den, 164);
ZI_AT(zoe_frame_info, rotation_deg, 168);
ZI_AT(zoe_frame_info, field_order, 172);
ZI_AT(zoe_frame_info, range, 176);
ZI_AT(zoe_frame_info, matrix, 180);
ZI_AT(zoe_frame_info, primaries, 184);
ZI_AT(zoe_frame_info, transfer, 188);
ZI_AT(zoe_frame_info, chroma_location, 192);
ZI_AT(zoe_frame_info, mirrored, 196);
ZI_AT(zoe_frame_info, pts, 200);
ZI_AT(zoe_frame_info, duration, 208);
ZI_AT(zoe_frame_info, time_base_num, 216);
ZI_AT(zoe_frame_info, time_base_den, 220);
ZI_AT(zoe_frame_info, wall_ns, 224);
ZI_AT(zoe_frame_info, read_ns, 232);
ZI_AT(zoe_frame_info, decoded_ns, 240);
ZI_AT(zoe_frame_info, published_ns, 248);
ZI_AT(zoe_frame_info, hdr, 256);
static_assert(sizeof(struct zoe_hdr) == 56, "zoe_hdr");
ZI_AT(zoe_frame_info, rate_num, 312);
ZI_AT(zoe_frame_info, rate_den, 316);
ZI_AT(zoe_frame_info, reserved, 320);
static_assert(sizeof(struct zoe_frame_info) == 376, "zoe_frame_info");

ZI_AT(zoe_source, lag_ns, 72);
ZI_AT(zoe_source, key_interval, 88);
ZI_AT(zoe_source, why, 96);
ZI_AT(zoe_source, reserved, 288);
static_assert(sizeof(struct zoe_source) == 416, "zoe_source");

ZI_AT(zi_reel, layout_version, 8);
ZI_AT(zi_reel, page_bytes, 12);
ZI_AT(zi_reel, epoch, 16);
ZI_AT(zi_reel, slot_bytes, 24);
ZI_AT(zi_reel, table_offset, 32);
ZI_AT(zi_reel, pixels_offset, 40);
ZI_AT(zi_reel, max_slots, 48);
ZI_AT(zi_reel, record_bytes, 52);
ZI_AT(zi_reel, max_seats, 56);
ZI_AT(zi_reel, mailbox, 60);
ZI_AT(zi_reel, cond, 64);
ZI_AT(zi_reel, lossless, 68);
ZI_AT(zi_reel, writer_pid, 72);
ZI_AT(zi_reel, writer_release, 76);
ZI_AT(zi_reel, pid_namespace, 80);
ZI_AT(zi_reel, created_wall_ns, 88);
ZI_AT(zi_reel, libc, 96);
ZI_AT(zi_reel, clock_offset_ns, 128);
ZI_AT(zi_reel, reserved_pool, 136);
ZI_AT(zi_reel, latest, 448);
ZI_AT(zi_reel, published_ns, 456);
ZI_AT(zi_reel, copied, 464);
ZI_AT(zi_reel, frame_counter, 472);
ZI_AT(zi_reel, reserved_frame, 476);
ZI_AT(zi_reel, n_slots, 512);
ZI_AT(zi_reel, state, 516);
ZI_AT(zi_reel, wants_space, 520);
ZI_AT(zi_reel, end, 524);
ZI_AT(zi_reel, state_since_ns, 528);
ZI_AT(zi_reel, source_lost_ns, 536);
ZI_AT(zi_reel, heartbeat_ns, 544);
ZI_AT(zi_reel, waits_since_ns, 552);
ZI_AT(zi_reel, waits_for_pid, 560);
ZI_AT(zi_reel, waits_for_seat, 564);
ZI_AT(zi_reel, waits_for, 568);
ZI_AT(zi_reel, source_number, 600);
ZI_AT(zi_reel, source, 608);
ZI_AT(zi_reel, stream, 1024);
static_assert(sizeof(struct zi_reel) == 1408, "zi_reel");

ZI_AT(zi_record, info, 8);
static_assert(sizeof(struct zi_record) == 384, "zi_record");

ZI_AT(zi_seats, layout_version, 8);
ZI_AT(zi_seats, n_seats, 12);
ZI_AT(zi_seats, epoch, 16);
ZI_AT(zi_seats, doorbell_offset, 24);
ZI_AT(zi_seats, seats_offset, 32);
ZI_AT(zi_seats, seat_bytes, 40);
ZI_AT(zi_seats, mailbox_offset, 48);
ZI_AT(zi_seats, timing_offset, 56);
ZI_AT(zi_seats, boards_offset, 64);
ZI_AT(zi_seats, board_bytes, 72);
ZI_AT(zi_seats, n_boards, 80);
ZI_AT(zi_seats, board, 84);
static_assert(sizeof(struct zi_seats) == 344, "zi_seats");

ZI_AT(zi_doorbell_page, posts, 4);

ZI_AT(zi_seat, verdict, 4);
ZI_AT(zi_seat, incarnation, 8);
ZI_AT(zi_seat, policy, 16);
ZI_AT(zi_seat, hold, 20);
ZI_AT(zi_seat, depth, 24);
ZI_AT(zi_seat, pid, 28);
ZI_AT(zi_seat, label, 32);
ZI_AT(zi_seat, group, 64);
ZI_AT(zi_seat, interval_ns, 96);
ZI_AT(zi_seat, every, 104);
ZI_AT(zi_seat, wants_board, 108);
ZI_AT(zi_seat, board_error, 112);
ZI_AT(zi_seat, followed, 116);
ZI_AT(zi_seat, slots_needed, 120);
ZI_AT(zi_seat, slots_allowed, 124);
ZI_AT(zi_seat, grants, 128);
static_assert(sizeof(struct zi_grants) == 64, "zi_grants");
ZI_AT(zi_seat, owed, 192);
ZI_AT(zi_seat, displaced, 200);
ZI_AT(zi_seat, withheld, 208);
ZI_AT(zi_seat, reserved_writer, 216);
ZI_AT(zi_seat, received, 256);
ZI_AT(zi_seat, reserved_reader, 264);
static_assert(sizeof(struct zi_seat) == 320, "zi_seat");

ZI_AT(zi_timing, hold, 4096);
static_assert(sizeof(struct zi_timing) == 8192, "zi_timing");

ZI_AT(zoe_mark, score, 4);
ZI_AT(zoe_mark, x, 8);
ZI_AT(zoe_mark, y, 12);
ZI_AT(zoe_mark, width, 16);
ZI_AT(zoe_mark, height, 20);
ZI_AT(zoe_mark, id, 24);
ZI_AT(zoe_mark, label, 32);
static_assert(sizeof(struct zoe_mark) == 64, "zoe_mark");

ZI_AT(zi_post, seq, 8);
ZI_AT(zi_post, posted_ns, 16);
ZI_AT(zi_post, n_marks, 24);
ZI_AT(zi_post, json_bytes, 28);
ZI_AT(zi_post, worker, 32);
ZI_AT(zi_post, marks, 64);
ZI_AT(zi_post, json, 32832);
static_assert(sizeof(struct zi_post) == 49152, "zi_post");
static_assert(sizeof(struct zi_board) == 147456, "zi_board");

#endif
