/* A server may answer before it has the whole request, and then need not read the rest: RFC 9110,
 * 10.1.1, and RFC 9113, 8.1. With HTTP/2 libcurl 7.88 drops such an answer when the end of its
 * stream (RST_STREAM) is read along with it, and sleeps on when a stream ends while its body is
 * sent. What is larger than the first window of HTTP/2 may have to wait for a server that reads no
 * more, in every version. */
#include "http/engine_impl.h"

#include <string.h>

void dbt_early_read(dbt_transfer *transfer, const char *text) {
  if (transfer->reception.header_bytes == 0) return;
  if (strstr(text, "completely uploaded") == NULL && strstr(text, "stop sending") == NULL) return;
  transfer->early = transfer->stalled = true;
  transfer->engine->early = transfer->engine->stalled = true;
}

/* Whichever of a connection's transfers reads, reads what comes for the others as well. */
void dbt_early_came_in(const dbt_transfer *transfer) {
  dbt_engine *engine = transfer->engine;
  if (!engine->early) return;
  engine->early = false;
  for (dbt_transfer *other = engine->running.first; other != NULL; other = other->next) {
    if (!other->early) continue;
    engine->early = true;
    if (other->port == transfer->port) other->stalled = engine->stalled = true;
  }
}

/* A pause that ends at once makes libcurl read and write, whatever the socket has: the next of a
   connection's transfers that it comes to. So they are pushed one after the other, and each has
   its turn at once, before another takes it. */
bool dbt_early_push(dbt_engine *engine) {
  if (!engine->stalled) return false;
  dbt_transfer *transfer = engine->running.first;
  while (transfer != NULL && !transfer->stalled)
    transfer = transfer->next;
  engine->stalled = transfer != NULL;
  if (transfer == NULL) return false;
  transfer->stalled = false;
  curl_easy_pause(transfer->easy, CURLPAUSE_SEND);
  curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
  return engine->poller->kind->push(engine->poller) == CURLM_OK;
}

bool dbt_early_is_partly_sent(const dbt_transfer *transfer) {
  curl_off_t sent = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
  return transfer->body.size > sent;
}

/* The server has ended the stream in good order, and libcurl still had to send: the only failure
   of a stream of which it says no more. */
static bool is_reset_in_order(const dbt_transfer *transfer, CURLcode result) {
  return transfer->stream > 0 && result == CURLE_HTTP2_STREAM && transfer->detail[0] == '\0';
}

static bool has_all(const dbt_transfer *transfer) {
  const dbt_reception *reception = &transfer->reception;
  curl_off_t received = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
  return reception->headers_ended && !reception->interim && reception->has_length &&
         received == (curl_off_t)reception->length;
}

bool dbt_early_is_answered(const dbt_transfer *transfer, CURLcode result) {
  return dbt_early_is_partly_sent(transfer) && has_all(transfer) &&
         (result == CURLE_OPERATION_TIMEDOUT || is_reset_in_order(transfer, result));
}

bool dbt_early_is_lost(const dbt_transfer *transfer, CURLcode result) {
  bool nothing = transfer->stream > 0 && transfer->body.size > 0 && result == CURLE_OK &&
                 transfer->reception.header_bytes == 0;
  return nothing ||
         (is_reset_in_order(transfer, result) && !dbt_early_is_answered(transfer, result));
}
