/* Turns a request into libcurl's options. */
#include "http/engine_impl.h"

#include <string.h>

typedef struct {
  const char *name;
  bool idempotent; /* RFC 9110, 9.2.2 */
  bool takes_body, needs_body;
} method;

static const method methods[] = {
    {"GET", true, false, false}, {"HEAD", true, false, false}, {"DELETE", true, true, false},
    {"PUT", true, true, true},   {"POST", false, true, true},  {"PATCH", false, true, true},
};

static const method *find_method(const char *name) {
  for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
    if (strcmp(methods[i].name, name) == 0) return &methods[i];
  return NULL;
}

static bool has_body(const dbt_request *request) {
  return request->body != NULL || request->part_count > 0;
}

static bool check(const dbt_request *request, const method *method_, dbt_error *error) {
  if (method_ == NULL)
    return dbt_fail(error, DBT_ARGUMENT, "method",
                    "method: GET, HEAD, POST, PUT, PATCH or DELETE expected");
  if (has_body(request) && !method_->takes_body)
    return dbt_fail(error, DBT_ARGUMENT, "body", "body: %s has none", method_->name);
  if (request->body != NULL && request->part_count > 0)
    return dbt_fail(error, DBT_ARGUMENT, "form", "form: there is a body already");
  return true;
}

/* RFC 9113, 6.9.2: what may be sent before the server makes room for more. */
enum { FIRST_WINDOW = 65535 };

/* A burst of requests waits for the first connection to tell whether it can carry them all
 * (HTTP/2). Without TLS there is no HTTP/2 to wait for. For the rest see early.c. */
static void set_protocol(dbt_transfer *transfer) {
  CURL *easy = transfer->easy;
  curl_off_t largest = transfer->engine->lossy ? 0 : FIRST_WINDOW;
  bool multiplexed = transfer->url.tls && transfer->body.size <= largest;
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   multiplexed ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, multiplexed ? 1L : 0L);
  dbt_refusals_watch(transfer, multiplexed);
}

static bool set_method(dbt_transfer *transfer, const dbt_request *request, const method *method_,
                       bool sends_body, dbt_error *error) {
  CURL *easy = transfer->easy;
  transfer->repeatable = method_->idempotent;
  transfer->plain = strcmp(method_->name, "GET") == 0;
  if (transfer->plain) return true;
  if (strcmp(method_->name, "HEAD") == 0)
    return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
  if (sends_body && !dbt_body_open(&transfer->body, request, easy, &transfer->error, error))
    return false;
  /* Set last, because the options for a body choose a method of their own. */
  return strcmp(method_->name, "POST") == 0 ||
         curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method_->name) == CURLE_OK ||
         dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
}

dbt_transfer *dbt_engine_submit(dbt_engine *engine, const dbt_request *request, dbt_error *error) {
  const method *method_ = find_method(request->method);
  if (!check(request, method_, error)) return NULL;
  dbt_transfer *transfer =
      dbt_transfer_new(engine, request->url, DBT_URL_HTTP, &request->limits, error);
  if (transfer == NULL) return NULL;
  bool sends_body = has_body(request) || method_->needs_body;
  if (!dbt_headers_make(&transfer->headers, request, sends_body, error) ||
      !set_method(transfer, request, method_, sends_body, error)) {
    dbt_transfer_free(transfer);
    return NULL;
  }
  set_protocol(transfer);
  curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers.list);
  return dbt_engine_start(engine, transfer, error);
}
