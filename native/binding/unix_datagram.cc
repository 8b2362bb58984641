// A datagram to a Unix socket: Node has no such sockets, and systemd is told that way how a daemon does.
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "binding/addon.hpp"
#include "binding/values.hpp"
#include "io/file_descriptor.hpp"

namespace openais {
namespace {

constexpr std::size_t kDatagramMax = 4096;

// An address that begins with '@' is an abstract one: a name without a file, which a zero byte begins.
socklen_t fill(sockaddr_un& address, const std::string& name) {
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  const bool is_abstract = name.front() == '@';
  if (is_abstract) address.sun_path[0] = '\0';
  // The end of a path is marked by a zero, that of an abstract name by the length.
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + (is_abstract ? 0 : 1));
}

// sendUnixDatagram(address, bytes). Never waits: a receiver that has no room is an error.
napi_value send_unix_datagram(napi_env env, napi_callback_info info) {
  std::size_t count = 2;
  napi_value args[2] = {undefined_value(env), undefined_value(env)};
  if (napi_get_cb_info(env, info, &count, args, nullptr, nullptr) != napi_ok) return nullptr;
  ValueReader read(env, "sendUnixDatagram");
  sockaddr_un address{};
  const std::string name = read.text(args[0], "address", sizeof address.sun_path - 1);
  const Bytes bytes = read.bytes(args[1], "bytes", 1, kDatagramMax);
  if (read.ok() && name.size() < 2) read.fail("address", "a path, or '@' and a name");
  if (!read.ok()) return nullptr;
  const socklen_t size = fill(address, name);
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const bool is_sent = socket.get() >= 0 && ::sendto(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT,
                                                     reinterpret_cast<const sockaddr*>(&address), size) >= 0;
  const int error = errno;
  if (!is_sent) read.fail_as("SA_AIS_ERR_LIBRARY", name + ": " + std::strerror(error));
  return nullptr;
}

}  // namespace

napi_status init_unix_datagram(napi_env env, napi_value exports) {
  napi_value function = nullptr;
  const napi_status status =
      napi_create_function(env, "sendUnixDatagram", NAPI_AUTO_LENGTH, send_unix_datagram, nullptr, &function);
  return status == napi_ok ? napi_set_named_property(env, exports, "sendUnixDatagram", function) : status;
}

}  // namespace openais
