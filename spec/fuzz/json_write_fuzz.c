/* Whatever is written as a string or as a number is read back as it was. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static dbt_json_document read_back(const dbt_json_writer *writer) {
  dbt_json_limits limits = dbt_json_default_limits();
  dbt_json_document document;
  if (!dbt_json_decode(&document, writer->text.bytes, writer->text.length, &limits, NULL)) abort();
  return document;
}

static bool is_text(const dbt_json_document *document, const char *bytes, size_t length) {
  const dbt_json_cell *cell = document->cells;
  if (cell->kind == DBT_JSON_TEXT)
    return cell->count == length && memcmp(cell->as.text, bytes, length) == 0;
  return cell->kind == DBT_JSON_ESCAPED && dbt_json_unescape(cell, document->room) == length &&
         memcmp(document->room, bytes, length) == 0;
}

static bool is_number(const dbt_json_document *document, double number) {
  const dbt_json_cell *cell = document->cells;
  double value = cell->kind == DBT_JSON_INTEGER ? (double)cell->as.integer : cell->as.number;
  return memcmp(&value, &number, sizeof number) == 0;
}

static void write_string(const char *bytes, size_t length) {
  dbt_json_writer writer = {.limits = dbt_json_default_limits()};
  if (dbt_json_write_string(&writer, bytes, length)) {
    dbt_json_document document = read_back(&writer);
    if (!is_text(&document, bytes, length)) abort();
    dbt_json_release(&document);
  } else if (writer.error.code != DBT_UNENCODABLE) {
    abort();
  }
  dbt_json_writer_free(&writer);
}

static void write_number(double number) {
  dbt_json_writer writer = {.limits = dbt_json_default_limits()};
  if (dbt_json_write_number(&writer, number) != isfinite(number)) abort();
  if (isfinite(number)) {
    dbt_json_document document = read_back(&writer);
    if (!is_number(&document, number)) abort();
    dbt_json_release(&document);
  }
  dbt_json_writer_free(&writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  double number;
  write_string((const char *)bytes, length);
  if (length < sizeof number) return 0;
  memcpy(&number, bytes, sizeof number);
  write_number(number);
  return 0;
}
