#include "http/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

bool dbt_sockets_add(dbt_sockets *sockets, curl_socket_t descriptor) {
  if (sockets->count == sockets->capacity) {
    size_t capacity = sockets->capacity > 0 ? 2 * sockets->capacity : 16;
    dbt_socket *list = realloc(sockets->list, capacity * sizeof *list);
    if (list == NULL) return false;
    sockets->list = list;
    sockets->capacity = capacity;
  }
  sockets->list[sockets->count++] = (dbt_socket){.descriptor = descriptor};
  return true;
}

void dbt_sockets_remove(dbt_sockets *sockets, curl_socket_t descriptor) {
  for (size_t i = 0; i < sockets->count; i++)
    if (sockets->list[i].descriptor == descriptor) {
      sockets->list[i] = sockets->list[--sockets->count];
      return;
    }
}

void dbt_sockets_free(dbt_sockets *sockets) {
  free(sockets->list);
  *sockets = (dbt_sockets){.list = NULL};
}

/* 0 while it is not connected. */
static int local_port(curl_socket_t descriptor) {
  struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
  socklen_t size = sizeof address;
  if (getsockname(descriptor, (struct sockaddr *)&address, &size) != 0) return 0;
  if (address.ss_family == AF_INET)
    return ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
  if (address.ss_family == AF_INET6)
    return ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port);
  return 0;
}

static dbt_socket *find(dbt_sockets *sockets, int port) {
  for (size_t i = 0; i < sockets->count; i++) {
    dbt_socket *found = &sockets->list[i];
    if (found->port == 0) found->port = local_port(found->descriptor);
    if (found->port == port) return found;
  }
  return NULL;
}

void dbt_sockets_mark_sequential(dbt_sockets *sockets, int port) {
  dbt_socket *found = find(sockets, port);
  if (found != NULL) found->sequential = true;
}

void dbt_sockets_mark_leaving(dbt_sockets *sockets, int port, long last_stream) {
  dbt_socket *found = find(sockets, port);
  if (found == NULL) return;
  found->leaving = true;
  found->last_stream = last_stream;
}

bool dbt_sockets_takes_stream(dbt_sockets *sockets, int port, long stream) {
  const dbt_socket *found = find(sockets, port);
  return found == NULL || !found->leaving || stream <= found->last_stream;
}

bool dbt_sockets_is_spoilt(dbt_sockets *sockets, int port) {
  const dbt_socket *found = find(sockets, port);
  if (found == NULL || !found->sequential) return false;
  char byte;
  ssize_t got = recv(found->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}
