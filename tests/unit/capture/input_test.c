/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets of the one stream that is shown, and nothing kept of others. libavformat's part is the test's. */
#include <criterion/criterion.h>
#include <time.h>

#include "ffmpeg_log.h"
#include "input.h"
#include "report.h"

static struct settings settings = { .input = "clip" };
static struct report report;
static struct read_watchdog watchdog;
static struct input input;
static struct connection connection;

/* What av_read_frame() gives, one after the other: the packet's stream, or an error. */
static const int *script;
static const uint8_t *content; /* what a packet begins with, if not NULL */
static size_t content_bytes;
static bool has_gap, is_waited_for; /* RTP packets were missing; the thread sleeps until it comes */
int __wrap_av_read_frame(AVFormatContext *format, AVPacket *packet);

int __wrap_av_read_frame(AVFormatContext *format, AVPacket *packet)
{
	int next = *script++;

	(void)format;
	cr_assert(!packet->buf && !packet->data, "a packet that is read into is empty, else it leaks");
	if (next < 0)
		return next;
	if (has_gap)
		av_log(NULL, AV_LOG_WARNING, "RTP: missed %d packets\n", 2);
	if (is_waited_for)
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	cr_assert(av_new_packet(packet, 100) == 0);
	memset(packet->data, 0xff, (size_t)packet->size);
	if (content)
		memcpy(packet->data, content, content_bytes);
	packet->stream_index = next;
	packet->pts = packet->dts = 7;
	return 0;
}

void __real_av_packet_free(AVPacket **packet);
void __wrap_av_packet_free(AVPacket **packet);
static int n_freed;

void __wrap_av_packet_free(AVPacket **packet)
{
	n_freed++;
	__real_av_packet_free(packet);
}

static int n_back;

static void note_back(void *unused, bool lost)
{
	(void)unused;
	n_back += !lost;
}

static void give_up(void *unused)
{
	(void)unused;
}

static void begin(void)
{
	input = (struct input){ .settings = &settings,
		.report = &report,
		.watchdog = &watchdog,
		.connection = &connection };
	cr_assert(read_watchdog_start(&watchdog, note_back, give_up, NULL) == 0);
	cr_assert((input.format = avformat_alloc_context()) != NULL);
	cr_assert(avformat_new_stream(input.format, NULL) && avformat_new_stream(input.format, NULL));
	for (int i = 0; i < 2; i++) {
		input.format->streams[i]->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
		input.format->streams[i]->codecpar->codec_id = AV_CODEC_ID_H264;
	}
	input.video.format = input.format;
	input.video.stream = input.format->streams[1];
	input.video.programme = -1;
	cr_assert((input.video.decoder = avcodec_find_decoder(AV_CODEC_ID_H264)) != NULL);
}

static void end(void)
{
	read_watchdog_stop(&watchdog);
	avformat_free_context(input.format);
}

TestSuite(input, .init = begin, .fini = end, .timeout = 60);

/* Packets of other streams are let go, however many there are. */
Test(input, read_past_other_streams)
{
	static const int packets[] = { 0, 0, 1, 0, AVERROR(EAGAIN), 0, 1, 0, AVERROR_EOF };
	AVPacket *packet = av_packet_alloc();

	script = packets;
	for (int i = 0; i < 2; i++) {
		cr_assert(packet && input_read(&input, packet) == 0 && packet->stream_index == 1);
		av_packet_unref(packet);
	}
	cr_assert(input_read(&input, packet) == AVERROR_EOF && !packet->buf);
	cr_assert(input.n_packets == 2 && input.read_error == 0);
	av_packet_free(&packet);
}

/* What was read ahead comes first, in its order, and is freed. */
Test(input, read_ahead_first)
{
	static const int packets[] = { 1, AVERROR_EOF };
	AVPacket *packet = av_packet_alloc();

	script = packets;
	input.ahead = av_fifo_alloc2(2, sizeof(AVPacket *), AV_FIFO_FLAG_AUTO_GROW);
	for (int i = 0; i < 3; i++) {
		AVPacket *ahead = av_packet_alloc();
		cr_assert(ahead && av_new_packet(ahead, 10 + i) == 0 && av_fifo_write(input.ahead, &ahead, 1) >= 0);
		ahead->stream_index = 1;
	}
	for (int i = 0; i < 3; i++) {
		cr_assert(packet && input_read(&input, packet) == 0 && packet->size == 10 + i);
		av_packet_unref(packet);
		cr_assert(n_freed == i + 1);
	}
	cr_assert(input_read(&input, packet) == 0 && packet->size == 100);
	av_packet_unref(packet);
	cr_assert(input_read(&input, packet) == AVERROR_EOF && input.n_packets == 4);
	av_fifo_freep2(&input.ahead);
	__real_av_packet_free(&packet);
}

static bool read_marked(void)
{
	static AVPacket *packet;

	if (!packet)
		packet = av_packet_alloc();
	cr_assert(packet && input_read(&input, packet) == 0);
	bool is_marked = packet->flags & AV_PKT_FLAG_CORRUPT;
	av_packet_unref(packet);
	return is_marked;
}

/* A packet before which RTP's were missing is marked, and so is what was read with such a gap somewhere in it. */
Test(input, read_gaps)
{
	static const int packets[] = { 1, 1, 1, 1, 0, 1, 1, AVERROR_EOF };

	ffmpeg_log_init(false);
	av_log(NULL, AV_LOG_WARNING, "RTP: missed %d packets\n", 2);
	script = packets;
	input.live = true;
	cr_assert(read_marked() && read_marked());
	is_waited_for = true;
	cr_assert(read_marked());
	cr_assert(!read_marked());
	/* Before the packet of another stream that is passed over. */
	has_gap = true;
	cr_assert(read_marked());
	has_gap = false;
	cr_assert(!read_marked());
}

/* What is in no programme any more has a successor: a video in the programme that it was in. */
Test(input, read_successor)
{
	static const int packets[] = { 1, 0, 1, 0, 0, 0, AVERROR_EOF };
	AVPacket *packet = av_packet_alloc();
	AVProgram *ours = av_new_program(input.format, 7);

	script = packets;
	input.video.programme = 7;
	input.format->streams[0]->codecpar->codec_id = AV_CODEC_ID_HEVC;
	av_program_add_stream_index(input.format, 7, 1);
	av_program_add_stream_index(input.format, 7, 0);
	for (int i = 0; i < 2; i++) {
		cr_assert(packet && input_read(&input, packet) == 0 && packet->stream_index == 1 && !input.is_other);
		av_packet_unref(packet);
	}
	ours->nb_stream_indexes = 0;
	av_program_add_stream_index(input.format, 7, 0);
	cr_assert(input_read(&input, packet) == 0 && packet->stream_index == 0 && input.is_other);
	cr_assert(input.video.stream == input.format->streams[0] && input.video.decoder->id == AV_CODEC_ID_HEVC);
	av_packet_free(&packet);
}

/* Another sender takes over: the whole programme is gone, and another is there. Not where ours was asked for by name. */
Test(input, read_successor_of_a_programme)
{
	static const int packets[] = { 1, 0, AVERROR_EOF };
	AVPacket *packet = av_packet_alloc();

	cr_assert(av_new_program(input.format, 7) && av_new_program(input.format, 8));
	input.video.programme = 7;
	av_program_add_stream_index(input.format, 8, 0);
	script = packets;
	input.video.was_named = true;
	cr_assert(packet && input_read(&input, packet) == 0 && packet->stream_index == 1);
	av_packet_unref(packet);
	cr_assert(input_read(&input, packet) == AVERROR_EOF && !input.is_other);
	script = &packets[1];
	input.video.was_named = false;
	cr_assert(input_read(&input, packet) == 0 && packet->stream_index == 0 && input.is_other);
	cr_assert(input.video.programme == 8);
	av_packet_free(&packet);
}

/* Of no other programme while ours is there, and nothing that is no video. */
Test(input, read_no_successor)
{
	static const int packets[] = { 1, 0, 0, AVERROR_EOF };
	AVPacket *packet = av_packet_alloc();

	cr_assert(av_new_program(input.format, 7) && av_new_program(input.format, 8));
	input.video.programme = 7;
	av_program_add_stream_index(input.format, 8, 0);
	cr_assert(avformat_new_stream(input.format, NULL));
	av_program_add_stream_index(input.format, 7, 2);
	for (int i = 0; i < 2; i++) {
		script = packets;
		cr_assert(packet && input_read(&input, packet) == 0 && packet->stream_index == 1);
		av_packet_unref(packet);
		cr_assert(input_read(&input, packet) == AVERROR_EOF && !input.is_other);
		input.format->streams[0]->codecpar->codec_type = AVMEDIA_TYPE_AUDIO;
		input.video.programme = -1;
	}
	av_packet_free(&packet);
}

/* A stream whose codec the demuxer changes, and one for which that takes another connection. */
Test(input, read_other_codec)
{
	static const int packets[] = { 1, 1, AVERROR_EOF };
	static const uint8_t h264[] = { 0, 0, 1, 0x67, 100, 0, 40, 0, 0, 1, 0x68, 0xeb };
	AVPacket *packet = av_packet_alloc();

	script = packets;
	input.video.stream->codecpar->codec_id = AV_CODEC_ID_HEVC;
	cr_assert(packet && input_read(&input, packet) == 0 && input.is_other);
	cr_assert(input.video.decoder->id == AV_CODEC_ID_HEVC);
	av_packet_unref(packet);
	input.is_other = false;
	input.live = true;
	content = h264;
	content_bytes = sizeof(h264);
	cr_assert(input_read(&input, packet) == AVERROR_EOF && !packet->buf);
	cr_assert(input.read_error == AVERROR_INPUT_CHANGED && !input.is_other);
	av_packet_free(&packet);
}

/* An error ends the input, and is remembered. */
Test(input, read_error)
{
	static const int packets[] = { 1, 0, AVERROR(EIO) };
	AVPacket *packet = av_packet_alloc();

	script = packets;
	cr_assert(packet && input_read(&input, packet) == 0);
	av_packet_unref(packet);
	cr_assert(input_read(&input, packet) == AVERROR_EOF && input.read_error == AVERROR(EIO));
	av_packet_free(&packet);
}

/* What a demuxer says when nothing comes any more is no reason to look for in the camera. */
Test(input, sender_gone)
{
	char words[128];

	cr_assert_str_eq(input_broke_off(&input, words, sizeof(words)), "it ended");
	input.live = true;
	input.read_error = AVERROR(EIO);
	cr_assert_str_eq(input_broke_off(&input, words, sizeof(words)), "the sender has gone");
	input.read_error = AVERROR_INVALIDDATA;
	cr_assert(strstr(input_broke_off(&input, words, sizeof(words)), "Invalid data"));
	input.at_end_of_data = true;
	cr_assert_str_eq(input_broke_off(&input, words, sizeof(words)), "the sender has gone");
	input.is_device = true;
	cr_assert(strstr(input_broke_off(&input, words, sizeof(words)), "Invalid data"));
	input.is_device = false;
	input.read_error = AVERROR(ECONNRESET);
	cr_assert(strstr(input_broke_off(&input, words, sizeof(words)), "reset"));
}

/* A camera that says nothing is late, whatever the demuxer makes of being interrupted. */
Test(input, read_timeout)
{
	static const int errors[] = { AVERROR_EXIT, AVERROR_EOF, AVERROR(EIO) };
	AVPacket *packet = av_packet_alloc();

	settings.input = "rtsp://camera/1";
	settings.read_timeout_ns = 1;
	input.live = true;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		script = &errors[i];
		input.read_error = 0;
		cr_assert(input_read(&input, packet) == AVERROR_EOF);
		cr_assert(input.read_error == AVERROR(ETIMEDOUT), "%s", av_err2str(input.read_error));
	}
	/* Interrupted, a demuxer may give what its parser has had all the time: then nothing is back. */
	script = (const int[]){ 1 };
	input.read_error = 0;
	watchdog.lost = true;
	cr_assert(input_read(&input, packet) == AVERROR_EOF && !packet->buf && input.n_packets == 0);
	cr_assert(input.read_error == AVERROR(ETIMEDOUT) && n_back == 0 && watchdog.lost);
	settings.read_timeout_ns = INT64_MAX;
	script = (const int[]){ 1 };
	cr_assert(input_read(&input, packet) == 0 && n_back == 1);
	av_packet_unref(packet);
	settings.read_timeout_ns = 1;
	/* So is a sender that was listened for; of a pipe, and of what is no camera, nobody is asked. */
	script = &errors[1];
	input.read_error = 0;
	settings.input = "srt://0.0.0.0:9000?mode=listener";
	cr_assert(input_read(&input, packet) == AVERROR_EOF && input.read_error == AVERROR(ETIMEDOUT));
	script = &errors[1];
	input.read_error = 0;
	settings.input = "-";
	cr_assert(input_read(&input, packet) == AVERROR_EOF && input.read_error == 0);
	script = &errors[1];
	input.read_error = 0;
	settings.input = "https://there/film.mp4";
	input.live = false;
	cr_assert(input_read(&input, packet) == AVERROR_EOF && input.read_error == 0);
	av_packet_free(&packet);
}

/* Who is asked again, and who is asked often. */
Test(input, what_comes_back)
{
	settings.reconnect = RECONNECT_AUTO;
	settings.input = "rtsp://camera/1";
	input.live = true;
	cr_assert(input_comes_back(&input) && !input_is_local(&input));
	settings.input = "udp://239.0.0.1:5000";
	cr_assert(input_comes_back(&input) && input_is_local(&input));
	/* A pipe that comes at its own pace. */
	settings.input = "-";
	cr_assert(!input_comes_back(&input) && input_is_local(&input));
	settings.input = "/dev/video0";
	input.is_device = true;
	cr_assert(input_comes_back(&input) && input_is_local(&input));
	settings.input = "clip.mp4";
	input.live = input.is_device = false;
	cr_assert(!input_comes_back(&input));
	settings.reconnect = RECONNECT_ALWAYS;
	cr_assert(input_comes_back(&input));
	settings.reconnect = RECONNECT_NEVER;
	settings.input = "rtsp://camera/1";
	input.live = true;
	cr_assert(!input_comes_back(&input));
}
