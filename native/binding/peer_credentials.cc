// Who is at the other end of a Unix socket: Node has no word for it.
#include <sys/socket.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "binding/addon.hpp"
#include "binding/values.hpp"

namespace openais {
namespace {

// peerCredentials(fd): { pid, uid, gid } of the process that connected, as they were then.
napi_value peer_credentials(napi_env env, napi_callback_info info) {
  std::size_t count = 1;
  napi_value argument = undefined_value(env);
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr) != napi_ok) return nullptr;
  ValueReader read(env, "peerCredentials");
  const int fd = static_cast<int>(read.integer(argument, "fd", 0, INT_MAX));
  if (!read.ok()) return nullptr;
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    const int error = errno;
    read.fail_as("SA_AIS_ERR_LIBRARY", std::strerror(error));
    return nullptr;
  }
  napi_value credentials = nullptr;
  napi_create_object(env, &credentials);
  napi_set_named_property(env, credentials, "pid", number_value(env, peer.pid));
  napi_set_named_property(env, credentials, "uid", number_value(env, peer.uid));
  napi_set_named_property(env, credentials, "gid", number_value(env, peer.gid));
  return credentials;
}

}  // namespace

napi_status init_peer_credentials(napi_env env, napi_value exports) {
  napi_value function = nullptr;
  const napi_status status =
      napi_create_function(env, "peerCredentials", NAPI_AUTO_LENGTH, peer_credentials, nullptr, &function);
  return status == napi_ok ? napi_set_named_property(env, exports, "peerCredentials", function) : status;
}

}  // namespace openais
