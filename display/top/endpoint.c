/* SPDX-License-Identifier: BSD-2-Clause */
#include "endpoint.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Digits alone, 0 to 65535. */
static bool read_port(const char *text, in_port_t *port)
{
	uint32_t value = 0;

	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9' || value > UINT16_MAX)
			return false;
		value = value * 10 + (uint32_t)(*p - '0');
	}
	*port = htons((uint16_t)value);
	return *text && value <= UINT16_MAX;
}

/* An IPv6 address is the one in brackets, since it has colons of its own. */
static bool read_address(const char *text, size_t length, struct top_endpoint *endpoint)
{
	char address[INET6_ADDRSTRLEN];
	bool is_v6 = length > 2 && text[0] == '[' && text[length - 1] == ']';
	int family = is_v6 ? AF_INET6 : AF_INET;
	void *into = is_v6 ? (void *)&endpoint->address.v6.sin6_addr : (void *)&endpoint->address.v4.sin_addr;

	if (is_v6) {
		text++;
		length -= 2;
	}
	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	endpoint->address.any.sa_family = (sa_family_t)family;
	endpoint->bytes = is_v6 ? sizeof(endpoint->address.v6) : sizeof(endpoint->address.v4);
	return inet_pton(family, address, into) == 1;
}

int top_endpoint_parse(const char *value, void *into, const char **why)
{
	struct top_endpoint endpoint = { 0 };
	const char *colon = strrchr(value, ':'), *address = colon ? value : "127.0.0.1";
	size_t length = colon ? (size_t)(colon - value) : strlen(address);
	in_port_t port;

	*why = "PORT or ADDRESS:PORT in numbers, such as 9099, 0.0.0.0:9099 or [::]:9099";
	if (!read_port(colon ? colon + 1 : value, &port) || !read_address(address, length, &endpoint))
		return -1;
	if (endpoint.address.any.sa_family == AF_INET6)
		endpoint.address.v6.sin6_port = port;
	else
		endpoint.address.v4.sin_port = port;
	*(struct top_endpoint *)into = endpoint;
	return 0;
}

void top_endpoint_print(char *to, size_t bytes, const struct top_endpoint *endpoint)
{
	char address[INET6_ADDRSTRLEN] = "";

	if (endpoint->address.any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &endpoint->address.v6.sin6_addr, address, sizeof(address));
		snprintf(to, bytes, "[%s]:%u", address, ntohs(endpoint->address.v6.sin6_port));
	} else {
		inet_ntop(AF_INET, &endpoint->address.v4.sin_addr, address, sizeof(address));
		snprintf(to, bytes, "%s:%u", address, ntohs(endpoint->address.v4.sin_port));
	}
}

bool top_endpoint_is_local(const struct top_endpoint *endpoint)
{
	const struct in6_addr *v6 = &endpoint->address.v6.sin6_addr;

	if (endpoint->address.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == IN_LOOPBACKNET);
	return ntohl(endpoint->address.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}
