#include "http/engine_impl.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How often a request is begun that the server does not process, by libcurl and by us. */
enum { BEGINNINGS_MAX = 8 };

dbt_limits dbt_limits_default(void) {
  return (dbt_limits){
      .connect_timeout_ms = 10000,
      .timeout_ms = 60000,
      .max_response_bytes = (size_t)16 * 1024 * 1024,
      .max_header_bytes = (size_t)64 * 1024,
      .max_header_lines = 1000,
  };
}

/* CURLOPT_OPENSOCKETFUNCTION: the last look at where a connection goes, after the name was
   resolved. The sockets of mails are their threads', and no concern of the poller. */
static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address) {
  dbt_transfer *transfer = self;
  (void)purpose;
  if (transfer->url.loopback && !dbt_address_is_loopback(&address->addr)) {
    dbt_fail(&transfer->error, DBT_TRANSPORT, NULL, "%.100s is not this machine",
             transfer->url.host);
    return CURL_SOCKET_BAD;
  }
  curl_socket_t socket_ =
      socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (socket_ == CURL_SOCKET_BAD) {
    if (errno == EMFILE || errno == ENFILE) dbt_outcome_no_descriptor(transfer, errno);
    return CURL_SOCKET_BAD;
  }
  if (transfer->use == DBT_URL_MAIL) return socket_;
  dbt_engine *engine = transfer->engine;
  if (engine->poller->kind->opened(engine->poller, socket_)) {
    if (dbt_sockets_add(&engine->sockets, socket_)) return socket_;
    engine->poller->kind->closing(engine->poller, socket_);
  }
  close(socket_);
  return CURL_SOCKET_BAD;
}

/* CURLOPT_CLOSESOCKETFUNCTION: a connection outlives its transfers, so this one is the engine's. */
static int close_socket(void *self, curl_socket_t socket_) {
  dbt_engine *engine = self;
  engine->poller->kind->closing(engine->poller, socket_);
  dbt_sockets_remove(&engine->sockets, socket_);
  return close(socket_);
}

/* CURLOPT_PREREQFUNCTION: the connection stands and the request is about to be written. When a
   kept-alive connection dies without an answer, libcurl comes here again with another one. The
   server may have acted on the first writing, so what is not idempotent (RFC 9110, 9.2.2) is
   written twice only if the server has declared that it did not. */
static int before_request(void *self, char *remote, char *local, int remote_port, int local_port) {
  dbt_transfer *transfer = self;
  (void)remote, (void)local, (void)remote_port;
  if (transfer->sent_at != 0 && !transfer->repeatable && !transfer->refused) {
    dbt_fail(&transfer->error, DBT_TRANSPORT, NULL,
             "%.100s closed the connection without an answer", transfer->url.host);
    return CURL_PREREQFUNC_ABORT;
  }
  if (transfer->refused && transfer->beginnings == BEGINNINGS_MAX) return CURL_PREREQFUNC_ABORT;
  transfer->beginnings++;
  if (transfer->use == DBT_URL_HTTP) {
    transfer->port = local_port;
    transfer->spoilt = dbt_sockets_is_spoilt(&transfer->engine->sockets, local_port);
    if (transfer->spoilt) return CURL_PREREQFUNC_ABORT;
  }
  transfer->refused = false;
  transfer->stream = 0;
  transfer->sent_at = dbt_microseconds();
  return CURL_PREREQFUNC_OK;
}

bool dbt_transfer_prepare(CURL *easy, dbt_engine *engine) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  /* Cancelling must not wait for a name lookup that is under way. */
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  /* Verification of certificate and host name is libcurl's default and nothing here touches it. */
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, engine);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, dbt_reception_body);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, dbt_reception_header);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  return (engine->ca_file == NULL ||
          curl_easy_setopt(easy, CURLOPT_CAINFO, engine->ca_file) == CURLE_OK) &&
         (engine->ca_path == NULL ||
          curl_easy_setopt(easy, CURLOPT_CAPATH, engine->ca_path) == CURLE_OK) &&
         curl_easy_setopt(easy, CURLOPT_PROXY, engine->proxy) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_USERAGENT, engine->user_agent) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
         /* every compression that libcurl was built with */
         curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK;
}

static bool set_up(dbt_transfer *transfer, const char *target) {
  CURL *easy = transfer->easy;
  const dbt_limits *limits = &transfer->limits;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
  curl_easy_setopt(easy, CURLOPT_CURLU, transfer->url.parsed);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer->reception);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer->reception);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->detail);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, limits->connect_timeout_ms);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limits->timeout_ms);
  return curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, target) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_NOPROXY, transfer->url.loopback ? "*" : NULL) == CURLE_OK;
}

dbt_transfer *dbt_transfer_blank(dbt_engine *engine, dbt_url_use use, const dbt_limits *limits,
                                 dbt_error *error) {
  dbt_transfer *transfer = calloc(1, sizeof *transfer);
  if (transfer == NULL) {
    dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
    return NULL;
  }
  transfer->engine = engine;
  transfer->use = use;
  transfer->limits = *limits;
  transfer->submitted = dbt_microseconds();
  transfer->reception = (dbt_reception){.max_body = limits->max_response_bytes,
                                        .max_headers = limits->max_header_bytes,
                                        .max_fields = limits->max_header_lines,
                                        .failure = &transfer->error};
  return transfer;
}

/* `target` is what follows a base that is known. */
static bool read_url(dbt_transfer *transfer, const char *text, const char **target,
                     dbt_error *error) {
  dbt_bases *bases = &transfer->engine->bases;
  bool is_http = transfer->use == DBT_URL_HTTP;
  transfer->base = is_http ? dbt_bases_find(bases, text, target) : NULL;
  if (transfer->base != NULL) {
    transfer->url = transfer->base->url;
    return true;
  }
  if (!dbt_url_parse(&transfer->url, text, transfer->use, error)) return false;
  if (is_http) dbt_bases_add(bases, &transfer->url, text);
  return true;
}

dbt_transfer *dbt_transfer_new(dbt_engine *engine, const char *url, dbt_url_use use,
                               const dbt_limits *limits, dbt_error *error) {
  if (!dbt_engine_is_owner(engine, error)) return NULL;
  dbt_transfer *transfer = dbt_transfer_blank(engine, use, limits, error);
  if (transfer == NULL) return NULL;
  const char *target = NULL;
  bool made = read_url(transfer, url, &target, error);
  if (made) {
    transfer->easy = use == DBT_URL_MAIL ? dbt_engine_make(engine) : dbt_engine_take(engine);
    made = (transfer->easy != NULL && set_up(transfer, target)) ||
           dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
  }
  if (made) return transfer;
  dbt_transfer_free(transfer);
  return NULL;
}

/* What only a running transfer needs. The easy handle goes first: it still points to the rest. */
static void release(dbt_transfer *transfer) {
  dbt_mail_abandon(transfer);
  if (transfer->easy != NULL) dbt_engine_release(transfer->engine, transfer->easy, transfer->plain);
  transfer->easy = NULL;
  dbt_body_close(&transfer->body);
  dbt_headers_wipe(&transfer->headers);
  curl_slist_free_all(transfer->recipients);
  transfer->recipients = NULL;
}

static void finish(dbt_transfer *transfer, dbt_state state) {
  dbt_engine *engine = transfer->engine;
  release(transfer);
  transfer->state = state;
  dbt_list_remove(transfer);
  engine->pending--;
  dbt_list_push(&engine->finished, transfer);
}

/* libcurl takes a connection that closes within the header for the end of the answer. */
static bool is_whole(dbt_transfer *transfer) {
  return transfer->use == DBT_URL_MAIL || transfer->reception.headers_ended ||
         dbt_fail(&transfer->error, DBT_TRANSPORT, NULL,
                  "%.100s: the connection was closed in the middle of the header",
                  transfer->url.host);
}

/* libcurl starts the clock of its phases anew when a transfer leaves the queue, and does not tell
 * when that was. */
static double time_in_queue(const dbt_transfer *transfer) {
  curl_off_t prepared = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &prepared);
  int64_t waited = transfer->sent_at - transfer->submitted - prepared;
  return waited > 0 ? (double)waited / 1e6 : 0;
}

/* A connection of HTTP/1.x carries one exchange at a time, and an interim answer ends none. */
static void note_protocol(dbt_transfer *transfer) {
  const char *version = transfer->response.http_version;
  if (transfer->use == DBT_URL_HTTP && version[0] == '1')
    dbt_sockets_mark_sequential(&transfer->engine->sockets, transfer->port);
}

dbt_state dbt_transfer_conclude(dbt_transfer *transfer, CURLcode result) {
  bool lost = dbt_early_is_lost(transfer, result);
  if (dbt_early_is_answered(transfer, result)) result = CURLE_OK;
  if (lost) transfer->engine->lossy = true;
  bool ended = !lost && result == CURLE_OK && is_whole(transfer);
  if (ended) dbt_reception_finish(&transfer->reception, transfer->easy, &transfer->response);
  transfer->response.timing.queue = time_in_queue(transfer);
  transfer->response.timing.total = (double)(dbt_microseconds() - transfer->submitted) / 1e6;
  if (ended)
    note_protocol(transfer);
  else
    dbt_outcome_describe(transfer, result);
  return ended ? DBT_ENDED : DBT_FAILED;
}

void dbt_transfer_settle(dbt_transfer *transfer, CURLcode result) {
  finish(transfer, dbt_transfer_conclude(transfer, result));
}

bool dbt_transfer_is_unprocessed(const dbt_transfer *transfer) {
  return transfer->refused && transfer->reception.header_bytes == 0;
}

bool dbt_transfer_renew(dbt_transfer *transfer) {
  int64_t left = transfer->limits.timeout_ms - (dbt_microseconds() - transfer->submitted) / 1000;
  bool unprocessed = transfer->spoilt || dbt_transfer_is_unprocessed(transfer);
  if (!unprocessed || transfer->error.code != DBT_OK || left <= 0 ||
      transfer->beginnings >= BEGINNINGS_MAX)
    return false;
  curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, transfer->spoilt ? 1L : 0L);
  curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, (long)left);
  dbt_body_rewind(&transfer->body);
  if (!transfer->spoilt) transfer->sent_at = 0;
  transfer->spoilt = transfer->refused = transfer->plain = false;
  return true;
}

void dbt_transfer_adopt(dbt_transfer *transfer, dbt_transfer *concluded) {
  transfer->error = concluded->error;
  transfer->phase = concluded->phase;
  transfer->sent_at = concluded->sent_at;
  transfer->response = concluded->response;
  transfer->reception = concluded->reception;
  concluded->reception = (dbt_reception){.failure = NULL};
  finish(transfer, concluded->state);
}

void dbt_transfer_abort(dbt_transfer *transfer, dbt_code code, const char *message) {
  dbt_mail_abandon(transfer);
  transfer->error = (dbt_error){.code = DBT_OK};
  dbt_fail(&transfer->error, code, NULL, "%s", message);
  transfer->phase = dbt_outcome_phase(transfer);
  finish(transfer, DBT_FAILED);
}

/* After fork the handle is the parent's as well: touching it would end the parent's request. */
static void disown(dbt_transfer *transfer) {
  if (transfer->easy != NULL && !dbt_engine_is_owner(transfer->engine, NULL)) transfer->easy = NULL;
}

void dbt_transfer_cancel(dbt_transfer *transfer) {
  if (transfer->state != DBT_RUNNING) return;
  dbt_engine *engine = transfer->engine;
  disown(transfer);
  dbt_transfer_abort(transfer, DBT_CANCELLED, "cancelled");
  if (engine->watched) dbt_engine_wake(engine);
}

void dbt_transfer_free(dbt_transfer *transfer) {
  if (transfer == NULL) return;
  if (transfer->list != NULL && transfer->state == DBT_RUNNING) {
    transfer->engine->pending--;
    /* A caller that waits for the rest may have nothing left to wait for. */
    dbt_engine_wake(transfer->engine);
  }
  dbt_list_remove(transfer);
  disown(transfer);
  release(transfer);
  if (transfer->base != NULL)
    dbt_base_release(transfer->base);
  else
    dbt_url_free(&transfer->url);
  dbt_reception_free(&transfer->reception);
  free(transfer);
}

bool dbt_transfer_done(const dbt_transfer *transfer) {
  return transfer->state != DBT_RUNNING;
}

const dbt_response *dbt_transfer_response(const dbt_transfer *transfer) {
  return transfer->state == DBT_ENDED ? &transfer->response : NULL;
}

const dbt_error *dbt_transfer_error(const dbt_transfer *transfer) {
  return transfer->state == DBT_FAILED ? &transfer->error : NULL;
}

bool dbt_transfer_sent(const dbt_transfer *transfer) {
  return transfer->sent_at != 0 && !dbt_transfer_is_unprocessed(transfer);
}

const char *dbt_transfer_phase(const dbt_transfer *transfer) {
  return transfer->phase;
}

long dbt_transfer_reply(const dbt_transfer *transfer) {
  return transfer->state == DBT_FAILED ? transfer->response.status : 0;
}
