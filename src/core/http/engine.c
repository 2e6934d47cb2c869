#include "http/engine_impl.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Older ones let OpenSSL raise SIGPIPE when CURLOPT_NOSIGNAL is set. */
#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87 or newer is needed"
#endif

enum { CONNECTIONS_MAX = 1000000, MAIL_THREADS_MAX = 16 };

static CURLcode curl_initialised = CURLE_FAILED_INIT;

static void initialise_curl(void) {
  curl_initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
}

dbt_engine_options dbt_engine_options_default(void) {
  return (dbt_engine_options){.max_connections = 512, .limits = dbt_limits_default()};
}

static bool copy_text(char **copy, const char *text) {
  if (text == NULL) return true;
  *copy = strdup(text);
  return *copy != NULL;
}

static bool set_up(dbt_engine *engine, const dbt_engine_options *options, dbt_error *error) {
  if (!copy_text(&engine->ca_file, options->ca_file) ||
      !copy_text(&engine->ca_path, options->ca_path) ||
      !copy_text(&engine->user_agent, options->user_agent) ||
      !copy_text(&engine->proxy, options->proxy))
    return dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
  engine->multi = curl_multi_init();
  if (engine->multi == NULL) return dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
  engine->poller = dbt_poller_new(engine->multi, options->portable, error);
  if (engine->poller == NULL) return false;
  curl_multi_setopt(engine->multi, CURLMOPT_MAXCONNECTS, options->max_connections);
  curl_multi_setopt(engine->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, options->max_connections);
  return true;
}

dbt_engine *dbt_engine_new(const dbt_engine_options *options, dbt_error *error) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, initialise_curl);
  dbt_engine *engine = NULL;
  if (curl_initialised != CURLE_OK)
    dbt_fail(error, DBT_SYSTEM, NULL, "libcurl cannot be used: %s",
             curl_easy_strerror(curl_initialised));
  else if (options->max_connections < 1 || options->max_connections > CONNECTIONS_MAX)
    dbt_fail(error, DBT_ARGUMENT, "max_connections", "max_connections: 1 to %d expected",
             CONNECTIONS_MAX);
  else if ((engine = calloc(1, sizeof *engine)) == NULL)
    dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
  if (engine == NULL) return NULL;
  engine->owner = dbt_owner_new();
  engine->limits = options->limits;
  engine->max_mail_threads = options->max_connections < MAIL_THREADS_MAX
                                 ? (size_t)options->max_connections
                                 : MAIL_THREADS_MAX;
  if (set_up(engine, options, error)) return engine;
  dbt_engine_free(engine);
  return NULL;
}

/* In a child process the connections are the parent's: an orderly close would say goodbye on them
   in its name. libcurl has no other close, so its memory stays until the child ends. */
static void let_go_of_curl(dbt_engine *engine) {
  if (!dbt_engine_is_owner(engine, NULL)) return;
  while (engine->spare_count > 0)
    curl_easy_cleanup(engine->spare[--engine->spare_count]);
  curl_multi_cleanup(engine->multi);
}

void dbt_engine_free(dbt_engine *engine) {
  if (engine == NULL) return;
  while (engine->running.first != NULL)
    dbt_transfer_cancel(engine->running.first);
  while (engine->finished.first != NULL) {
    dbt_transfer *transfer = engine->finished.first;
    dbt_list_remove(transfer);
    transfer->engine = NULL;
  }
  dbt_mail_end(engine);
  let_go_of_curl(engine);
  if (engine->poller != NULL) engine->poller->kind->close(engine->poller);
  dbt_sockets_free(&engine->sockets);
  dbt_bases_free(&engine->bases);
  free(engine->ca_file);
  free(engine->ca_path);
  free(engine->user_agent);
  free(engine->proxy);
  dbt_owner_free(&engine->owner);
  free(engine);
}

bool dbt_engine_is_owner(const dbt_engine *engine, dbt_error *error) {
  return dbt_owner_is_here(&engine->owner) ||
         dbt_fail(error, DBT_SYSTEM, NULL,
                  "this engine belongs to another process: make a new one after fork");
}

const dbt_limits *dbt_engine_limits(const dbt_engine *engine) {
  return &engine->limits;
}

void dbt_list_push(dbt_list *list, dbt_transfer *transfer) {
  transfer->list = list;
  transfer->previous = list->last;
  transfer->next = NULL;
  *(list->last != NULL ? &list->last->next : &list->first) = transfer;
  list->last = transfer;
}

void dbt_list_remove(dbt_transfer *transfer) {
  dbt_list *list = transfer->list;
  if (list == NULL) return;
  *(transfer->previous != NULL ? &transfer->previous->next : &list->first) = transfer->next;
  *(transfer->next != NULL ? &transfer->next->previous : &list->last) = transfer->previous;
  transfer->list = NULL;
}

static bool is_sound(CURLMcode code, dbt_error *error) {
  return code == CURLM_OK ||
         dbt_fail(error, DBT_SYSTEM, NULL, "libcurl: %s", curl_multi_strerror(code));
}

/* Hands a prepared transfer to libcurl once more. */
static void renew(dbt_engine *engine, dbt_transfer *transfer) {
  curl_multi_remove_handle(engine->multi, transfer->easy);
  CURLMcode code = curl_multi_add_handle(engine->multi, transfer->easy);
  if (code == CURLM_OK) code = engine->poller->kind->start(engine->poller);
  if (code != CURLM_OK) dbt_transfer_abort(transfer, DBT_SYSTEM, curl_multi_strerror(code));
}

/* Moves what is done to the finished ones. */
static void collect(dbt_engine *engine) {
  int left;
  if (engine->mails != NULL) dbt_mail_move(engine);
  do {
    for (CURLMsg *message; (message = curl_multi_info_read(engine->multi, &left)) != NULL;) {
      if (message->msg != CURLMSG_DONE) continue;
      dbt_transfer *transfer = NULL;
      CURLcode result = message->data.result;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      if (result != CURLE_OK && dbt_transfer_renew(transfer))
        renew(engine, transfer);
      else
        dbt_transfer_settle(transfer, result);
    }
  } while (dbt_early_push(engine));
}

/* Nothing may move any more, and the callers that wait have to hear it. */
static void abort_all(dbt_engine *engine, CURLMcode code) {
  while (engine->running.first != NULL)
    dbt_transfer_abort(engine->running.first, DBT_SYSTEM, curl_multi_strerror(code));
}

void dbt_engine_accept(dbt_engine *engine, dbt_transfer *transfer) {
  dbt_list_push(&engine->running, transfer);
  engine->pending++;
}

dbt_transfer *dbt_engine_start(dbt_engine *engine, dbt_transfer *transfer, dbt_error *error) {
  if (!is_sound(curl_multi_add_handle(engine->multi, transfer->easy), error)) {
    dbt_transfer_free(transfer);
    return NULL;
  }
  dbt_engine_accept(engine, transfer);
  CURLMcode code = engine->poller->kind->start(engine->poller);
  collect(engine);
  /* libcurl may have forgotten what it was about to do, timeouts included. */
  if (code != CURLM_OK) abort_all(engine, code);
  if (engine->watched && engine->finished.first != NULL) dbt_engine_wake(engine);
  return transfer;
}

CURL *dbt_engine_take(dbt_engine *engine) {
  return engine->spare_count > 0 ? engine->spare[--engine->spare_count] : dbt_engine_make(engine);
}

CURL *dbt_engine_make(dbt_engine *engine) {
  CURL *easy = curl_easy_init();
  if (easy == NULL || dbt_transfer_prepare(easy, engine)) return easy;
  curl_easy_cleanup(easy);
  return NULL;
}

void dbt_engine_release(dbt_engine *engine, CURL *easy, bool plain) {
  curl_multi_remove_handle(engine->multi, easy);
  bool kept = engine->spare_count < DBT_SPARE_MAX;
  if (kept && !plain) {
    curl_easy_reset(easy);
    kept = dbt_transfer_prepare(easy, engine);
  }
  if (!kept) {
    curl_easy_cleanup(easy);
    return;
  }
  /* Its connections may still be closed in its name. */
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 0L);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, NULL);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
  curl_easy_setopt(easy, CURLOPT_CURLU, NULL);
  curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, NULL);
  engine->spare[engine->spare_count++] = easy;
}

int dbt_engine_fd(dbt_engine *engine) {
  if (!dbt_engine_is_owner(engine, NULL)) return -1;
  engine->watched = true;
  return engine->poller->kind->descriptor(engine->poller);
}

bool dbt_engine_wait(dbt_engine *engine, int timeout_ms, dbt_error *error) {
  if (!dbt_engine_is_owner(engine, error)) return false;
  if (engine->finished.first != NULL) timeout_ms = 0;
  CURLMcode code = engine->poller->kind->step(engine->poller, timeout_ms);
  collect(engine);
  if (is_sound(code, error)) return true;
  abort_all(engine, code);
  return false;
}

void dbt_engine_wake(dbt_engine *engine) {
  engine->poller->kind->wake(engine->poller);
}

dbt_transfer *dbt_engine_finished(dbt_engine *engine) {
  dbt_transfer *transfer = engine->finished.first;
  if (transfer == NULL) return NULL;
  dbt_list_remove(transfer);
  transfer->engine = NULL;
  return transfer;
}

size_t dbt_engine_pending(const dbt_engine *engine) {
  return engine->pending;
}
