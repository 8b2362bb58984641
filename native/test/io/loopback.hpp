// Links on loopback, with ports that nobody uses.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "io/link_sockets.hpp"
#include "io/receiver.hpp"

namespace openais::test {

inline Endpoint endpoint(const std::string& address, int port) {
  Endpoint result;
  REQUIRE(parse_address(address, result));
  return with_port(result, port);
}

// Tests may run beside each other: each process begins to look elsewhere.
inline int next_port() {
  static std::mt19937 random(std::random_device{}());
  return std::uniform_int_distribution<int>(20000, 30000)(random) & ~1;
}

inline LinkConfig link_config(const std::string& address, int port) {
  LinkConfig config;
  config.data = endpoint(address, port);
  config.group = endpoint("239.192.7.1", port);
  return config;
}

// One link for each address, all on the same port.
inline std::vector<std::unique_ptr<LinkSockets>> open_links(const std::vector<std::string>& addresses,
                                                            Transport transport, bool offload = true) {
  std::string error;
  for (int attempt = 0; attempt < 20; ++attempt) {
    const int port = next_port();
    std::vector<std::unique_ptr<LinkSockets>> links;
    for (const std::string& address : addresses) {
      LinkConfig config = link_config(address, port);
      for (const std::string& other : addresses)
        if (other != address) config.receivers.push_back(endpoint(other, port));
      auto link = LinkSockets::open(config, transport, offload, error);
      if (link == nullptr) break;
      links.push_back(std::move(link));
    }
    if (links.size() == addresses.size()) return links;
  }
  FAIL("no links: " << error);
  return {};
}

inline bool wait_readable(int fd, int milliseconds = 1000) {
  pollfd wanted{fd, POLLIN, 0};
  return ::poll(&wanted, 1, milliseconds) > 0;
}

struct Arrived {
  std::vector<std::vector<std::uint8_t>> datagrams;
  std::size_t buffers = 0;
  Endpoint from;
};

// Everything that comes until `count` datagrams are here or a second has passed without any.
inline Arrived receive(int fd, Receiver& receiver, std::size_t count) {
  Arrived arrived;
  while (arrived.datagrams.size() < count && wait_readable(fd)) {
    ReceivedBuffer buffer;
    receiver.begin();
    while (receiver.next(buffer)) {
      ++arrived.buffers;
      arrived.from = buffer.from;
      for (std::size_t at = 0; at < buffer.bytes.size(); at += buffer.segment) {
        const auto part = buffer.bytes.subspan(at, std::min(buffer.segment, buffer.bytes.size() - at));
        arrived.datagrams.emplace_back(part.begin(), part.end());
      }
    }
  }
  return arrived;
}

inline std::vector<std::uint8_t> pattern(std::size_t size, std::uint8_t seed) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(seed + i * 7);
  return bytes;
}

}  // namespace openais::test
