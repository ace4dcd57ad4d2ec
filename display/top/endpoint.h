/* SPDX-License-Identifier: BSD-2-Clause */
/* Where zoe-top listens: an address and a port, as they are typed and as they are shown. */
#ifndef TOP_ENDPOINT_H
#define TOP_ENDPOINT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "program/option.h"

struct top_endpoint {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	socklen_t bytes; /* of the address; 0: there is none */
};

/* "ADDRESS:TCP port", the longest with IPv6, and the end. */
#define TOP_ENDPOINT_BYTES (INET6_ADDRSTRLEN + 8)

/* An endpoint from "9099" (of 127.0.0.1), "192.0.2.7:9099" or "[::1]:9099". Addresses are numbers: no name is looked up. */
zi_option_parse top_endpoint_parse;

/* The same in print, always with its address. */
void top_endpoint_print(char *to, size_t bytes, const struct top_endpoint *endpoint);

/* True when no other machine reaches it. */
bool top_endpoint_is_local(const struct top_endpoint *endpoint);

#endif
