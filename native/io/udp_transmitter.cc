#include "io/udp_transmitter.hpp"

#include <algorithm>

#include "core/limits.hpp"

namespace openais {

static_assert(kArenaBytes >= kMaxDatagram);

UdpTransmitter::UdpTransmitter(std::span<const std::unique_ptr<LinkSockets>> links, IoStats& stats)
    : arena_(kArenaBytes) {
  groups_.reserve(kArenaGroups);
  for (const auto& link : links) {
    std::vector<SocketAddress> all;
    if (link->transport() == Transport::kMulticast) {
      all.push_back(to_socket_address(link->config().group));
    } else {
      for (const Endpoint& receiver : link->config().receivers) all.push_back(to_socket_address(receiver));
    }
    links_.push_back({UdpSender(link->token(), link->can_segment(), stats), std::move(all)});
  }
}

std::uint8_t* UdpTransmitter::reserve(std::size_t size) {
  if (used_ + size > arena_.size()) flush();
  return arena_.data() + used_;
}

bool UdpTransmitter::takes(const Group& group, const Destination& to, std::size_t size) {
  const Destination& its = group.to;
  if (its.multicast != to.multicast || its.links != to.links) return false;
  if (!to.multicast && (its.socket != to.socket || its.to != to.to)) return false;
  // A shorter datagram is the last one of its group.
  const bool is_closed = group.size != group.count * group.segment;
  return !is_closed && size <= group.segment && group.count < kMaxSegments && group.size + size <= kMaxSegmentedBytes;
}

void UdpTransmitter::commit(const Destination& destination, std::size_t size) {
  if (groups_.empty() || !takes(groups_.back(), destination, size)) {
    groups_.push_back({destination, used_, 0, size, 0});
  }
  Group& group = groups_.back();
  group.size += size;
  ++group.count;
  used_ += size;
  if (groups_.size() == kArenaGroups) flush();
}

void UdpTransmitter::flush() {
  if (groups_.empty()) return;
  for (Link& link : links_) link.sender.begin();
  for (const Group& group : groups_) send(group);
  groups_.clear();
  used_ = 0;
}

void UdpTransmitter::send(const Group& group) {
  const MutableBytes bytes(arena_.data() + group.offset, group.size);
  for (std::size_t i = 0; i < links_.size(); ++i) {
    if ((group.to.links & (1u << i)) == 0) continue;
    Link& link = links_[i];
    if (group.to.multicast) {
      for (const SocketAddress& address : link.all) link.sender.send(address, bytes, group.segment);
      continue;
    }
    // A node is known by the socket that its packets come from, which is the one of its tokens.
    const int above = group.to.socket == PacketClass::kData ? 1 : 0;
    const SocketAddress address = to_socket_address(with_port(group.to.to, group.to.to.port + above));
    if (address.size != 0) link.sender.send(address, bytes, group.segment);
  }
}

bool UdpTransmitter::can_segment() const {
  return std::all_of(links_.begin(), links_.end(), [](const Link& link) { return link.sender.can_segment(); });
}

}  // namespace openais
