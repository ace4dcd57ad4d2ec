/* SPDX-License-Identifier: BSD-2-Clause */
/* The public functions in one process: names, limits, errors, sequence numbers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/layout/layout.h"
#include "support/frame.h"
#include "support/name.h"

static char name[ZOE_NAME_BYTES];
static char path[128];
static struct zoe_writer *writer;
static struct zoe_reader *reader;
static const struct zoe_frame *frame;

static void begin(void)
{
	own_pool_name(name, "unit");
	snprintf(path, sizeof(path), "/dev/shm/zoe.%s", name);
}

static void end(void)
{
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&writer);
	unlink(path);
}

static void create(void)
{
	struct zoe_writer_options options = { .slot_bytes = 4096 };
	cr_assert(zoe_writer_create(&writer, name, &options) == 0, "%s", zoe_error());
}

static int publish(void)
{
	return publish_gray(writer, 64, 64, 0);
}

TestSuite(pool, .init = begin, .fini = end);

/* A name is 1 to 64 letters, digits, '_' or '-'. */
Test(pool, names)
{
	char longest[ZOE_NAME_BYTES + 1];
	memset(longest, 'x', sizeof(longest));
	longest[ZOE_NAME_BYTES] = '\0';
	cr_assert(!zoe_name_valid(longest));
	longest[ZOE_NAME_BYTES - 1] = '\0';
	cr_assert(zoe_name_valid(longest) && zoe_name_valid("a") && zoe_name_valid("Cam_0-left"));
	cr_assert(!zoe_name_valid("") && !zoe_name_valid(NULL) && !zoe_name_valid("a/b"));
	cr_assert(!zoe_name_valid("a.seats") && !zoe_name_valid(".."));
}

/* A bad name is refused on both sides with a sentence that has it. */
Test(pool, bad_name)
{
	struct zoe_writer_options options = { .slot_bytes = 4096 };
	cr_assert(zoe_writer_create(&writer, "a/b", &options) == -EINVAL && !writer);
	cr_assert(strstr(zoe_error(), "'a/b'"));
	cr_assert(zoe_reader_attach(&reader, "", NULL, ZOE_POLL) == -EINVAL && !reader);
}

/* Options out of range are refused. */
Test(pool, bad_options)
{
	struct zoe_writer_options none = { 0 };
	cr_assert(zoe_writer_create(&writer, name, &none) == -EINVAL);
	struct zoe_writer_options slots = { .slot_bytes = 4096, .max_slots = 257 };
	cr_assert(zoe_writer_create(&writer, name, &slots) == -EINVAL);
	struct zoe_writer_options few = { .slot_bytes = 4096, .max_slots = 2 };
	cr_assert(zoe_writer_create(&writer, name, &few) == -EINVAL);
	struct zoe_writer_options small = { .slot_bytes = 4096, .max_bytes = 4096 };
	cr_assert(zoe_writer_create(&writer, name, &small) == -ENOSPC);
	struct zoe_writer_options group = { .slot_bytes = 4096, .members_group = "no such group" };
	cr_assert(zoe_writer_create(&writer, name, &group) == -ENOENT);
	struct zoe_reader_options hold = { .hold = ZOE_MAX_HOLD + 1 };
	cr_assert(zoe_reader_attach(&reader, name, &hold, ZOE_POLL) == -EINVAL);
}

/* Before it is announced a pool has no name, and after the end none either. */
Test(pool, name_comes_and_goes)
{
	create();
	cr_assert(access(path, F_OK) != 0);
	cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == -ENOENT);
	cr_assert(zoe_writer_announce(writer) == 0 && zoe_writer_announce(writer) == 0);
	cr_assert(access(path, F_OK) == 0);
	zoe_writer_destroy(&writer);
	cr_assert(!writer && access(path, F_OK) != 0);
	zoe_writer_destroy(&writer);
	zoe_reader_detach(&reader);
}

/* The umask has no say: only the owner gets at a pool unless a group was named. */
Test(pool, permissions)
{
	struct stat status;
	umask(0);
	create();
	zoe_writer_announce(writer);
	cr_assert(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600);
	zoe_writer_destroy(&writer);
	umask(0777);
	struct zoe_writer_options options = { .slot_bytes = 4096, .members_group = "root" };
	if (getuid() != 0)
		cr_skip_test("only root may give a group access here");
	cr_assert(zoe_writer_create(&writer, name, &options) == 0 && zoe_writer_announce(writer) == 0);
	cr_assert(stat(path, &status) == 0 && (status.st_mode & 0777) == 0640);
	strcat(path, ".seats");
	cr_assert(stat(path, &status) == 0 && (status.st_mode & 0777) == 0660);
}

/* Planes outside the slot are refused and the slot can still be published. */
Test(pool, planes_outside_the_slot)
{
	struct zoe_slot slot;
	create();
	cr_assert(zoe_writer_begin(writer, &slot) == 0 && slot.size_bytes == 4096);
	const struct zoe_frame_info gray = gray_frame(64, 64);
	struct zoe_frame_info bad = gray;
	bad.planes[0].offset_bytes = 1;
	cr_assert(zoe_writer_publish(writer, slot.index, &bad, 0, ZOE_POLL) == -EINVAL);
	bad = gray;
	bad.planes[0].stride_bytes = UINT32_MAX;
	cr_assert(zoe_writer_publish(writer, slot.index, &bad, 0, ZOE_POLL) == -EINVAL);
	bad = gray;
	bad.n_planes = 5;
	cr_assert(zoe_writer_publish(writer, slot.index, &bad, 0, ZOE_POLL) == -EINVAL);
	cr_assert(zoe_writer_publish(writer, slot.index, &gray, 0, ZOE_POLL) == 0);
	cr_assert(zoe_writer_publish(writer, slot.index, &gray, 0, ZOE_POLL) == -EINVAL);
}

/* What the writer says of a frame the reader gets unchanged, and the time of publishing with it. */
Test(pool, metadata)
{
	struct zoe_slot slot;
	struct zoe_frame_info info = gray_frame(64, 64);
	info.pts = -3;
	info.sar_num = 4;
	info.hdr.max_content = 1000;
	create();
	zoe_writer_begin(writer, &slot);
	slot.data[65] = 77;
	int64_t before = zoe_now_ns();
	cr_assert(zoe_writer_publish(writer, slot.index, &info, 0, ZOE_POLL) == 0);
	cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == 0, "%s", zoe_error());
	cr_assert(zoe_reader_acquire(reader, &frame, ZOE_POLL) == 0);
	info.published_ns = frame->info.published_ns;
	cr_assert(memcmp(&info, &frame->info, sizeof(info)) == 0);
	cr_assert(info.published_ns >= before && info.published_ns <= zoe_now_ns());
	cr_assert(frame->data[0][65] == 77 && !frame->data[1]);
	cr_assert(frame->seq == 1 && frame->epoch != 0 && frame->skipped == 0);
}

/* The writer's stats say what is so. */
Test(pool, stats)
{
	struct zoe_writer_stats stats;
	create();
	publish();
	zoe_reader_attach(&reader, name, NULL, ZOE_POLL);
	zoe_reader_acquire(reader, &frame, ZOE_POLL);
	publish();
	zoe_writer_get_stats(writer, &stats);
	cr_assert(stats.published == 2 && stats.n_readers == 1 && stats.n_held == 2 && stats.n_busy == 0);
	cr_assert(stats.n_slots == 2 && stats.max_slots == ZOE_MAX_SLOTS);
	struct stat reel;
	stat(path, &reel);
	strcat(path, ".seats");
	struct stat seats;
	stat(path, &seats);
	cr_assert(stats.shm_bytes == (uint64_t)(reel.st_size + seats.st_size));
	cr_assert((uint64_t)reel.st_blocks * 512 == (uint64_t)reel.st_size);
}

/* A slot that outlives its writer can still be let go, and is filled until then. */
Test(pool, hold_outlives_the_writer)
{
	struct zoe_slot slot;
	create();
	struct zoe_writer *kept = writer;
	cr_assert(zoe_writer_begin(writer, &slot) == 0);
	zoe_writer_destroy(&writer);
	memset(slot.data, 1, slot.size_bytes);
	zoe_writer_let_go(kept, slot.index);
}

/* Put something else under the pool's name: size bytes, beginning with a header. */
static void put_file(const void *header, size_t header_bytes, off_t size)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_RDWR, 0600);
	cr_assert(fd >= 0 && pwrite(fd, header, header_bytes, 0) == (ssize_t)header_bytes && ftruncate(fd, size) == 0);
	close(fd);
}

/* Something else of that name is no pool for readers, and is not overwritten by writers. */
Test(pool, foreign_object)
{
	put_file("hello", 5, 100000);
	cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == -EBADMSG);
	create();
	cr_assert(zoe_writer_announce(writer) == -EEXIST && strstr(zoe_error(), path));
	zoe_writer_destroy(&writer);
	cr_assert(access(path, F_OK) == 0);
}

/* Neither an empty object nor a folder hurts. */
Test(pool, empty_object)
{
	put_file("", 0, 0);
	cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == -EBADMSG);
	unlink(path);
	mkdir(path, 0700);
	cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == -EBADMSG);
	create();
	cr_assert(zoe_writer_announce(writer) == -EEXIST);
	rmdir(path);
}

/* A pool of another layout version is named as such, and with the release that made it. */
Test(pool, other_version)
{
	static const struct {
		uint32_t release;
		const char *said;
	} writers[] = {
		{ 0, "made by a libzoetrope before 0.2.0 (layout version 99)" },
		{ 3 << 8, "made by libzoetrope 0.3.0 (layout version 99)" },
		{ 12 << 16 | 34 << 8 | 56, "made by libzoetrope 12.34.56 (layout version 99)" },
	};
	create();
	zoe_writer_announce(writer);
	int fd = open(path, O_RDWR);
	uint32_t version = 99;
	pwrite(fd, &version, sizeof(version), offsetof(struct zi_reel, layout_version));
	char ours[64];
	snprintf(ours, sizeof(ours), "this is libzoetrope %s (layout version %d)", zoe_version(), ZI_LAYOUT_VERSION);
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		pwrite(fd, &writers[i].release, sizeof(uint32_t), offsetof(struct zi_reel, writer_release));
		cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == -EPROTONOSUPPORT);
		cr_assert(strstr(zoe_error(), writers[i].said) && strstr(zoe_error(), ours), "%s", zoe_error());
	}
	close(fd);
}

/* A writer notes its own release. */
Test(pool, writer_release)
{
	uint32_t release = 0;
	char text[32];

	create();
	zoe_writer_announce(writer);
	int fd = open(path, O_RDONLY);
	cr_assert(pread(fd, &release, sizeof(release), offsetof(struct zi_reel, writer_release)) == sizeof(release));
	close(fd);
	snprintf(text, sizeof(text), "%u.%u.%u", release >> 16, release >> 8 & 255, release & 255);
	cr_assert(strcmp(text, zoe_version()) == 0, "%s", text);
}

/* So is one of another libc, whose pthread objects are not ours. */
Test(pool, other_libc)
{
	create();
	zoe_writer_announce(writer);
	int fd = open(path, O_RDWR);
	pwrite(fd, "musl 1.2", 9, offsetof(struct zi_reel, libc));
	cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == -EXDEV);
	cr_assert(strstr(zoe_error(), "musl 1.2") && strstr(zoe_error(), "glibc"));
	close(fd);
}

/* A truncated pool is refused, not touched. */
Test(pool, truncated)
{
	create();
	publish();
	publish();
	struct stat status;
	stat(path, &status);
	truncate(path, status.st_size - 4096);
	cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == -EBADMSG, "%s", zoe_error());
	truncate(path, 8000);
	cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == -EBADMSG);
	truncate(path, 100);
	cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == -EBADMSG);
}

/* What the writer relies on it has not from the reel, which another process of its user may have scribbled over. */
Test(pool, scribbled_reel)
{
	const uint64_t nothing = 0;
	struct zoe_slot slot;

	create();
	zoe_writer_announce(writer);
	int fd = open(path, O_RDWR);
	cr_assert(pwrite(fd, &nothing, sizeof(nothing), offsetof(struct zi_reel, slot_bytes)) == sizeof(nothing));
	close(fd);
	cr_assert(zoe_writer_begin(writer, &slot) == 0 && slot.size_bytes == 4096, "%s", zoe_error());
	zoe_writer_let_go(writer, slot.index);
}

/* A frame is returned once, however often that is said. */
Test(pool, released_twice)
{
	struct zoe_status status;

	create();
	cr_assert(publish() == 0 && zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == 0, "%s", zoe_error());
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(20000)) == 0);
	zoe_reader_release(reader, frame);
	zoe_reader_release(reader, frame);
	zoe_reader_get_status(reader, &status);
	cr_assert(status.n_held == 0);
	for (int i = 0; i < 2; i++)
		cr_assert(publish() == 0 && zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(20000)) == 0);
	cr_assert(publish() == 0 && zoe_reader_acquire(reader, &frame, ZOE_POLL) == -EBUSY);
}

static void *publish_slot(void *slot)
{
	const struct zoe_frame_info info = gray_frame(64, 64);
	uint32_t index = ((const struct zoe_slot *)slot)->index;
	return (void *)(intptr_t)zoe_writer_publish(writer, index, &info, 0, zoe_deadline_in_ms(20000));
}

/* A slot that is let go while its publish waits for a lossless reader is not published. */
Test(pool, let_go_while_publish_waits)
{
	const struct zoe_writer_options lossless = { .slot_bytes = 4096, .lossless = true };
	const struct zoe_reader_options all = { .policy = ZOE_LOSSLESS };
	struct zoe_writer_stats stats;
	struct zoe_slot slot;
	pthread_t thread;
	void *error;

	cr_assert(zoe_writer_create(&writer, name, &lossless) == 0 && publish() == 0, "%s", zoe_error());
	cr_assert(zoe_reader_attach(&reader, name, &all, ZOE_POLL) == 0 && zoe_writer_begin(writer, &slot) == 0);
	cr_assert(pthread_create(&thread, NULL, publish_slot, &slot) == 0);
	usleep(50000);
	zoe_writer_let_go(writer, slot.index);
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(20000)) == 0 && frame->seq == 1);
	pthread_join(thread, &error);
	cr_assert((intptr_t)error == -EINVAL, "%d", (int)(intptr_t)error);
	zoe_writer_get_stats(writer, &stats);
	cr_assert(stats.published == 1);
}

/* The next removal in shared memory of an object of this pool: its name. */
static const char *next_removed(int watch)
{
	static union {
		struct inotify_event event;
		char bytes[4096];
	} buffer;
	static ssize_t n, at;

	for (;;) {
		if (at >= n) {
			n = read(watch, &buffer, sizeof(buffer));
			at = 0;
		}
		cr_assert(n > 0, "%s", strerror(errno));
		const struct inotify_event *event = (const struct inotify_event *)(buffer.bytes + at);
		at += (ssize_t)(sizeof(*event) + event->len);
		if (strncmp(event->name, path + strlen("/dev/shm/"), strlen(path) - strlen("/dev/shm/")) == 0)
			return event->name;
	}
}

/* The seats' name goes before the reel's: while the reel's is ours nobody may have put others there. */
Test(pool, names_go_in_order)
{
	int watch = inotify_init1(IN_CLOEXEC);
	create();
	cr_assert(publish() == 0);
	cr_assert(watch >= 0 && inotify_add_watch(watch, "/dev/shm", IN_DELETE) >= 0);
	zoe_writer_destroy(&writer);
	cr_assert(strstr(next_removed(watch), ".seats"));
	cr_assert(!strstr(next_removed(watch), ".seats"));
	close(watch);
}
