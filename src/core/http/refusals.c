/* An HTTP/2 server that goes away, or is too busy, declares which requests it has not processed
 * (RFC 9113, 6.8 and 8.7): these may be sent again, whatever their method. libcurl sends some of
 * them again by itself, but tells the reason, and the number of the last stream that was processed,
 * only in the texts it has for people, and only to the transfer that happened to read them. */
#include <stdlib.h>
#include <string.h>

#include "http/engine_impl.h"

/* The number behind a phrase of the text, or -1. */
static long number_behind(const char *text, const char *phrase) {
  const char *found = strstr(text, phrase);
  return found != NULL ? strtol(found + strlen(phrase), NULL, 10) : -1;
}

/* The same connection may carry many transfers. */
static void going_away(dbt_transfer *reader, long last_stream) {
  dbt_engine *engine = reader->engine;
  dbt_sockets_mark_leaving(&engine->sockets, reader->port, last_stream);
  for (dbt_transfer *other = engine->running.first; other != NULL; other = other->next)
    if (other->port == reader->port && other->stream > last_stream) other->refused = true;
}

static void stream_opened(dbt_transfer *transfer, long stream) {
  transfer->stream = stream;
  if (!dbt_sockets_takes_stream(&transfer->engine->sockets, transfer->port, stream))
    transfer->refused = true;
}

static void read_text(dbt_transfer *transfer, const char *text) {
  long last_stream = strstr(text, "GOAWAY") != NULL ? number_behind(text, "last_stream=") : -1;
  long stream = number_behind(text, "Using Stream ID: ");
  /* libcurl 8.2 and newer: "[HTTP/2] [1] OPENED stream for ..." */
  if (stream < 0 && strstr(text, "] OPENED stream") != NULL)
    stream = number_behind(text, "[HTTP/2] [");
  if (last_stream >= 0) going_away(transfer, last_stream);
  if (stream >= 0) stream_opened(transfer, stream);
  if (strstr(text, "REFUSED_STREAM") != NULL) transfer->refused = true;
  dbt_early_read(transfer, text);
}

/* CURLOPT_DEBUGFUNCTION */
static int watch(CURL *easy, curl_infotype type, char *bytes, size_t length, void *transfer) {
  char text[128];
  (void)easy;
  if (type == CURLINFO_SSL_DATA_IN || type == CURLINFO_DATA_IN) dbt_early_came_in(transfer);
  if (type != CURLINFO_TEXT) return 0;
  if (length >= sizeof text) length = sizeof text - 1;
  memcpy(text, bytes, length);
  text[length] = '\0';
  read_text(transfer, text);
  return 0;
}

void dbt_refusals_watch(dbt_transfer *transfer, bool watched) {
  curl_easy_setopt(transfer->easy, CURLOPT_VERBOSE, watched ? 1L : 0L);
  if (!watched) return;
  curl_easy_setopt(transfer->easy, CURLOPT_DEBUGFUNCTION, watch);
  curl_easy_setopt(transfer->easy, CURLOPT_DEBUGDATA, transfer);
}
