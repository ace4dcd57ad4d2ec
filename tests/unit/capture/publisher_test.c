/* SPDX-License-Identifier: BSD-2-Clause */
/* Pictures in a decoder's buffers and in memory of their own, and the epochs that they open. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "epoch.h"
#include "program/message.h"
#include "publisher.h"
#include "report.h"
#include "settings.h"
#include "support/child.h"

static struct settings settings;
static struct report report;
static struct publisher *publisher;
static AVCodecContext *decoder;

static void create(void)
{
	static char name[32];
	const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_MPEG4);

	snprintf(name, sizeof(name), "test-publish-%d", (int)getpid());
	settings = (struct settings){ .input = "test",
		.shown_input = "test",
		.name = name,
		.max_slots = 16,
		.pix_fmt = AV_PIX_FMT_NONE,
		.quiet = true };
	zi_message_init("publisher-test", true);
	report_init(&report, &settings);
	const struct report_input input = { .container = "", .codec = "", .pix_fmt = "", .threads = "" };
	report_input(&report, &input);
	cr_assert((publisher = publisher_create(&settings, &report)) != NULL);
	publisher_set_stream(publisher, (AVRational){ 1, 25 }, (AVRational){ 1, 1 });
	cr_assert((decoder = avcodec_alloc_context3(codec)) != NULL);
	decoder->opaque = publisher;
	decoder->thread_count = 1;
	cr_assert(avcodec_open2(decoder, codec, NULL) == 0);
	decoder->pix_fmt = AV_PIX_FMT_YUV420P;
}

/* All that the tests made must be gone by their end. */
static void destroy(void)
{
	avcodec_free_context(&decoder);
	publisher_end(publisher, ZOE_END_INPUT);
	publisher_destroy(&publisher);
	cr_assert(epoch_count() == 0);
}

TestSuite(publisher, .init = create, .fini = destroy, .timeout = 60);

static AVFrame *shape(int width)
{
	AVFrame *frame = av_frame_alloc();

	cr_assert(frame);
	frame->format = AV_PIX_FMT_YUV420P;
	frame->width = width;
	frame->height = 64;
	return frame;
}

/* A buffer that the decoder asks for. */
static AVFrame *decoded(int width)
{
	AVFrame *frame = shape(width);

	decoder->width = decoder->coded_width = width;
	decoder->height = decoder->coded_height = 64;
	cr_assert(publisher_get_buffer(decoder, frame, 0) == 0);
	return frame;
}

static AVFrame *in_memory(int width)
{
	AVFrame *frame = shape(width);

	cr_assert(av_frame_get_buffer(frame, 0) == 0);
	return frame;
}

/* Place and publish it, and let go of it. */
static void publish(AVFrame *frame)
{
	struct picture picture = {
		.frame = frame,
		.coded_width_px = frame->width,
		.coded_height_px = frame->height,
		.time_base = { 1, 25 },
		.sample_aspect = { 1, 1 },
		.duration = 1,
	};
	struct placed placed;

	cr_assert(publisher_place(publisher, &picture, &placed) == PICTURE_OK, "%s", report.failure);
	cr_assert(publisher_publish(publisher, &placed) == PICTURE_OK, "%s", report.failure);
	av_frame_free(&frame);
}

static struct zoe_writer_stats stats(void)
{
	struct zoe_writer_stats stats;

	cr_assert(publisher_get_stats(publisher, &stats));
	return stats;
}

/* Of the first size no picture comes out: the second takes the name all the same, and goes on. */
Test(publisher, publish_after_an_epoch_without_pictures)
{
	AVFrame *unused = decoded(64);

	for (int i = 0; i < 4; i++)
		publish(decoded(128));
	av_frame_free(&unused);
	cr_assert(report.counters.published == 4 && report.counters.copied == 0 && report.counters.epochs == 1);
}

/* The same in the midst of a stream, of two sizes at once. */
Test(publisher, skip_epochs_without_pictures)
{
	publish(decoded(64));
	uint64_t before = stats().epoch;
	AVFrame *unused[] = { decoded(96), decoded(128) };
	publish(decoded(160));
	publish(decoded(160));
	cr_assert(stats().epoch != before && report.counters.epochs == 2 && report.counters.published == 3);
	cr_assert(epoch_count() == 3, "the decoder has buffers of two that have passed");
	av_frame_free(&unused[0]);
	av_frame_free(&unused[1]);
	cr_assert(epoch_count() == 1);
}

/* What was copied is let go as soon as it is out: the slot is none more than without copies. */
Test(publisher, let_go_of_the_copy)
{
	publish(in_memory(64));
	cr_assert(report.counters.copied == 1);
	for (int i = 0; i < 4; i++) {
		AVFrame *frame = shape(64);
		cr_assert(publisher_get_frame(publisher, frame) == PICTURE_OK);
		publish(frame);
	}
	cr_assert(report.counters.copied == 1 && stats().n_slots == 2, "%u slots", stats().n_slots);
}

/* What is shown of a decoder's picture makes the epoch's shape: a copy of that shape goes there, too. */
Test(publisher, copy_beside_cropped_pictures)
{
	AVFrame *frame = decoded(64);

	frame->width = 48;
	publish(frame);
	publish(in_memory(48));
	cr_assert(report.counters.copied == 1 && report.counters.epochs == 1);
}

/* Without a free slot the decoder has memory of its own, and that is counted. */
Test(publisher, decode_without_a_slot)
{
	AVFrame *frames[17];

	for (int i = 0; i < 17; i++)
		frames[i] = decoded(64);
	cr_assert(atomic_load(&report.counters.private_buffers) == 1);
	for (int i = 0; i < 16; i++)
		av_frame_free(&frames[i]);
	publish(frames[16]);
	cr_assert(report.counters.copied == 1);
}

/* A picture that was converted is counted as such, and as copied. */
Test(publisher, convert)
{
	publisher_destroy(&publisher);
	settings.pix_fmt = AV_PIX_FMT_GRAY8;
	cr_assert((publisher = publisher_create(&settings, &report)) != NULL);
	decoder->opaque = publisher;
	publisher_set_stream(publisher, (AVRational){ 1, 25 }, (AVRational){ 1, 1 });
	publish(decoded(64));
	cr_assert(report.counters.converted == 1 && report.counters.copied == 1);
}

/* A picture that is published a second time is copied, and marked. */
Test(publisher, publish_the_same_again)
{
	AVFrame *frame = decoded(64), *again = av_frame_clone(frame);

	publish(frame);
	publish(again);
	cr_assert(report.counters.published == 2 && report.counters.copied == 1 && report.counters.repeated == 1);
}

/* A camera that has not come yet: who looks knows of it, and who waits gets its first frame. */
Test(publisher, nothing_yet)
{
	struct zoe_reader *reader;
	struct zoe_source source;
	struct zoe_status status;
	const struct zoe_frame *frame;

	cr_assert(publisher_source_lost(publisher, "Connection refused", 2) == 0, "%s", zoe_error());
	cr_assert(publisher_source_lost(publisher, "Connection refused", 3) == 0 && epoch_count() == 1);
	cr_assert(zoe_reader_attach(&reader, settings.name, NULL, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	zoe_reader_get_status(reader, &status);
	cr_assert(status.state == ZOE_STATE_SOURCE_LOST);
	cr_assert(zoe_reader_get_source(reader, &source) == 0 && source.n_tries == 3);
	cr_assert(strcmp(source.why, "Connection refused") == 0);
	cr_assert(publisher_source_lost(publisher, NULL, 0) == 0);
	publish(decoded(64));
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	cr_assert(frame->seq == 1 && frame->info.width_px == 64 && report.counters.epochs == 1);
	zoe_reader_release(reader, frame);
	zoe_reader_get_status(reader, &status);
	cr_assert(status.state == ZOE_STATE_LIVE);
	/* While it is away later on, the same epoch stays. */
	cr_assert(publisher_source_lost(publisher, "it ended", 1) == 0 && epoch_count() == 1);
	zoe_reader_get_status(reader, &status);
	cr_assert(status.state == ZOE_STATE_SOURCE_LOST);
	zoe_reader_detach(&reader);
}

/* It ends before its camera came: those who wait are told how. */
Test(publisher, nothing_at_all)
{
	struct zoe_reader *reader;
	const struct zoe_frame *frame;

	cr_assert(publisher_source_lost(publisher, "Connection refused", 1) == 0, "%s", zoe_error());
	cr_assert(zoe_reader_attach(&reader, settings.name, NULL, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	publisher_end(publisher, ZOE_END_STOPPED);
	cr_assert(zoe_reader_acquire(reader, &frame, ZOE_POLL) == -EOWNERDEAD && strstr(zoe_error(), "was stopped"));
	zoe_reader_detach(&reader);
}

/* The name is another's: that is said now, and not when the camera comes. */
Test(publisher, nothing_yet_for_two)
{
	struct publisher *second = publisher_create(&settings, &report);

	cr_assert(second && publisher_source_lost(publisher, "it ended", 1) == 0, "%s", zoe_error());
	cr_assert(publisher_source_lost(second, "it ended", 1) == -EBUSY && epoch_count() == 1);
	publisher_destroy(&second);
}

static atomic_int asking_thread;

static void *ask_for_ever(void *unused)
{
	(void)unused;
	atomic_store(&asking_thread, (int)gettid());
	for (;;) {
		AVFrame *frame = shape(64);
		if (publisher_get_buffer(decoder, frame, 0) == 0)
			memset(frame->data[0], 1, 64);
		av_frame_free(&frame);
	}
	return NULL;
}

/* Until it waits for what it will not get. */
static void await_sleep(int thread)
{
	char path[64], state = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread);
	while (state != 'S') {
		FILE *file = fopen(path, "re");
		if (!file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			_exit(3);
		fclose(file);
	}
}

/* Its own process: Criterion waits for ever for a thread that does not end. */
static void abandon_in_child(void)
{
	pthread_t thread;
	char path[64];

	AVFrame *frame = decoded(64);
	publish(av_frame_clone(frame));
	if (pthread_create(&thread, NULL, ask_for_ever, NULL))
		_exit(1);
	while (!atomic_load(&asking_thread))
		sched_yield();
	publisher_end(publisher, ZOE_END_INPUT);
	publisher_abandon(publisher);
	await_sleep(atomic_load(&asking_thread));
	memset(frame->data[0], 2, 64);
	snprintf(path, sizeof(path), "/dev/shm/zoe.%s", settings.name);
	_exit(access(path, F_OK) == 0);
}

/* Stopped while the input hangs: the name goes, and threads of the decoder find nothing gone under their hands. */
Test(publisher, abandon)
{
	int status;
	pid_t child = child_fork();

	if (child == 0)
		abandon_in_child();
	cr_assert(waitpid(child, &status, 0) == child && status == 0, "%x", (unsigned)status);
}
