#include "http/body.h"

#include "http/header.h"
#include "crypto/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct dbt_reader {
  const char *bytes; /* NULL: read from the file */
  dbt_secret *copy;  /* what `bytes` points into when they are not borrowed */
  int file;
  struct timespec modified;
  curl_off_t size, position;
  dbt_error *failure;
};

static bool open_file(dbt_reader *reader, const char *path, const char *where, dbt_error *error) {
  struct stat status;
  /* Without O_NONBLOCK opening a pipe would wait for its writer. */
  reader->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (reader->file < 0 || fstat(reader->file, &status) != 0)
    return dbt_fail(error, DBT_ARGUMENT, where, "%s: cannot be read: %s", where, strerror(errno));
  if (!S_ISREG(status.st_mode))
    return dbt_fail(error, DBT_ARGUMENT, where, "%s: not a regular file", where);
  reader->size = status.st_size;
  reader->modified = status.st_mtim;
  return true;
}

static bool open_reader(dbt_reader *reader, const dbt_source *source, const char *where,
                        dbt_error *failure, dbt_error *error) {
  reader->failure = failure;
  if (source->path != NULL) return open_file(reader, source->path, where, error);
  size_t length = source->length;
  reader->bytes = source->bytes;
  reader->size = (curl_off_t)length;
  if (!source->copied) return true;
  reader->copy = dbt_secret_new(source->bytes, length);
  if (reader->copy == NULL) return dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
  reader->bytes = dbt_secret_bytes(reader->copy, &length);
  return true;
}

static size_t changed(dbt_reader *reader) {
  dbt_fail(reader->failure, DBT_SYSTEM, NULL, "the file changed while it was being sent");
  return CURL_READFUNC_ABORT;
}

/* Before the last bytes are handed over, while the server can still be left with an
 * incomplete request. */
static bool is_unchanged(const dbt_reader *reader) {
  struct stat status;
  return fstat(reader->file, &status) == 0 && status.st_size == reader->size &&
         status.st_mtim.tv_sec == reader->modified.tv_sec &&
         status.st_mtim.tv_nsec == reader->modified.tv_nsec;
}

static size_t read_some(char *into, size_t size, size_t count, void *self) {
  dbt_reader *reader = self;
  size_t room = size * count;
  curl_off_t left = reader->size - reader->position;
  size_t length = (curl_off_t)room < left ? room : (size_t)left;
  if (length == 0) return 0;
  if (reader->bytes != NULL) {
    memcpy(into, reader->bytes + reader->position, length);
  } else {
    if ((curl_off_t)length == left && !is_unchanged(reader)) return changed(reader);
    ssize_t got = pread(reader->file, into, length, reader->position);
    if (got < 0) {
      dbt_fail(reader->failure, DBT_SYSTEM, NULL, "the file cannot be read on: %s",
               strerror(errno));
      return CURL_READFUNC_ABORT;
    }
    if (got == 0) return changed(reader);
    length = (size_t)got;
  }
  reader->position += (curl_off_t)length;
  return length;
}

static int seek_to(void *self, curl_off_t offset, int origin) {
  dbt_reader *reader = self;
  if (origin != SEEK_SET || offset < 0 || offset > reader->size) return CURL_SEEKFUNC_CANTSEEK;
  reader->position = offset;
  return CURL_SEEKFUNC_OK;
}

static bool allocate(dbt_body *body, size_t count, dbt_error *error) {
  body->readers = calloc(count, sizeof *body->readers);
  if (body->readers == NULL) return dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
  body->count = count;
  for (size_t i = 0; i < count; i++)
    body->readers[i].file = -1;
  return true;
}

static bool add_part(dbt_body *body, size_t index, const dbt_part *part, dbt_error *failure,
                     dbt_error *error) {
  dbt_reader *reader = &body->readers[index];
  if (part->name == NULL)
    return dbt_fail(error, DBT_ARGUMENT, "form", "form: a part without a name");
  if (part->content_type != NULL &&
      !dbt_is_one_line(part->content_type, strlen(part->content_type)))
    return dbt_fail(error, DBT_ARGUMENT, "form",
                    "form: control character in the content type of a part");
  if (!open_reader(reader, &part->source, "form", failure, error)) return false;
  body->size += reader->size;
  curl_mimepart *slot = curl_mime_addpart(body->form);
  bool added =
      slot != NULL && curl_mime_name(slot, part->name) == CURLE_OK &&
      curl_mime_data_cb(slot, reader->size, read_some, seek_to, NULL, reader) == CURLE_OK &&
      (part->filename == NULL || curl_mime_filename(slot, part->filename) == CURLE_OK) &&
      (part->content_type == NULL || curl_mime_type(slot, part->content_type) == CURLE_OK);
  return added || dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
}

static bool open_form(dbt_body *body, const dbt_request *request, CURL *easy, dbt_error *failure,
                      dbt_error *error) {
  if (!allocate(body, request->part_count, error)) return false;
  body->form = curl_mime_init(easy);
  if (body->form == NULL) return dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
  for (size_t i = 0; i < request->part_count; i++)
    if (!add_part(body, i, &request->parts[i], failure, error)) return false;
  curl_easy_setopt(easy, CURLOPT_MIMEPOST, body->form);
  return true;
}

bool dbt_body_open_source(dbt_body *body, const dbt_source *source, CURL *easy, dbt_error *failure,
                          dbt_error *error) {
  if (!allocate(body, 1, error) || !open_reader(body->readers, source, "body", failure, error))
    return false;
  body->size = body->readers->size;
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_some);
  curl_easy_setopt(easy, CURLOPT_READDATA, body->readers);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_to);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, body->readers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, body->readers->size);
  curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, body->readers->size);
  return true;
}

bool dbt_body_open(dbt_body *body, const dbt_request *request, CURL *easy, dbt_error *failure,
                   dbt_error *error) {
  static const dbt_source nothing = {.bytes = "", .length = 0};
  if (request->part_count > 0) return open_form(body, request, easy, failure, error);
  const dbt_source *source = request->body != NULL ? request->body : &nothing;
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  if (source->path != NULL || source->copied)
    return dbt_body_open_source(body, source, easy, failure, error);
  body->size = (curl_off_t)source->length;
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, body->size);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, source->length > 0 ? source->bytes : "");
  return true;
}

void dbt_body_rewind(dbt_body *body) {
  for (size_t i = 0; i < body->count; i++)
    body->readers[i].position = 0;
}

void dbt_body_close(dbt_body *body) {
  curl_mime_free(body->form);
  for (size_t i = 0; i < body->count; i++) {
    if (body->readers[i].file >= 0) close(body->readers[i].file);
    dbt_secret_free(body->readers[i].copy);
  }
  free(body->readers);
  *body = (dbt_body){.form = NULL};
}
