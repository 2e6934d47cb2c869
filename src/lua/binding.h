/* What the binding's files share: opening functions, classes, errors, arguments that may
   be secret. */
#ifndef DBTL_BINDING_H
#define DBTL_BINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "compat.h"
#include "base/error.h"

/* Each pushes the table of one core concept. */
int dbtL_open_digest(lua_State *L);
int dbtL_open_doorbell(lua_State *L);
int dbtL_open_engine(lua_State *L);
int dbtL_open_envelope(lua_State *L);
int dbtL_open_json(lua_State *L);
int dbtL_open_seal(lua_State *L);
int dbtL_open_percent(lua_State *L);
int dbtL_open_secret(lua_State *L);
int dbtL_open_signature(lua_State *L);
int dbtL_open_signals(lua_State *L);
int dbtL_open_system(lua_State *L);
int dbtL_open_domain(lua_State *L);
int dbtL_open_url(lua_State *L);

/* Pushes a new userdata of `size` zeroed bytes with the class `name`: a closed handle that its
   collector accepts, so that whatever fails afterwards leaks nothing. */
void *dbtL_new_handle(lua_State *L, const char *name, size_t size);

/* Registers class `name`: methods reached through __index, and `close` as __gc and (from Lua 5.4)
   __close. `tostring` may be NULL. */
void dbtL_new_class(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close,
                    lua_CFunction tostring);
/* The handle of class `name` at `index`, or NULL. A class is told by the address of its name. */
void *dbtL_tohandle(lua_State *L, int index, const char *name);
/* The handle that a method of class `name` was called with; raises when it is something else. */
void *dbtL_self(lua_State *L, const char *name);

/* Unix seconds by the machine's clock. */
double dbtL_now(void);

/* Returns nil and { code, message, where }. */
int dbtL_push_error(lua_State *L, const dbt_error *error);

/* The bytes of a string or of a secret at `index`; anything else is an argument error. */
const char *dbtL_checkbytes(lua_State *L, int index, size_t *length);
/* The same without raising: NULL when it is neither. Numbers are not converted. */
const char *dbtL_tobytes(lua_State *L, int index, size_t *length);

/* Pushes table[name] for each name, nil where there is none, without its metamethods. They stand on
   the stack in the names' order and live as long as they do, a value of this function's below them.
   Returns the index of the first. `names` is static: its address stands for it. */
int dbtL_push_fields(lua_State *L, int table, const char *const *names, int count);
/* What stands at `index`, or `fallback` for nil; a wrong type raises an error that names the field.
 */
double dbtL_number_at(lua_State *L, int index, const char *field, double fallback);
size_t dbtL_size_at(lua_State *L, int index, const char *field, size_t fallback);

/* Pushes table[field] without its metamethods: nothing of Lua's runs while C holds on to what it
   has read. `table` is an absolute index. */
void dbtL_push_field(lua_State *L, int table, const char *field);
/* Optional fields of an options table, read like that; absent or nil gives `fallback`, a wrong type
   raises an error that names the field. */
double dbtL_opt_number(lua_State *L, int table, const char *field, double fallback);
size_t dbtL_opt_size(lua_State *L, int table, const char *field, size_t fallback);
bool dbtL_opt_boolean(lua_State *L, int table, const char *field, bool fallback);
/* Borrowed from the table: valid while the table holds it. */
const char *dbtL_opt_string(lua_State *L, int table, const char *field, const char *fallback);

#endif
