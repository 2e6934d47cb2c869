/* core.system: the clocks, sleep, random bytes and free ports that the Lua layer hands to those who take them
 * as arguments. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "binding.h"

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int system_now(lua_State *L) {
  lua_pushnumber(L, (lua_Number)seconds_of(CLOCK_REALTIME));
  return 1;
}

static int system_monotonic(lua_State *L) {
  lua_pushnumber(L, (lua_Number)seconds_of(CLOCK_MONOTONIC));
  return 1;
}

/* A signal ends the sleep early, so that Ctrl-C reaches Lua at once. */
static int system_sleep(lua_State *L) {
  double seconds = (double)luaL_checknumber(L, 1);
  luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 1, "seconds expected");
  struct timespec time = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
  lua_pushboolean(L, nanosleep(&time, NULL) == 0);
  return 1;
}

static int system_random(lua_State *L) {
  unsigned char bytes[256];
  lua_Integer count = luaL_checkinteger(L, 1);
  luaL_argcheck(L, count >= 1 && count <= (lua_Integer)sizeof bytes, 1, "1 to 256 bytes");
  if (RAND_bytes(bytes, (int)count) != 1) return luaL_error(L, "no random bytes to be had");
  lua_pushlstring(L, (const char *)bytes, (size_t)count);
  return 1;
}

/* A port that was free a moment ago; whoever binds it must be ready to ask again. */
static int system_free_port(lua_State *L) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool bound = descriptor >= 0 && bind(descriptor, (struct sockaddr *)&address, size) == 0 &&
               getsockname(descriptor, (struct sockaddr *)&address, &size) == 0;
  int reason = errno;
  if (descriptor >= 0) close(descriptor);
  if (!bound) return luaL_error(L, "no free port: %s", strerror(reason));
  lua_pushinteger(L, ntohs(address.sin_port));
  return 1;
}

/* Whether the caller could yield; in LuaJIT also under nginx, whose own coroutine table cannot tell. */
static int system_yieldable(lua_State *L) {
  lua_pushboolean(L, lua_isyieldable(L));
  return 1;
}

int dbtL_open_system(lua_State *L) {
  static const luaL_Reg functions[] = {{"now", system_now},
                                       {"monotonic", system_monotonic},
                                       {"sleep", system_sleep},
                                       {"random", system_random},
                                       {"free_port", system_free_port},
                                       {"yieldable", system_yieldable},
                                       {NULL, NULL}};
  lua_newtable(L);
  dbtL_setfuncs(L, functions);
  return 1;
}
