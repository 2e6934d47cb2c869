/* What Lua 5.1 (LuaJIT) to 5.4 disagree on, settled once. The only file with version conditions. */
#ifndef DBTL_COMPAT_H
#define DBTL_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#if LUA_VERSION_NUM < 502
#define lua_rawlen(L, i) lua_objlen(L, (i))
#define lua_absindex(L, i) ((i) > 0 || (i) <= LUA_REGISTRYINDEX ? (i) : lua_gettop(L) + (i) + 1)
static inline void dbtL_setfuncs(lua_State *L, const luaL_Reg *functions) {
  luaL_register(L, NULL, functions);
}
#define lua_setuservalue(L, i) lua_setfenv(L, (i))
#define lua_getuservalue(L, i) lua_getfenv(L, (i))
#else
#define dbtL_setfuncs(L, functions) luaL_setfuncs((L), (functions), 0)
#endif

#if LUA_VERSION_NUM >= 504
#undef lua_newuserdata
#define lua_newuserdata(L, size) lua_newuserdatauv(L, (size), 1)
#undef lua_setuservalue
#define lua_setuservalue(L, i) lua_setiuservalue(L, (i), 1)
#undef lua_getuservalue
#define lua_getuservalue(L, i) lua_getiuservalue(L, (i), 1)
#endif

/* LuaJIT knows; in Lua 5.1 and 5.2 a yield where it cannot be done raises an error. */
#if LUA_VERSION_NUM < 503 && !__has_include(<luajit.h>)
#define lua_isyieldable(L) 1
#endif

#if LUA_VERSION_NUM >= 503
#define dbtL_pushwhole(L, number) lua_pushinteger((L), (lua_Integer)(number))
#else
#define dbtL_pushwhole(L, number) lua_pushnumber((L), (lua_Number)(number))
#define lua_isinteger(L, i) 0
#endif

/* A module opened under a visible name although everything else is hidden. */
#define DBTL_EXPORT __attribute__((visibility("default")))

#endif
