/* Whatever is written as a string or as a number is read back as it was. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static cJSON *read_back(const dbt_json_writer *writer) {
  dbt_json_limits limits = dbt_json_default_limits();
  cJSON *value = dbt_json_decode(writer->text.bytes, writer->text.length, &limits, NULL);
  if (value == NULL) abort();
  return value;
}

static void write_string(const char *bytes, size_t length) {
  dbt_json_writer writer = {.limits = dbt_json_default_limits()};
  if (dbt_json_write_string(&writer, bytes, length)) {
    cJSON *value = read_back(&writer);
    if (strlen(value->valuestring) != length || memcmp(value->valuestring, bytes, length) != 0)
      abort();
    cJSON_Delete(value);
  } else if (writer.error.code != DBT_UNENCODABLE) {
    abort();
  }
  dbt_json_writer_free(&writer);
}

static void write_number(double number) {
  dbt_json_writer writer = {.limits = dbt_json_default_limits()};
  if (dbt_json_write_number(&writer, number) != isfinite(number)) abort();
  if (isfinite(number)) {
    cJSON *value = read_back(&writer);
    if (memcmp(&value->valuedouble, &number, sizeof number) != 0) abort();
    cJSON_Delete(value);
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
