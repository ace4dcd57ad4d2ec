/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GStreamer's shmsink and shmsrc, with appsrc and appsink around. Ways:
 *
 *   copy      the application has frames of its own, and shmsink copies them into its memory
 *   in-place  the application asks downstream for memory, as an element may (an allocation
 *             query), and fills its frames in shmsink's
 */
#include <errno.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"

#define N_BUFFERS 8

static const char *version(void)
{
	static char text[32];
	guint major, minor, micro, nano;
	GstElementFactory *factory;

	gst_init(NULL, NULL);
	factory = gst_element_factory_find("shmsink");
	if (!factory) {
		puts("it has no shmsink (Debian: gstreamer1.0-plugins-bad)");
		return NULL;
	}
	gst_object_unref(factory);
	gst_version(&major, &minor, &micro, &nano);
	snprintf(text, sizeof(text), "%u.%u.%u", major, minor, micro);
	return text;
}

/* The running pipeline, or NULL after a message. */
static GstElement *start_pipeline(const char *description)
{
	GError *error = NULL;
	GstElement *pipeline = gst_parse_launch(description, &error);

	if (error) {
		peer_complain("%s", error->message);
		g_error_free(error);
		g_clear_object(&pipeline);
	} else if (gst_element_set_state(pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
		peer_complain("the pipeline does not start: %s", description);
		gst_element_set_state(pipeline, GST_STATE_NULL);
		g_clear_object(&pipeline);
	}
	return pipeline;
}

static void finish(GstElement *pipeline)
{
	if (pipeline) {
		gst_element_set_state(pipeline, GST_STATE_NULL);
		gst_object_unref(pipeline);
	}
}

/* What downstream of the source offers, or the system's. */
static GstAllocator *ask_for_memory(GstElement *source, GstAllocationParams *params)
{
	GstPad *pad = gst_element_get_static_pad(source, "src");
	GstCaps *caps = gst_app_src_get_caps(GST_APP_SRC(source));
	GstQuery *query = gst_query_new_allocation(caps, TRUE);
	GstAllocator *allocator = NULL;

	gst_allocation_params_init(params);
	if (gst_pad_peer_query(pad, query) && gst_query_get_n_allocation_params(query) > 0)
		gst_query_parse_nth_allocation_param(query, 0, &allocator, params);
	gst_query_unref(query);
	gst_caps_unref(caps);
	gst_object_unref(pad);
	return allocator;
}

/* A pool of buffers from that memory: making a buffer for each frame would cost more than sending it. */
static GstBufferPool *make_pool(const struct peer_task *task, GstElement *source)
{
	GstAllocationParams params;
	GstAllocator *allocator = NULL;
	GstBufferPool *pool = gst_buffer_pool_new();
	GstStructure *config = gst_buffer_pool_get_config(pool);

	gst_buffer_pool_config_set_params(config, NULL, (guint)task->bytes, 0, N_BUFFERS / 2);
	if (strcmp(task->way, "in-place") == 0) {
		allocator = ask_for_memory(source, &params);
		if (allocator)
			gst_buffer_pool_config_set_allocator(config, allocator, &params);
		else
			peer_complain("shmsink offers no memory");
	}
	if (!gst_buffer_pool_set_config(pool, config) || !gst_buffer_pool_set_active(pool, TRUE) ||
		(!allocator && strcmp(task->way, "in-place") == 0))
		g_clear_object(&pool);
	g_clear_object(&allocator);
	return pool;
}

/* Memory that was never written is one page of zeroes wherever one looks, and copied at the speed of the cache. */
static void fill(GstBufferPool *pool, const struct peer_task *task)
{
	GstBuffer *buffers[N_BUFFERS / 2] = { 0 };

	for (int i = 0; i < N_BUFFERS / 2; i++)
		if (gst_buffer_pool_acquire_buffer(pool, &buffers[i], NULL) == GST_FLOW_OK)
			gst_buffer_memset(buffers[i], 0, 128, task->bytes);
	for (int i = 0; i < N_BUFFERS / 2; i++)
		gst_clear_buffer(&buffers[i]);
}

static GstFlowReturn send_one(GstElement *source, GstBufferPool *pool)
{
	GstBuffer *buffer;
	GstMapInfo map;
	GstFlowReturn flow = gst_buffer_pool_acquire_buffer(pool, &buffer, NULL);

	if (flow != GST_FLOW_OK)
		return flow;
	gst_buffer_map(buffer, &map, GST_MAP_WRITE);
	peer_stamp(map.data);
	gst_buffer_unmap(buffer, &map);
	return gst_app_src_push_buffer(GST_APP_SRC(source), buffer);
}

static int publish(const struct peer_task *task)
{
	GstFlowReturn flow = GST_FLOW_OK;
	gst_init(NULL, NULL);
	char *description = g_strdup_printf(
		"appsrc name=source is-live=true format=time do-timestamp=true "
		"max-buffers=1 leaky-type=downstream caps=video/x-raw,format=I420,width=%u,height=%u,framerate=%u/1 ! "
		"shmsink socket-path=%s/gstreamer shm-size=%" G_GUINT64_FORMAT " wait-for-connection=true sync=false",
		task->width_px, task->height_px, task->fps, task->dir, task->bytes * N_BUFFERS);
	GstElement *pipeline = start_pipeline(description);
	GstElement *source = pipeline ? gst_bin_get_by_name(GST_BIN(pipeline), "source") : NULL;
	GstBufferPool *pool = source ? make_pool(task, source) : NULL;

	if (pool)
		fill(pool, task);
	while (pool && flow == GST_FLOW_OK && peer_next())
		flow = send_one(source, pool);
	if (flow != GST_FLOW_OK)
		peer_complain("pushing a frame: %s", gst_flow_get_name(flow));
	int failed = !pool || flow != GST_FLOW_OK;
	g_clear_object(&source);
	finish(pipeline);
	if (pool)
		gst_buffer_pool_set_active(pool, FALSE);
	g_clear_object(&pool);
	g_free(description);
	return failed;
}

/* 1: there is more to take; 0: that was the last; -1: the stream ended. */
static int take_one(GstElement *sink)
{
	GstMapInfo map;
	GstSample *sample = gst_app_sink_pull_sample(GST_APP_SINK(sink));
	int more = -1;

	if (!sample)
		return -1;
	GstBuffer *buffer = gst_sample_get_buffer(sample);
	if (gst_buffer_map(buffer, &map, GST_MAP_READ)) {
		more = peer_got(map.data);
		gst_buffer_unmap(buffer, &map);
	}
	gst_sample_unref(sample);
	return more;
}

/* True: frames came. False: shmsrc found nobody at the other end. */
static bool take_all(const char *description)
{
	GstElement *pipeline = start_pipeline(description);
	GstElement *sink = pipeline ? gst_bin_get_by_name(GST_BIN(pipeline), "sink") : NULL;
	int n_taken = 0;

	while (sink && take_one(sink) > 0)
		n_taken++;
	g_clear_object(&sink);
	finish(pipeline);
	return n_taken > 0;
}

static int receive(const struct peer_task *task)
{
	gst_init(NULL, NULL);
	char *path = g_strdup_printf("%s/gstreamer", task->dir);
	char *description = g_strdup_printf(
		"shmsrc socket-path=%s is-live=true do-timestamp=true ! "
		"video/x-raw,format=I420,width=%u,height=%u,framerate=%u/1 ! "
		"appsink name=sink sync=false max-buffers=1 drop=true",
		path, task->width_px, task->height_px, task->fps);

	/* shmsrc does not wait for the other side; and when its socket is there, that need not listen yet. */
	while (access(path, F_OK) != 0 || !take_all(description))
		usleep(1000);
	g_free(description);
	g_free(path);
	return 0;
}

const struct peer peer = { .version = version, .publish = publish, .receive = receive };
