/* Whatever is decoded was UTF-8 throughout, and is written as text that is decoded again and
   written alike. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "json/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Writes a name when `name` is set, else a string. */
static bool write_text(dbt_json_writer *writer, const dbt_json_document *document,
                       const dbt_json_cell *cell, bool name) {
  const char *bytes = cell->as.text;
  size_t length = cell->count;
  if (cell->kind == DBT_JSON_ESCAPED) {
    bytes = document->room;
    length = dbt_json_unescape(cell, document->room);
  }
  return name ? dbt_json_write_name(writer, bytes, length)
              : dbt_json_write_string(writer, bytes, length);
}

static const dbt_json_cell *write_cell(dbt_json_writer *writer, const dbt_json_document *document,
                                       const dbt_json_cell *cell);

static const dbt_json_cell *write_children(dbt_json_writer *writer,
                                           const dbt_json_document *document,
                                           const dbt_json_cell *cell, const char brackets[2]) {
  const dbt_json_cell *child = cell + 1;
  if (!dbt_json_write_open(writer, brackets[0])) abort();
  for (uint32_t left = cell->count; left > 0; left--) {
    if (cell->kind == DBT_JSON_OBJECT && !write_text(writer, document, child++, true)) abort();
    child = write_cell(writer, document, child);
  }
  if (!dbt_json_write_close(writer, brackets[1])) abort();
  return child;
}

/* Returns the cell behind the value. */
static const dbt_json_cell *write_cell(dbt_json_writer *writer, const dbt_json_document *document,
                                       const dbt_json_cell *cell) {
  bool written = true;
  switch (cell->kind) {
  case DBT_JSON_ARRAY:
    return write_children(writer, document, cell, "[]");
  case DBT_JSON_OBJECT:
    return write_children(writer, document, cell, "{}");
  case DBT_JSON_TEXT:
  case DBT_JSON_ESCAPED:
    written = write_text(writer, document, cell, false);
    break;
  case DBT_JSON_INTEGER:
    written = dbt_json_write_integer(writer, cell->as.integer);
    break;
  case DBT_JSON_NUMBER:
    written = dbt_json_write_number(writer, cell->as.number);
    break;
  case DBT_JSON_FALSE:
  case DBT_JSON_TRUE:
    written = dbt_json_write_boolean(writer, cell->kind == DBT_JSON_TRUE);
    break;
  default:
    written = dbt_json_write_null(writer);
  }
  if (!written) abort();
  return cell + 1;
}

static dbt_json_writer write_document(const dbt_json_document *document) {
  dbt_json_writer writer = {.limits = dbt_json_default_limits()};
  write_cell(&writer, document, document->cells);
  return writer;
}

static void build_tree(const dbt_json_document *document) {
  cJSON *tree = dbt_json_tree(document);
  if (tree == NULL) abort();
  cJSON_Delete(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  const char *text = (const char *)bytes;
  dbt_json_limits limits = dbt_json_default_limits();
  dbt_error error = {.code = DBT_OK};
  dbt_json_document document, again;
  bool decoded = dbt_json_decode(&document, text, length, &limits, &error);
  if (decoded != (error.code == DBT_OK)) abort();
  if (!decoded) return 0;

  dbt_json_writer whole = {.limits = limits};
  if (!dbt_json_write_string(&whole, text, length)) abort();
  build_tree(&document);
  dbt_json_writer first = write_document(&document);
  if (!dbt_json_decode(&again, first.text.bytes, first.text.length, &limits, &error)) abort();
  dbt_json_writer second = write_document(&again);
  if (first.text.length != second.text.length ||
      memcmp(first.text.bytes, second.text.bytes, first.text.length) != 0)
    abort();
  dbt_json_release(&again);
  dbt_json_release(&document);
  dbt_json_writer_free(&whole);
  dbt_json_writer_free(&first);
  dbt_json_writer_free(&second);
  return 0;
}
