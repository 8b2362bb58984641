#include "io/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace openais {

SocketAddress to_socket_address(const Endpoint& endpoint) {
  SocketAddress address;
  if (endpoint.family == 4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    std::memcpy(&in.sin_addr, endpoint.address.data(), sizeof in.sin_addr);
    std::memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
  } else if (endpoint.family == 6) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(endpoint.port);
    std::memcpy(&in.sin6_addr, endpoint.address.data(), sizeof in.sin6_addr);
    std::memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
  }
  return address;
}

Endpoint to_endpoint(const sockaddr_storage& storage) {
  Endpoint endpoint;
  if (storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    endpoint.family = 4;
    endpoint.port = ntohs(in.sin_port);
    std::memcpy(endpoint.address.data(), &in.sin_addr, sizeof in.sin_addr);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &storage, sizeof in);
    endpoint.family = 6;
    endpoint.port = ntohs(in.sin6_port);
    std::memcpy(endpoint.address.data(), &in.sin6_addr, sizeof in.sin6_addr);
  }
  return endpoint;
}

bool parse_address(const std::string& text, Endpoint& endpoint) {
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    endpoint.family = 4;
  } else if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
    endpoint.family = 6;
  } else {
    return false;
  }
  endpoint.address = bytes;
  return true;
}

std::string format_endpoint(const Endpoint& endpoint) {
  char text[INET6_ADDRSTRLEN] = "";
  if (endpoint.family != 4 && endpoint.family != 6) return "none";
  const bool is_v6 = endpoint.family == 6;
  inet_ntop(is_v6 ? AF_INET6 : AF_INET, endpoint.address.data(), text, sizeof text);
  const std::string port = std::to_string(endpoint.port);
  return is_v6 ? "[" + std::string(text) + "]:" + port : std::string(text) + ":" + port;
}

bool is_multicast(const Endpoint& endpoint) {
  if (endpoint.family == 4) return (endpoint.address[0] & 0xf0) == 0xe0;
  return endpoint.family == 6 && endpoint.address[0] == 0xff;
}

}  // namespace openais
