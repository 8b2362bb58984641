// Packets that a member of the ring did not make, but could have made: authentic, with any contents. Plain text only.
#pragma once

#include "cluster.hpp"
#include "core/token.hpp"

namespace openais::test {

class Forger {
 public:
  // Packets of `node`, whose own counters stay new beside the forged ones for as long as it sends fewer than 2000.
  Forger(const Node& node, const RingId& ring)
      : self_(node.config.self),
        cluster_tag_(node.config.cluster_tag),
        ring_(ring),
        counter_(node.config.first_counter + node.stats().packets_sent + 2000) {}

  std::vector<std::uint8_t> short_packet(PacketType type, Bytes plain) {
    std::vector<std::uint8_t> out(ShortHeader::kSize);
    ShortHeader{type, 0, self_.tag(), static_cast<std::uint32_t>(counter_++), ring_.nonce}.write(out.data());
    out.insert(out.end(), plain.begin(), plain.end());
    return out;
  }

  std::vector<std::uint8_t> long_packet(PacketType type, Bytes plain) {
    std::vector<std::uint8_t> out(LongHeader::kSize);
    LongHeader{type, 0, cluster_tag_, self_, counter_++}.write(out.data());
    out.insert(out.end(), plain.begin(), plain.end());
    return out;
  }

  std::vector<std::uint8_t> packet(PacketType type, Bytes plain) {
    return is_short(type) ? short_packet(type, plain) : long_packet(type, plain);
  }

  std::vector<std::uint8_t> token(const Token& token) {
    std::vector<std::uint8_t> body(Token::kFixedSize + token.requests.size() * Token::kRangeSize);
    write_token(body.data(), token);
    return short_packet(PacketType::kToken, body);
  }

  std::vector<std::uint8_t> data(const DataHeader& header, Bytes payload) {
    std::vector<std::uint8_t> plain(DataHeader::kSize);
    header.write(plain.data());
    plain.insert(plain.end(), payload.begin(), payload.end());
    return short_packet(PacketType::kData, plain);
  }

 private:
  Identity self_;
  std::uint32_t cluster_tag_;
  RingId ring_;
  std::uint64_t counter_;
};

// Hands `datagram` to a node as if it came from another one.
inline void inject(Cluster& cluster, std::size_t from, std::size_t to, std::vector<std::uint8_t> datagram) {
  Node& node = *cluster.nodes[to];
  node.engine->receive(cluster.now, PacketClass::kData, 0, endpoint_of(from), datagram);
  cluster.settle(node);
}

}  // namespace openais::test
