/* core.system: the clocks, sleep, random bytes and free ports that the Lua layer hands to those who
 * take them as arguments, and what plain Lua cannot ask: terminals, permissions of files, versions
 * of libraries. */
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "binding.h"

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double dbtL_now(void) {
  return seconds_of(CLOCK_REALTIME);
}

static int system_now(lua_State *L) {
  lua_pushnumber(L, (lua_Number)dbtL_now());
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
  struct timespec time = {.tv_sec = (time_t)seconds,
                          .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
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

/* A port that was free a moment ago; the caller must be ready to ask again. */
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

/* Whether the caller could yield; in LuaJIT also under nginx, whose own coroutine table
 * cannot tell. */
static int system_yieldable(lua_State *L) {
  lua_pushboolean(L, lua_isyieldable(L));
  return 1;
}

/* The width of the terminal behind a descriptor, 0 where it does not say; nil when it is
 * no terminal. */
static int system_terminal(lua_State *L) {
  int descriptor = (int)luaL_checkinteger(L, 1);
  struct winsize size = {0};
  if (isatty(descriptor)) {
    ioctl(descriptor, TIOCGWINSZ, &size);
    lua_pushinteger(L, size.ws_col);
  } else {
    lua_pushnil(L);
  }
  return 1;
}

static int push_reason(lua_State *L, const char *path, int reason) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", path, strerror(reason));
  return 2;
}

/* The name of a user, or nil. */
static void push_user(lua_State *L, uid_t id) {
  char text[4096];
  struct passwd entry, *found = NULL;
  (void)getpwuid_r(id, &entry, text, sizeof text, &found);
  lua_pushstring(L, found ? found->pw_name : NULL);
}

/* Who may do what with a file, as chmod writes it, whether it is this user's, and whose it is. */
static int system_permissions(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct stat status;
  if (stat(path, &status) != 0) return push_reason(L, path, errno);
  lua_pushinteger(L, status.st_mode & 07777);
  lua_pushboolean(L, status.st_uid == geteuid());
  push_user(L, status.st_uid);
  return 3;
}

/* The errno for which a file cannot be read, or 0 with its size; -1 for what has no size. */
static int probe_file(int descriptor, off_t *size) {
  struct stat status;
  char byte;
  if (fstat(descriptor, &status) != 0) return errno;
  if (S_ISDIR(status.st_mode)) return EISDIR;
  if (!S_ISREG(status.st_mode)) return -1;
  *size = status.st_size;
  return pread(descriptor, &byte, 1, 0) < 0 ? errno : 0;
}

/* The size of a file that can be read. Never waits: a pipe is none. */
static int system_file_size(lua_State *L) {
  off_t size = 0;
  int descriptor = open(luaL_checkstring(L, 1), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  int reason = descriptor < 0 ? errno : probe_file(descriptor, &size);
  if (descriptor >= 0) close(descriptor);
  if (reason == 0) {
    dbtL_pushwhole(L, size);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, reason > 0 ? strerror(reason) : "not a regular file");
  return 2;
}

/* Makes an open file this user's alone and empties it. Root could take a device from everybody, so
 * only files. */
static int make_private(int descriptor, mode_t mode) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) return errno;
  if (!S_ISREG(status.st_mode)) return EINVAL;
  return fchmod(descriptor, mode) == 0 && ftruncate(descriptor, 0) == 0 ? 0 : errno;
}

static int write_all(int descriptor, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(descriptor, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes += written;
    length -= (size_t)written;
  }
  return fsync(descriptor) == 0 ? 0 : errno;
}

/* Writes a file that only this user can read, from its first byte on; one that is another's
 * is refused. */
static int system_write_private(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  size_t length;
  const char *bytes = dbtL_checkbytes(L, 2, &length);
  const mode_t mode = S_IRUSR | S_IWUSR;
  int descriptor = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode);
  if (descriptor < 0) return push_reason(L, path, errno);
  int reason = make_private(descriptor, mode);
  if (reason == 0) reason = write_all(descriptor, bytes, length);
  if (close(descriptor) != 0 && reason == 0) reason = errno;
  if (reason != 0) return push_reason(L, path, reason);
  lua_pushboolean(L, 1);
  return 1;
}

/* Makes an empty file, for this user alone or also for its group, whatever the umask is: true, or
 * false when there is one. */
static int system_create_file(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  const mode_t mode = S_IRUSR | S_IWUSR | (lua_toboolean(L, 2) ? S_IRGRP | S_IWGRP : 0);
  int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  int reason = descriptor < 0 ? errno : 0;
  if (reason == 0 && fchmod(descriptor, mode) != 0) reason = errno;
  if (descriptor >= 0 && close(descriptor) != 0 && reason == 0) reason = errno;
  if (reason != 0 && reason != EEXIST) return push_reason(L, path, reason);
  lua_pushboolean(L, reason == 0);
  return 1;
}

/* From now on programs that this process starts inherit none of the descriptors it has open above
 * standard error. Where the system does not list them, nothing changes. */
static int system_close_on_exec(lua_State *L) {
  DIR *directory = opendir("/dev/fd");
  const struct dirent *entry;
  (void)L;
  if (!directory) return 0;
  while ((entry = readdir(directory))) {
    int descriptor = (int)strtol(entry->d_name, NULL, 10);
    if (descriptor > STDERR_FILENO) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
  closedir(directory);
  return 0;
}

/* The names of this machine and of this process, which a fork changes. */
static int system_process(lua_State *L) {
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  lua_pushstring(L, host);
  lua_pushinteger(L, (lua_Integer)getpid());
  return 2;
}

/* Of the libraries as they are loaded. */
static int system_versions(lua_State *L) {
  lua_newtable(L);
  lua_pushstring(L, curl_version_info(CURLVERSION_NOW)->version);
  lua_setfield(L, -2, "libcurl");
  lua_pushstring(L, OpenSSL_version(OPENSSL_VERSION));
  lua_setfield(L, -2, "openssl");
  lua_pushstring(L, cJSON_Version());
  lua_setfield(L, -2, "cjson");
  return 1;
}

int dbtL_open_system(lua_State *L) {
  static const luaL_Reg functions[] = {{"now", system_now},
                                       {"monotonic", system_monotonic},
                                       {"sleep", system_sleep},
                                       {"random", system_random},
                                       {"free_port", system_free_port},
                                       {"yieldable", system_yieldable},
                                       {"terminal", system_terminal},
                                       {"permissions", system_permissions},
                                       {"file_size", system_file_size},
                                       {"write_private", system_write_private},
                                       {"create_file", system_create_file},
                                       {"close_on_exec", system_close_on_exec},
                                       {"process", system_process},
                                       {"versions", system_versions},
                                       {NULL, NULL}};
  lua_newtable(L);
  dbtL_setfuncs(L, functions);
  return 1;
}
