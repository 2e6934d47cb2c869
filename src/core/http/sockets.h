/* The sockets under an engine's connections, found by their local port, which is all that libcurl
 * tells of a connection before it writes a request. */
#ifndef DBT_SOCKETS_H
#define DBT_SOCKETS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct dbt_socket {
  curl_socket_t descriptor;
  int port;        /* 0 until it was needed */
  bool sequential; /* HTTP/1.x: nothing may come between an answer and the next request */
  bool leaving;    /* HTTP/2: the server takes no stream after the last one */
  long last_stream;
} dbt_socket;

typedef struct dbt_sockets {
  dbt_socket *list;
  size_t count, capacity;
} dbt_sockets;

/* False when memory is short. */
bool dbt_sockets_add(dbt_sockets *sockets, curl_socket_t descriptor);
void dbt_sockets_remove(dbt_sockets *sockets, curl_socket_t descriptor);
void dbt_sockets_free(dbt_sockets *sockets);

/* Notes that an answer of HTTP/1.x came over the connection with this port. */
void dbt_sockets_mark_sequential(dbt_sockets *sockets, int port);
/* Notes that the server takes no stream after `last_stream` (RFC 9113, 6.8). */
void dbt_sockets_mark_leaving(dbt_sockets *sockets, int port, long last_stream);
bool dbt_sockets_takes_stream(dbt_sockets *sockets, int port, long stream);

/* Whether a sequential connection has something to read, be it its end: bytes that came while no
   request was under way answer none. False for what is not known to be sequential. */
bool dbt_sockets_is_spoilt(dbt_sockets *sockets, int port);

#endif
