#include "json/tree.h"

#include <string.h>

#include "base/buffer.h"

typedef struct builder {
  const dbt_json_cell *next;
  dbt_buffer text;
  bool complete; /* so far no memory was missing */
} builder;

/* Valid until the next call. NULL for one that holds a NUL byte, or when memory is short. */
static const char *text_of(builder *b, const dbt_json_cell *cell) {
  b->text.length = 0;
  char *room = dbt_buffer_reserve(&b->text, cell->count);
  if (room == NULL) {
    b->complete = false;
    return NULL;
  }
  size_t length = dbt_json_unescape(cell, room);
  room[length] = '\0';
  return strlen(room) == length ? room : NULL;
}

static cJSON *build_text(builder *b, const dbt_json_cell *cell) {
  const char *text = text_of(b, cell);
  return text != NULL ? cJSON_CreateString(text) : cJSON_CreateNull();
}

/* The depth of the recursion is that of the document, which its decoder has bounded. */
static cJSON *build_next(builder *b);

static cJSON *build_array(builder *b, uint32_t count) {
  cJSON *array = cJSON_CreateArray();
  for (; count > 0 && b->complete; count--) {
    cJSON *element = build_next(b);
    if (!cJSON_AddItemToArray(array, element)) {
      b->complete = false;
      cJSON_Delete(element);
    }
  }
  return array;
}

static void add_pair(builder *b, cJSON *object) {
  const dbt_json_cell *name = b->next++;
  cJSON *value = build_next(b);
  const char *text = text_of(b, name);
  if (text != NULL && cJSON_AddItemToObject(object, text, value)) return;
  if (text != NULL) b->complete = false;
  cJSON_Delete(value);
}

static cJSON *build_object(builder *b, uint32_t count) {
  cJSON *object = cJSON_CreateObject();
  for (; count > 0 && b->complete; count--)
    add_pair(b, object);
  return object;
}

static cJSON *build(builder *b, const dbt_json_cell *cell) {
  switch (cell->kind) {
  case DBT_JSON_FALSE:
  case DBT_JSON_TRUE:
    return cJSON_CreateBool(cell->kind == DBT_JSON_TRUE);
  case DBT_JSON_INTEGER:
    return cJSON_CreateNumber((double)cell->as.integer);
  case DBT_JSON_NUMBER:
    return cJSON_CreateNumber(cell->as.number);
  case DBT_JSON_TEXT:
  case DBT_JSON_ESCAPED:
    return build_text(b, cell);
  case DBT_JSON_ARRAY:
    return build_array(b, cell->count);
  case DBT_JSON_OBJECT:
    return build_object(b, cell->count);
  default:
    return cJSON_CreateNull();
  }
}

static cJSON *build_next(builder *b) {
  cJSON *made = build(b, b->next++);
  if (made == NULL) b->complete = false;
  return made;
}

cJSON *dbt_json_tree(const dbt_json_document *document) {
  builder b = {.next = document->cells, .complete = true};
  cJSON *tree = build_next(&b);
  dbt_buffer_free(&b.text);
  if (b.complete) return tree;
  cJSON_Delete(tree);
  return NULL;
}
