/* SPDX-License-Identifier: BSD-2-Clause */
/* One JSON object is made of each device; what people read is made of that, so that both say the same. */
#include "devices.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "device_id.h"
#include "program/json_line.h"
#include "program/message.h"
#include "program/output.h"
#include "program/text.h"
#include "video_device.h"

/* The kernel numbers them from 0 to 255. */
#define MAX_DEVICES 256

#define NODE_BYTES sizeof("/dev/video255")

/* FFmpeg's v4l2 can list devices, too (avdevice_list_input_sources()), but leaves out those that it cannot open. */
static void find_nodes(bool *found)
{
	DIR *directory = opendir("/dev");
	struct dirent *entry;
	unsigned number;
	char more;

	while (directory && (entry = readdir(directory)))
		if (sscanf(entry->d_name, "video%3u%c", &number, &more) == 1 && number < MAX_DEVICES)
			found[number] = true;
	if (directory)
		closedir(directory);
}

static json_t *path_or_null(const char *path)
{
	return zi_json_text_or_null(path ? path : "");
}

/* As a word of a shell; a device's name is udev's, and has no quote of either kind. */
static json_t *command_for(const char *path)
{
	const char *quote = strpbrk(path, " \t\\\"$`*?[]()<>|&;!#~{}") ? "'" : "";

	return json_sprintf("zoe-capture -f v4l2 %s%s%s", quote, path, quote);
}

/* NULL: it takes no pictures. */
static json_t *describe(const char *node)
{
	json_t *says = video_device_describe(node);
	struct device_links links;

	if (!says)
		return NULL;
	device_links_find(&links, DEVICE_LINKS, node);
	const char *best = device_links_best(&links);
	json_t *device = json_pack("{s:s, s:o, s:o, s:o, s:o}", "device", node, "id", path_or_null(best), "by_id",
		path_or_null(links.by_id), "by_path", path_or_null(links.by_path), "command",
		command_for(best ? best : node));
	json_object_update(device, says);
	json_decref(says);
	return device;
}

/* A member that is text, as a terminal may show it; "": it is null. */
static const char *text_of(const json_t *object, const char *key, char *shown, size_t n_bytes)
{
	const char *text = json_string_value(json_object_get(object, key));

	zi_text_shown(shown, n_bytes, text ? text : "");
	return shown;
}

static json_int_t integer_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void print_rates(const json_t *size)
{
	const json_t *rates = json_object_get(size, "fps");

	for (size_t i = 0; i < json_array_size(rates); i++)
		printf("%s%.4g", i > 0 ? ", " : "  ", json_real_value(json_array_get(rates, i)));
	if (json_is_null(rates))
		printf("  %.4g to %.4g", json_real_value(json_object_get(size, "fps_min")),
			json_real_value(json_object_get(size, "fps_max")));
	puts(json_is_null(rates) || json_array_size(rates) > 0 ? " fps" : "");
}

static void print_size(const json_t *size)
{
	char shape[96];

	if (json_object_get(size, "width"))
		snprintf(shape, sizeof(shape), "%lldx%lld", integer_of(size, "width"), integer_of(size, "height"));
	else
		snprintf(shape, sizeof(shape), "%lldx%lld to %lldx%lld in steps of %lldx%lld",
			integer_of(size, "width_min"), integer_of(size, "height_min"), integer_of(size, "width_max"),
			integer_of(size, "height_max"), integer_of(size, "width_step"),
			integer_of(size, "height_step"));
	printf("    %-9s", shape);
	print_rates(size);
}

static void print_format(const json_t *format)
{
	const json_t *sizes = json_object_get(format, "sizes");
	const char *name = json_string_value(json_object_get(format, "input_format"));
	char fourcc[32], description[128];

	text_of(format, "fourcc", fourcc, sizeof(fourcc));
	text_of(format, "description", description, sizeof(description));
	if (name)
		printf("  -input_format %s (%s)\n", name, description);
	else
		printf("  %s (%s): not for FFmpeg\n", fourcc, description);
	for (size_t i = 0; name && i < json_array_size(sizes); i++)
		print_size(json_array_get(sizes, i));
}

static void print_for_people(const json_t *device)
{
	const json_t *formats = json_object_get(device, "formats");
	char card[128], driver[64], bus[128], error[256], command[PATH_MAX];

	printf("%s", json_string_value(json_object_get(device, "device")));
	if (text_of(device, "card", card, sizeof(card))[0])
		printf(": %s (%s, %s)", card, text_of(device, "driver", driver, sizeof(driver)),
			text_of(device, "bus", bus, sizeof(bus)));
	if (text_of(device, "error", error, sizeof(error))[0])
		printf(": %s", error);
	putchar('\n');
	for (size_t i = 0; i < json_array_size(formats); i++)
		print_format(json_array_get(formats, i));
	printf("  %s\n", text_of(device, "command", command, sizeof(command)));
}

int devices_list(bool json)
{
	bool found[MAX_DEVICES] = { false };
	unsigned n_listed = 0;
	int error = 0;

	find_nodes(found);
	for (unsigned i = 0; i < MAX_DEVICES && !error; i++) {
		char node[NODE_BYTES];
		snprintf(node, sizeof(node), "/dev/video%u", i);
		json_t *device = found[i] ? describe(node) : NULL;
		if (!device)
			continue;
		n_listed++;
		if (json) {
			error = zi_json_line(stdout, device, 6);
			continue;
		}
		print_for_people(device);
		json_decref(device);
	}
	if (n_listed == 0)
		zi_message(
			"no video device: /dev/video* has none that takes pictures; see lsusb and dmesg for a camera, "
			"and in a container pass it on (docker run --device)");
	return error ? zi_output_fail(error) : zi_output_finish();
}
