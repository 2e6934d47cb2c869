/* How an engine waits and moves: which sockets of a multi handle are ready, and when its timers are
 * due. Two kinds: one over epoll with a descriptor of its own, and one over curl_multi_poll for
 * every platform. Knows nothing of transfers. */
#ifndef DBT_POLLER_H
#define DBT_POLLER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct dbt_poller dbt_poller;

typedef struct dbt_poller_kind {
  void (*close)(dbt_poller *poller); /* after curl_multi_cleanup, which still closes sockets */
  int (*descriptor)(dbt_poller *poller);
  /* Waits up to `timeout_ms`, then moves what can move. */
  CURLMcode (*step)(dbt_poller *poller, int timeout_ms);
  /* Gives a transfer that was just added its first push: without it the first byte would leave a
   * turn late. */
  CURLMcode (*start)(dbt_poller *poller);
  /* Moves what is due at once, and nothing else. */
  CURLMcode (*push)(dbt_poller *poller);
  void (*wake)(dbt_poller *poller); /* from any thread */
  /* A socket that libcurl opens or closes through dbt_engine's callbacks. */
  bool (*opened)(dbt_poller *poller, curl_socket_t socket);
  void (*closing)(dbt_poller *poller, curl_socket_t socket);
} dbt_poller_kind;

struct dbt_poller {
  const dbt_poller_kind *kind;
};

/* The best kind that the platform has, or with `portable` the one that works everywhere. */
dbt_poller *dbt_poller_new(CURLM *multi, bool portable, dbt_error *error);

int64_t dbt_microseconds(void); /* of a clock that only goes forward */

/* NULL where there is no epoll. */
dbt_poller *dbt_poller_epoll_new(CURLM *multi, dbt_error *error);
dbt_poller *dbt_poller_portable_new(CURLM *multi, dbt_error *error);

#endif
