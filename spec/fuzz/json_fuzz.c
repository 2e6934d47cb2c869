/* Whatever is decoded prints as text that is decoded again, and was UTF-8 throughout. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  const char *text = (const char *)bytes;
  dbt_json_limits limits = dbt_json_default_limits();
  dbt_error error = {.code = DBT_OK};
  cJSON *document = dbt_json_decode(text, length, &limits, &error);
  if ((document == NULL) != (error.code != DBT_OK)) abort();
  if (document == NULL) return 0;
  if (!dbt_json_is_text(text, length)) abort();

  char *printed = dbt_json_print(document, &error);
  cJSON *again = printed != NULL ? dbt_json_decode(printed, strlen(printed), &limits, &error) : NULL;
  if (again == NULL) abort();
  cJSON_Delete(again);
  cJSON_free(printed);
  cJSON_Delete(document);
  return 0;
}
