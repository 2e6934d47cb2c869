/* Numbers as RFC 8259 writes them, of any length, in any locale. */
#ifndef DBT_JSON_NUMBER_H
#define DBT_JSON_NUMBER_H

#include <stdbool.h>

#include "json/json.h"

/* Reads the number that starts at *at, a digit or '-', into `cell`, and moves *at behind it. False
   when it is none, with *at where it breaks. One beyond the range of a double becomes infinite. */
bool dbt_json_read_number(const unsigned char **at, const unsigned char *end, dbt_json_cell *cell);

#endif
