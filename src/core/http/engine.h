/* Moves any number of HTTP transfers at once over one libcurl multi handle: one pool of
 * connections, one DNS cache; and mails in threads of their own, a few at a time. To an event loop
 * an engine is one descriptor. Knows nothing of JSON or of any API. An engine and its transfers
 * belong to one thread and to the process that made them. */
#ifndef DBT_ENGINE_H
#define DBT_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "http/transfer.h"

typedef struct dbt_engine dbt_engine;

/* Certificates are always verified; there is no option against it. Strings are copied. */
typedef struct dbt_engine_options {
  const char *ca_file;    /* PEM file of trusted certificates; NULL: libcurl's own */
  const char *ca_path;    /* directory of hashed certificates; NULL: libcurl's own */
  const char *user_agent; /* NULL: none is sent */
  /* NULL: as the environment says (https_proxy, ...), "": none. Never for loopback. */
  const char *proxy;
  long max_connections; /* open at once, idle ones included; further transfers queue */
  dbt_limits limits;    /* what a request starts from, see dbt_engine_limits */
  bool portable;        /* do without epoll, as where it does not exist; dbt_engine_fd is then -1 */
} dbt_engine_options;

dbt_engine_options dbt_engine_options_default(void);

dbt_engine *dbt_engine_new(const dbt_engine_options *options, dbt_error *error);
/* Cancels what is under way. The transfers stay readable and are freed on their own. */
void dbt_engine_free(dbt_engine *engine);

const dbt_limits *dbt_engine_limits(const dbt_engine *engine);

/* Starts a request; never blocks. NULL and `error` when it cannot be sent as it is. What the
   request points to is copied, except the bytes of its body and parts: unless `copied` they are
   borrowed until the transfer is done or freed. */
dbt_transfer *dbt_engine_submit(dbt_engine *engine, const dbt_request *request, dbt_error *error);

/* Readable when dbt_engine_wait has something to do; -1 where the platform has no such thing. */
int dbt_engine_fd(dbt_engine *engine);

/* Moves everything that can move, after waiting up to `timeout_ms` for something to move; 0 never
   blocks. Returns early on a signal. False only when the engine itself is broken. */
bool dbt_engine_wait(dbt_engine *engine, int timeout_ms, dbt_error *error);
/* Makes a wait return and the descriptor readable. The one call that other threads may make. */
void dbt_engine_wake(dbt_engine *engine);

/* Takes the next transfer that ended since it was last asked, or NULL. */
dbt_transfer *dbt_engine_finished(dbt_engine *engine);
/* How many transfers are under way. */
size_t dbt_engine_pending(const dbt_engine *engine);

#endif
