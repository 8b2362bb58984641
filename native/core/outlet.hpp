// Seals packets and hands them to the transmitter: the one place where packet counters are given out.
#pragma once

#include <array>

#include "config.hpp"
#include "packet.hpp"
#include "protection.hpp"
#include "stats.hpp"
#include "transmitter.hpp"

namespace openais {

// What both ends of a ring know and nobody sends: it is authenticated with every packet of the ring.
using RingKnown = std::array<std::uint8_t, 16>;

inline RingKnown ring_known(const RingId& id) {
  RingKnown known;
  Writer(known.data()).ring_id(id);
  return known;
}

class Outlet {
 public:
  Outlet(const EngineConfig& config, Protection& protection, Transmitter& transmitter, Stats& stats)
      : config_(config),
        protection_(protection),
        transmitter_(transmitter),
        stats_(stats),
        counter_(config.first_counter) {}

  void send_short(PacketType type, const RingId& ring, const RingKnown& known, Bytes plain, const Destination& to) {
    const ShortHeader header{type, config_.key_slot, config_.self.tag(), static_cast<std::uint32_t>(counter_),
                             ring.nonce};
    send(header, known, plain, to);
  }

  void send_long(PacketType type, Bytes plain, const Destination& to) {
    const LongHeader header{type, config_.key_slot, config_.cluster_tag, config_.self, counter_};
    send(header, Bytes{}, plain, to);
  }

  std::size_t tag_size() const { return protection_.tag_size(); }
  LinkMask all_links() const { return static_cast<LinkMask>((1u << config_.links) - 1); }

 private:
  template <typename Header>
  void send(const Header& header, Bytes known, Bytes plain, const Destination& to) {
    const std::size_t size = Header::kSize + plain.size() + protection_.tag_size();
    std::uint8_t* out = transmitter_.reserve(size);
    header.write(out);
    if (!protection_.seal(counter_++, Bytes(out, Header::kSize), known, plain, out + Header::kSize)) return;
    transmitter_.commit(to, size);
    ++stats_.packets_sent;
    stats_.bytes_sent += size;
  }

  const EngineConfig& config_;
  Protection& protection_;
  Transmitter& transmitter_;
  Stats& stats_;
  std::uint64_t counter_;
};

}  // namespace openais
