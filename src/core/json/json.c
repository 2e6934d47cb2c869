#include "json/json.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/number.h"
#include "json/text.h"

typedef struct scanner {
  const unsigned char *start, *at, *end;
  dbt_json_limits limits;
  size_t depth, values;
  dbt_json_cell *cells, *first;
  size_t count, capacity;
  size_t longest; /* of the escaped texts */
  dbt_error *error;
} scanner;

dbt_json_limits dbt_json_default_limits(void) {
  return (dbt_json_limits){DBT_JSON_MAX_BYTES, DBT_JSON_MAX_DEPTH, DBT_JSON_MAX_VALUES};
}

/* == Failures == */

static bool refuse(scanner *s, const char *message) {
  char where[32];
  size_t position = (size_t)(s->at - s->start) + 1;
  snprintf(where, sizeof where, "byte %zu", position);
  return dbt_fail(s->error, DBT_SYNTAX, where, "JSON: %s at byte %zu", message, position);
}

/* Something else stands where `expected` should, or nothing does. */
static bool refuse_next(scanner *s, const char *expected) {
  char message[64];
  if (s->at == s->end) return refuse(s, "unexpected end");
  snprintf(message, sizeof message, "%s expected", expected);
  return refuse(s, message);
}

static bool exceed(scanner *s, const char *what, size_t limit, const char *option) {
  return dbt_fail(s->error, DBT_LIMIT, option, "JSON: more than %zu %s (%s)", limit, what, option);
}

static bool lacks_memory(scanner *s) {
  return dbt_fail(s->error, DBT_NO_MEMORY, NULL, "not enough memory to decode JSON");
}

/* == The tape == */

static bool grow(scanner *s) {
  size_t capacity = 2 * s->capacity;
  bool moves_out = s->cells == s->first;
  dbt_json_cell *grown = realloc(moves_out ? NULL : s->cells, capacity * sizeof *grown);
  if (grown == NULL) return lacks_memory(s);
  if (moves_out) memcpy(grown, s->first, s->count * sizeof *grown);
  s->cells = grown;
  s->capacity = capacity;
  return true;
}

/* A new cell at the end of the tape, valid until the next one is added, or NULL. */
static inline dbt_json_cell *add(scanner *s, dbt_json_kind kind) {
  if (s->count == s->capacity && !grow(s)) return NULL;
  dbt_json_cell *cell = &s->cells[s->count++];
  cell->kind = kind;
  return cell;
}

/* == Texts == */

static bool scan_escape(scanner *s) {
  if (++s->at == s->end) return refuse(s, "unfinished escape");
  if (*s->at != 'u') {
    if (*s->at == '\0' || strchr("\"\\/bfnrt", *s->at) == NULL) return refuse(s, "unknown escape");
    s->at++;
    return true;
  }
  if (s->end - s->at < 5) return refuse(s, "unfinished escape");
  for (int i = 1; i <= 4; i++)
    if (!isxdigit(s->at[i])) return refuse(s, "unknown escape");
  s->at += 5;
  return true;
}

static bool finish_text(scanner *s, const unsigned char *first, bool escaped) {
  dbt_json_cell *cell = add(s, escaped ? DBT_JSON_ESCAPED : DBT_JSON_TEXT);
  if (cell == NULL) return false;
  cell->as.text = (const char *)first;
  cell->count = (uint32_t)(s->at - first);
  if (escaped && cell->count > s->longest) s->longest = cell->count;
  s->at++;
  return true;
}

/* From the first byte on that is not plain. Apart, so that plain texts do without its frame. */
static __attribute__((noinline)) bool scan_unplain(scanner *s, const unsigned char *first) {
  bool escaped = false;
  for (; s->at < s->end; s->at = dbt_json_skip_plain(s->at, s->end)) {
    unsigned char byte = *s->at;
    if (byte == '"') return finish_text(s, first, escaped);
    if (byte < 0x20) return refuse(s, "control character in a string");
    if (byte == '\\') {
      escaped = true;
      if (!scan_escape(s)) return false;
    } else {
      size_t length = dbt_json_sequence_length(s->at, s->end);
      if (length == 0) return refuse(s, "invalid UTF-8");
      s->at += length;
    }
  }
  return refuse(s, "unfinished string");
}

static bool scan_text(scanner *s) {
  const unsigned char *first = s->at + 1;
  s->at = dbt_json_skip_plain(first, s->end);
  if (s->at < s->end && *s->at == '"') return finish_text(s, first, false);
  return scan_unplain(s, first);
}

/* == Values == */

/* Most often there is none, which one comparison tells. */
static inline void skip_space(scanner *s) {
  while (s->at < s->end && *s->at <= ' ' &&
         (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r'))
    s->at++;
}

/* Steps over `byte` and white space before it, if it is what comes next. */
static inline bool take(scanner *s, unsigned char byte) {
  skip_space(s);
  if (s->at == s->end || *s->at != byte) return false;
  s->at++;
  return true;
}

static bool scan_word(scanner *s, const char *word, dbt_json_kind kind) {
  size_t length = strlen(word);
  size_t left = (size_t)(s->end - s->at);
  if (left < length && memcmp(s->at, word, left) == 0) {
    s->at = s->end;
    return refuse(s, "unexpected end");
  }
  if (left < length || memcmp(s->at, word, length) != 0) return refuse(s, "unknown word");
  s->at += length;
  return add(s, kind) != NULL;
}

static bool scan_number(scanner *s) {
  dbt_json_cell *cell = add(s, DBT_JSON_NUMBER);
  if (cell == NULL) return false;
  if (!dbt_json_read_number(&s->at, s->end, cell)) return refuse(s, "malformed number");
  if (cell->kind == DBT_JSON_NUMBER && isinf(cell->as.number))
    return dbt_fail(s->error, DBT_LIMIT, NULL, "JSON: a number is beyond the range of a double");
  return true;
}

static bool scan_value(scanner *s);

static bool scan_pair(scanner *s) {
  skip_space(s);
  if (s->at == s->end || *s->at != '"') return refuse_next(s, "a name in quotes");
  if (!scan_text(s)) return false;
  return take(s, ':') ? scan_value(s) : refuse_next(s, "':'");
}

/* An array or an object, whose bracket comes next. The depth of the recursion is limited. */
static bool scan_nest(scanner *s, dbt_json_kind kind, unsigned char close, const char *expected,
                      bool (*scan_child)(scanner *s)) {
  size_t self = s->count;
  uint32_t children = 0;
  if (add(s, kind) == NULL) return false;
  if (++s->depth > s->limits.max_depth)
    return exceed(s, "levels", s->limits.max_depth, "max_depth");
  s->at++;
  if (!take(s, close)) {
    do {
      if (!scan_child(s)) return false;
      children++;
    } while (take(s, ','));
    if (!take(s, close)) return refuse_next(s, expected);
  }
  s->depth--;
  s->cells[self].count = children;
  s->cells[self].as.cells = s->count - self;
  return true;
}

static bool scan_value(scanner *s) {
  skip_space(s);
  if (s->at == s->end) return refuse(s, "unexpected end");
  if (++s->values > s->limits.max_values)
    return exceed(s, "values", s->limits.max_values, "max_values");
  switch (*s->at) {
  case '"':
    return scan_text(s);
  case '{':
    return scan_nest(s, DBT_JSON_OBJECT, '}', "',' or '}'", scan_pair);
  case '[':
    return scan_nest(s, DBT_JSON_ARRAY, ']', "',' or ']'", scan_value);
  case 't':
    return scan_word(s, "true", DBT_JSON_TRUE);
  case 'f':
    return scan_word(s, "false", DBT_JSON_FALSE);
  case 'n':
    return scan_word(s, "null", DBT_JSON_NULL);
  default:
    if (*s->at == '-' || isdigit(*s->at)) return scan_number(s);
    return refuse(s, "unexpected text");
  }
}

static bool scan_document(scanner *s, size_t length) {
  if (length > s->limits.max_bytes) return exceed(s, "bytes", s->limits.max_bytes, "max_bytes");
  if (length >= 3 && memcmp(s->at, "\xEF\xBB\xBF", 3) == 0) s->at += 3;
  if (!scan_value(s)) return false;
  skip_space(s);
  return s->at == s->end || refuse(s, "text after the value");
}

bool dbt_json_decode(dbt_json_document *document, const char *text, size_t length,
                     const dbt_json_limits *limits, dbt_error *error) {
  const unsigned char *start = (const unsigned char *)text;
  scanner s = {.start = start,
               .at = start,
               .end = start + length,
               .limits = *limits,
               .cells = &document->first[0],
               .first = &document->first[0],
               .capacity = DBT_JSON_FIRST_CELLS,
               .error = error};
  if (s.limits.max_depth > DBT_JSON_DEPTH_CEILING) s.limits.max_depth = DBT_JSON_DEPTH_CEILING;
  if (s.limits.max_bytes > UINT32_MAX) s.limits.max_bytes = UINT32_MAX;
  char *room = NULL;
  bool decoded = scan_document(&s, length);
  if (decoded && s.longest > 0) {
    room = malloc(s.longest);
    decoded = room != NULL || lacks_memory(&s);
  }
  document->cells = s.cells;
  document->room = room;
  if (!decoded) dbt_json_release(document);
  return decoded;
}

void dbt_json_release(dbt_json_document *document) {
  if (document->cells != document->first) free(document->cells);
  free(document->room);
  document->cells = NULL;
  document->room = NULL;
}

/* == Reading == */

/* The cell behind a value and all that is in it. */
static const dbt_json_cell *behind(const dbt_json_cell *cell) {
  bool nests = cell->kind == DBT_JSON_ARRAY || cell->kind == DBT_JSON_OBJECT;
  return cell + (nests ? cell->as.cells : 1);
}

static bool is_named(const dbt_json_document *document, const dbt_json_cell *cell, const char *name,
                     size_t length) {
  if (cell->kind == DBT_JSON_TEXT)
    return cell->count == length && memcmp(cell->as.text, name, length) == 0;
  return dbt_json_unescape(cell, document->room) == length &&
         memcmp(document->room, name, length) == 0;
}

const dbt_json_cell *dbt_json_member(const dbt_json_document *document, const dbt_json_cell *object,
                                     const char *name, size_t length) {
  const dbt_json_cell *found = NULL, *cell = object + 1;
  if (object->kind != DBT_JSON_OBJECT) return NULL;
  for (uint32_t left = object->count; left > 0; left--) {
    if (is_named(document, cell, name, length)) found = cell + 1;
    cell = behind(cell + 1);
  }
  return found;
}
