// Endpoints as the kernel wants them, and as people write them.
#pragma once

#include <sys/socket.h>

#include <string>

#include "core/types.hpp"

namespace openais {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Size 0 if the family is neither 4 nor 6.
SocketAddress to_socket_address(const Endpoint& endpoint);
// Family 0 if it is no internet address.
Endpoint to_endpoint(const sockaddr_storage& storage);

// A numeric address; names are not looked up. The port stays as it is.
bool parse_address(const std::string& text, Endpoint& endpoint);
std::string format_endpoint(const Endpoint& endpoint);

bool is_multicast(const Endpoint& endpoint);

inline Endpoint with_port(Endpoint endpoint, int port) {
  endpoint.port = static_cast<std::uint16_t>(port);
  return endpoint;
}

}  // namespace openais
