/* Whatever is decoded was UTF-8 throughout, and is written as text that is decoded again and
 * written alike. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "json/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool write_node(dbt_json_writer *writer, const cJSON *node);

static bool write_children(dbt_json_writer *writer, const cJSON *node, const char brackets[2]) {
  bool written = dbt_json_write_open(writer, brackets[0]);
  for (const cJSON *child = node->child; child != NULL && written; child = child->next)
    written = (child->string == NULL ||
               dbt_json_write_name(writer, child->string, strlen(child->string))) &&
              write_node(writer, child);
  return written && dbt_json_write_close(writer, brackets[1]);
}

static bool write_node(dbt_json_writer *writer, const cJSON *node) {
  if (cJSON_IsArray(node)) return write_children(writer, node, "[]");
  if (cJSON_IsObject(node)) return write_children(writer, node, "{}");
  if (cJSON_IsString(node))
    return dbt_json_write_string(writer, node->valuestring, strlen(node->valuestring));
  if (cJSON_IsNumber(node)) return dbt_json_write_number(writer, node->valuedouble);
  if (cJSON_IsBool(node)) return dbt_json_write_boolean(writer, cJSON_IsTrue(node));
  return dbt_json_write_null(writer);
}

static dbt_json_writer write_document(const cJSON *document) {
  dbt_json_writer writer = {.limits = dbt_json_default_limits()};
  if (!write_node(&writer, document)) abort();
  return writer;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  const char *text = (const char *)bytes;
  dbt_json_limits limits = dbt_json_default_limits();
  dbt_error error = {.code = DBT_OK};
  cJSON *document = dbt_json_decode(text, length, &limits, &error);
  if ((document == NULL) != (error.code != DBT_OK)) abort();
  if (document == NULL) return 0;

  dbt_json_writer whole = {.limits = limits};
  if (!dbt_json_write_string(&whole, text, length)) abort();
  dbt_json_writer first = write_document(document);
  cJSON *again = dbt_json_decode(first.text.bytes, first.text.length, &limits, &error);
  if (again == NULL) abort();
  dbt_json_writer second = write_document(again);
  if (first.text.length != second.text.length ||
      memcmp(first.text.bytes, second.text.bytes, first.text.length) != 0)
    abort();
  cJSON_Delete(again);
  cJSON_Delete(document);
  dbt_json_writer_free(&whole);
  dbt_json_writer_free(&first);
  dbt_json_writer_free(&second);
  return 0;
}
