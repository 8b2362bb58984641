// What the core sends, collected until the flush: consecutive datagrams of one size to one destination lie side by side
// and leave in one call. By unicast, what is meant for all goes to each node of the list; our own copy is not needed,
// the core keeps its own.
#pragma once

#include <vector>

#include "core/transmitter.hpp"
#include "io/link_sockets.hpp"
#include "io/udp_sender.hpp"

namespace openais {

class UdpTransmitter : public Transmitter {
 public:
  // The links are indexed as the core's masks are, and outlive the transmitter.
  UdpTransmitter(std::span<const std::unique_ptr<LinkSockets>> links, IoStats& stats);

  std::uint8_t* reserve(std::size_t size) override;
  void commit(const Destination& destination, std::size_t size) override;
  // Hands everything to the kernel, in the order of commit().
  void flush();

  MutableBytes memory() { return arena_; }
  // On every link.
  bool can_segment() const;

 private:
  struct Group {
    Destination to;
    std::size_t offset = 0;
    std::size_t size = 0;
    std::size_t segment = 0;
    std::size_t count = 0;
  };
  struct Link {
    UdpSender sender;
    std::vector<SocketAddress> all;  // where a multicast goes
  };

  static bool takes(const Group& group, const Destination& to, std::size_t size);
  void send(const Group& group);

  std::vector<Link> links_;
  std::vector<std::uint8_t> arena_;
  std::size_t used_ = 0;
  std::vector<Group> groups_;
};

}  // namespace openais
